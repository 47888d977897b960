import { useId } from 'react';

/** A rule as it is kept, for those who like it, and for conditions that no form has. */
export function RuleJson(props: {
  readonly text: string;
  readonly errors: ReadonlyMap<string, string>;
  /** Right, but of a shape that the form cannot show. */
  readonly isNested: boolean;
  readonly onText: (text: string) => void;
}) {
  const id = useId();
  return (
    <>
      <label htmlFor={id} className="mb-1 block text-xs font-medium text-muted">
        The rule as JSON
      </label>
      <textarea
        id={id}
        rows={18}
        spellCheck={false}
        value={props.text}
        onChange={(event) => props.onText(event.target.value)}
        aria-invalid={props.errors.size > 0 || undefined}
        aria-describedby={`${id}-note`}
        className="w-full resize-y rounded-md border border-field-line bg-bg px-2.5 py-1.5 font-mono text-xs leading-5 text-text aria-invalid:border-bad"
        data-testid="rule-text"
      />
      <div id={`${id}-note`} className="mt-1 text-xs">
        {[...props.errors].map(([path, message]) => (
          <p key={path} className="text-bad">
            {path !== '' && <span className="font-mono">{path}: </span>}
            {message}
          </p>
        ))}
        {props.isNested && (
          <p className="text-faint">Conditions within conditions have no form; they are written here.</p>
        )}
      </div>
    </>
  );
}
