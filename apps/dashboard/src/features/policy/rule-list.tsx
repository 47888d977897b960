import type { PolicyRule } from '@vedette/contracts';
import { ListChecks } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { EmptyState } from '../../ui/empty-state.tsx';
import type { PolicyNames } from './policy-words.ts';
import { RuleCard } from './rule-card.tsx';

/** The rules in their order; one is moved by its buttons, or by Alt and an arrow while it has the focus. */
export function RuleList(props: {
  readonly rules: readonly PolicyRule[];
  readonly names: PolicyNames;
  readonly mayChange: boolean;
  readonly onSwitch: (rule: PolicyRule, enabled: boolean) => void;
  readonly onMove: (index: number, by: -1 | 1) => void;
  readonly onEdit: (rule: PolicyRule) => void;
  readonly onDelete: (rule: PolicyRule) => void;
}) {
  const { rules } = props;
  const list = useRef<HTMLOListElement>(null);
  // A row that changes its place loses the focus; it gets it back on the same button.
  const focused = useRef<HTMLElement | undefined>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: after each change of the order
  useEffect(() => {
    const element = focused.current;
    focused.current = undefined;
    if (element === undefined || !list.current?.contains(element)) return;
    if (element.matches(':disabled')) element.closest('li')?.focus();
    else element.focus();
  }, [rules]);
  if (rules.length === 0)
    return (
      <EmptyState icon={ListChecks} title="No rules">
        <p>Whoever may watch a camera gets its large stream by WebRTC, or else by HLS.</p>
      </EmptyState>
    );
  return (
    <ol ref={list} className="flex flex-col gap-2" data-testid="rules">
      {rules.map((rule, index) => (
        <RuleCard
          key={rule.id}
          rule={rule}
          index={index}
          count={rules.length}
          names={props.names}
          mayChange={props.mayChange}
          onSwitch={(enabled) => props.onSwitch(rule, enabled)}
          onMove={(by) => {
            if (index + by < 0 || index + by >= rules.length) return;
            focused.current =
              document.activeElement instanceof HTMLElement ? document.activeElement : undefined;
            props.onMove(index, by);
          }}
          onEdit={() => props.onEdit(rule)}
          onDelete={() => props.onDelete(rule)}
        />
      ))}
    </ol>
  );
}
