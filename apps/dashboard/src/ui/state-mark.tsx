import { classNames } from './class-names.ts';

export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'none';
export type MarkShape = 'dot' | 'ring' | 'turning' | 'cross' | 'dashed' | 'triangle' | 'barred';

const COLOURS: Readonly<Record<Tone, string>> = {
  good: 'text-good',
  busy: 'text-busy',
  warn: 'text-warn',
  bad: 'text-bad',
  none: 'text-faint',
};

/** A state as a small drawing: each has a shape of its own, so that colour is never the only difference. */
export function StateMark(props: {
  readonly shape: MarkShape;
  readonly tone: Tone;
  readonly className?: string;
}) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 12 12"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
      className={classNames(
        'shrink-0',
        COLOURS[props.tone],
        props.shape === 'turning' && 'motion-safe:animate-spin',
        props.className ?? 'size-3',
      )}
    >
      <Drawing shape={props.shape} />
    </svg>
  );
}

function Drawing({ shape }: { readonly shape: MarkShape }) {
  switch (shape) {
    case 'dot':
      return <circle cx="6" cy="6" r="3.5" fill="currentColor" stroke="none" />;
    case 'ring':
      return <circle cx="6" cy="6" r="3.25" />;
    case 'turning':
      return <path d="M6 1.75a4.25 4.25 0 1 1-4.25 4.25" />;
    case 'cross':
      return <path d="m2.75 2.75 6.5 6.5m0-6.5-6.5 6.5" />;
    case 'dashed':
      return <circle cx="6" cy="6" r="4" strokeDasharray="2 2.2" />;
    case 'triangle':
      return <path d="M6 1.75 11 10.25H1z" />;
    case 'barred':
      return <path d="M6 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM3 9l6-6" />;
  }
}
