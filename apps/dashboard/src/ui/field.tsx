import { type ComponentProps, type ReactNode, useId } from 'react';
import { classNames } from './class-names.ts';

const CONTROL =
  'h-9 w-full rounded-md border border-field-line bg-bg px-2.5 text-base text-text placeholder:text-faint hover:border-muted aria-invalid:border-bad disabled:opacity-60';

interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
  readonly className?: string | undefined;
}

interface Wiring {
  readonly id: string;
  readonly 'aria-invalid': true | undefined;
  readonly 'aria-describedby': string | undefined;
}

/** Label above, control, then the error or else the hint: one line is always kept for it, so nothing jumps. */
function Field(props: FieldProps & { readonly render: (wiring: Wiring) => ReactNode }) {
  const id = useId();
  const noteId = `${id}-note`;
  const note = props.error ?? props.hint;
  return (
    <div className={classNames('min-w-0 pb-1.5', props.className)}>
      <label htmlFor={id} className="mb-1 block text-xs font-medium text-muted">
        {props.label}
      </label>
      {props.render({
        id,
        'aria-invalid': props.error === undefined ? undefined : true,
        'aria-describedby': note === undefined ? undefined : noteId,
      })}
      <p
        id={noteId}
        className={classNames(
          'mt-1 min-h-4.5 text-xs',
          props.error === undefined ? 'text-faint' : 'text-bad',
        )}
      >
        {note}
      </p>
    </div>
  );
}

type TextFieldProps = FieldProps &
  Omit<ComponentProps<'input'>, 'onChange' | 'className' | 'id'> & {
    readonly onValue: (value: string) => void;
    readonly mono?: boolean;
  };

export function TextField({ label, hint, error, className, onValue, mono, ...input }: TextFieldProps) {
  return (
    <Field
      label={label}
      hint={hint}
      error={error}
      className={className}
      render={(wiring) => (
        <input
          {...input}
          {...wiring}
          onChange={(event) => onValue(event.target.value)}
          className={classNames(CONTROL, mono === true && 'font-mono text-sm')}
        />
      )}
    />
  );
}

type SelectFieldProps<T extends string> = FieldProps & {
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly onValue: (value: T) => void;
  readonly testId?: string;
};

export function SelectField<T extends string>(props: SelectFieldProps<T>) {
  return (
    <Field
      label={props.label}
      hint={props.hint}
      error={props.error}
      className={props.className}
      render={(wiring) => (
        <select
          {...wiring}
          value={props.value}
          data-testid={props.testId}
          onChange={(event) => {
            const chosen = props.options.find(({ value }) => value === event.target.value);
            if (chosen !== undefined) props.onValue(chosen.value);
          }}
          className={CONTROL}
        >
          {props.options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    />
  );
}
