import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

/** A check box with its label beside it, and what follows from it below. */
export function CheckRow(props: {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly checked: boolean;
  readonly disabled?: boolean;
  readonly onChecked: (checked: boolean) => void;
  readonly className?: string;
  readonly testId?: string;
}) {
  return (
    <label
      className={classNames(
        'flex items-start gap-2.5 py-1',
        props.disabled === true ? 'text-faint' : 'cursor-pointer',
        props.className,
      )}
    >
      <input
        type="checkbox"
        className="mt-0.5 size-4 shrink-0 accent-accent"
        checked={props.checked}
        disabled={props.disabled}
        onChange={(event) => props.onChecked(event.target.checked)}
        data-testid={props.testId}
      />
      <span className="min-w-0">
        {props.label}
        {props.hint !== undefined && <span className="block text-xs text-faint">{props.hint}</span>}
      </span>
    </label>
  );
}
