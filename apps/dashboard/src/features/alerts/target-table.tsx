import type { AlertTargetView } from '@vedette/contracts';
import { useState } from 'react';
import { useApi } from '../../api/services.ts';
import { useToasts } from '../../shell/chrome.ts';
import { Button } from '../../ui/button.tsx';
import { Cell, HeadCell, Table } from '../../ui/table.tsx';
import { destinationWords, eventsWords } from './alert-words.ts';

interface TargetTableProps {
  readonly targets: readonly AlertTargetView[];
  readonly onSwitch: (target: AlertTargetView, enabled: boolean) => void;
  readonly onEdit: (target: AlertTargetView) => void;
  readonly onDelete: (target: AlertTargetView) => void;
}

export function TargetTable({ onDelete, onEdit, onSwitch, targets }: TargetTableProps) {
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell>Name</HeadCell>
          <HeadCell>Where</HeadCell>
          <HeadCell className="w-1/3">Told of</HeadCell>
          <HeadCell>On</HeadCell>
          <HeadCell>
            <span className="sr-only">Actions</span>
          </HeadCell>
        </tr>
      </thead>
      <tbody>
        {targets.map((target) => (
          <tr key={target.id} data-testid={`target-${target.name}`} className="hover:bg-hover">
            <Cell className="font-medium">{target.name}</Cell>
            <Cell className="max-w-72 truncate font-mono text-xs text-muted">{destinationWords(target)}</Cell>
            <Cell className="py-2 whitespace-normal text-muted">{eventsWords(target.events)}</Cell>
            <Cell>
              <input
                type="checkbox"
                aria-label={`${target.name} is on`}
                className="size-4 accent-accent"
                checked={target.enabled}
                onChange={(event) => onSwitch(target, event.target.checked)}
              />
            </Cell>
            <Cell numeric>
              <TestButton target={target} />
              <Button
                kind="quiet"
                className="h-7"
                aria-label={`Edit ${target.name}`}
                onClick={() => onEdit(target)}
              >
                Edit
              </Button>
              <Button
                kind="quiet"
                className="h-7"
                aria-label={`Delete ${target.name}`}
                onClick={() => onDelete(target)}
              >
                Delete
              </Button>
            </Cell>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

/** Sends one now, and says whether it has arrived. */
function TestButton({ target }: { readonly target: AlertTargetView }) {
  const api = useApi();
  const toasts = useToasts();
  const [busy, setBusy] = useState(false);
  const test = async () => {
    setBusy(true);
    const result = await api.alerts.testTarget(target.id);
    setBusy(false);
    if (!result.ok) toasts.problem(result.problem);
    else if (result.value.delivered) toasts.done(`${target.name}: the test has arrived.`);
    else
      toasts.problem({
        type: 'about:blank',
        title: `${target.name}: the test has not arrived`,
        status: 0,
        detail: result.value.detail,
        code: 'unavailable',
      });
  };
  return (
    <Button
      kind="quiet"
      className="h-7"
      busy={busy}
      aria-label={`Send a test to ${target.name}`}
      onClick={() => void test()}
    >
      Test
    </Button>
  );
}
