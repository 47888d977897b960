import { type ReactNode, useId } from 'react';
import { classNames } from './class-names.ts';

/** One of a few, all in view; arrow keys move as in any group of radio buttons. */
export function Segmented<T extends string>(props: {
  readonly legend: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: ReactNode; readonly testId?: string }[];
  readonly onValue: (value: T) => void;
  readonly className?: string;
}) {
  const name = useId();
  return (
    <fieldset
      className={classNames('flex rounded-md border border-line-strong bg-bg p-0.5', props.className)}
    >
      <legend className="sr-only">{props.legend}</legend>
      {props.options.map((option) => (
        <label
          key={option.value}
          className="flex h-7 flex-1 cursor-pointer items-center justify-center rounded-sm px-3 text-sm whitespace-nowrap text-muted hover:text-text has-checked:bg-hover has-checked:font-medium has-checked:text-text has-focus-visible:outline-2 has-focus-visible:outline-accent"
        >
          <input
            type="radio"
            name={name}
            className="sr-only"
            data-testid={option.testId}
            checked={props.value === option.value}
            onChange={() => props.onValue(option.value)}
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}
