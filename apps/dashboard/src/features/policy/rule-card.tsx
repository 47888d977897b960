import type { PolicyRule } from '@vedette/contracts';
import { ArrowDown, ArrowUp, Pencil, Trash2 } from 'lucide-react';
import { IconButton } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { conditionWords, outcomeWords, type PolicyNames } from './policy-words.ts';

/** One rule: when it applies, what it gives, and why. */
export function RuleCard(props: {
  readonly rule: PolicyRule;
  readonly index: number;
  readonly count: number;
  readonly names: PolicyNames;
  readonly mayChange: boolean;
  readonly onSwitch: (enabled: boolean) => void;
  readonly onMove: (by: -1 | 1) => void;
  readonly onEdit: () => void;
  readonly onDelete: () => void;
}) {
  const { index, mayChange, onMove, rule } = props;
  return (
    <li
      data-testid={`rule-${rule.id}`}
      data-enabled={rule.enabled}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (!mayChange || !event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
        event.preventDefault();
        onMove(event.key === 'ArrowUp' ? -1 : 1);
      }}
      className={classNames(
        'grid grid-cols-[1.5rem_1fr_auto] gap-x-3 rounded-lg border bg-surface px-4 py-3',
        !rule.enabled && 'border-dashed',
      )}
    >
      <span aria-hidden className="text-right text-faint">
        {index + 1}
      </span>
      <div className={classNames('min-w-0', !rule.enabled && 'text-faint')}>
        <h2 className="font-semibold">
          {rule.name}
          {!rule.enabled && <span className="ml-2 font-normal text-warn">switched off</span>}
        </h2>
        <dl className="mt-1 grid grid-cols-[3.5rem_1fr] gap-x-2 gap-y-0.5">
          <dt className="text-faint">When</dt>
          <dd>{conditionWords(rule.when, props.names)}</dd>
          <dt className="text-faint">Then</dt>
          <dd className={rule.give.deny === true && rule.enabled ? 'font-medium text-bad' : ''}>
            {outcomeWords(rule.give).join('; ')}
          </dd>
          <dt className="text-faint">Because</dt>
          <dd className={rule.enabled ? 'text-muted' : ''}>{rule.reason}</dd>
        </dl>
      </div>
      <div className="flex items-start gap-1">
        {mayChange && (
          <>
            <label className="flex h-8 cursor-pointer items-center gap-1.5 px-2 text-muted">
              <input
                type="checkbox"
                className="size-4 accent-accent"
                checked={rule.enabled}
                aria-label={`${rule.name} is on`}
                onChange={(event) => props.onSwitch(event.target.checked)}
                data-testid={`rule-on-${rule.id}`}
              />
              On
            </label>
            <IconButton
              label={`Move ${rule.name} up`}
              icon={ArrowUp}
              shortcut="Alt ↑"
              disabled={index === 0}
              onClick={() => onMove(-1)}
              data-testid={`rule-up-${rule.id}`}
            />
            <IconButton
              label={`Move ${rule.name} down`}
              icon={ArrowDown}
              shortcut="Alt ↓"
              disabled={index === props.count - 1}
              onClick={() => onMove(1)}
              data-testid={`rule-down-${rule.id}`}
            />
            <IconButton
              label={`Edit ${rule.name}`}
              icon={Pencil}
              onClick={props.onEdit}
              data-testid={`rule-edit-${rule.id}`}
            />
            <IconButton
              label={`Delete ${rule.name}`}
              icon={Trash2}
              onClick={props.onDelete}
              data-testid={`rule-delete-${rule.id}`}
            />
          </>
        )}
      </div>
    </li>
  );
}
