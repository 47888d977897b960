import { useId } from 'react';
import { CAMERA_KINDS, type CameraKind, kindWords } from './camera-kinds.ts';

/** What is added, all kinds in view; arrow keys move as in any group of radio buttons. */
export function KindChoice(props: {
  readonly value: CameraKind;
  readonly onValue: (kind: CameraKind) => void;
  /** A camera that becomes an encoder would get a password that nobody is told. */
  readonly withEncoder: boolean;
}) {
  const name = useId();
  const kinds = CAMERA_KINDS.filter(({ kind }) => props.withEncoder || kind !== 'publish');
  return (
    <div className="mt-0.5 mb-4">
      <fieldset className="grid grid-cols-2 gap-1.5 sm:grid-cols-3">
        <legend className="mb-1 text-xs font-medium text-muted">What it is</legend>
        {kinds.map(({ icon: Icon, kind, label }) => (
          <label
            key={kind}
            className="flex h-9 cursor-pointer items-center gap-2 rounded-md border border-line-strong px-2.5 text-sm text-muted hover:bg-hover hover:text-text has-checked:border-accent has-checked:bg-accent-soft has-checked:font-medium has-checked:text-text has-focus-visible:outline-2 has-focus-visible:outline-accent"
          >
            <input
              type="radio"
              name={name}
              className="sr-only"
              data-testid={`camera-kind-${kind}`}
              checked={props.value === kind}
              onChange={() => props.onValue(kind)}
            />
            <Icon aria-hidden className="size-4 shrink-0" strokeWidth={1.75} />
            <span className="truncate">{label}</span>
          </label>
        ))}
      </fieldset>
      <p className="mt-1.5 min-h-9 text-xs text-faint">{kindWords(props.value).help}</p>
    </div>
  );
}
