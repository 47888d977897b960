import type { Problem } from '@vedette/contracts';
import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

/** A problem where it arose: what went wrong, what to do about it, and the code to quote. */
export function ProblemNote(props: {
  readonly problem: Problem;
  readonly className?: string;
  readonly children?: ReactNode;
}) {
  const { problem } = props;
  return (
    <div
      role="alert"
      data-testid="problem"
      data-code={problem.code}
      className={classNames(
        'flex gap-2.5 rounded-md border border-bad/50 bg-bad-soft px-3 py-2.5',
        props.className,
      )}
    >
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" strokeWidth={1.75} />
      <div className="min-w-0 flex-1">
        <p className="font-medium text-text">{problem.title}</p>
        <p className="text-muted">{problem.detail}</p>
        <ProblemCode problem={problem} />
        {props.children}
      </div>
    </div>
  );
}

export function ProblemCode({ problem }: { readonly problem: Problem }) {
  return (
    <p className="mt-1 font-mono text-2xs text-faint">
      {problem.code}
      {problem.requestId !== undefined && ` · request ${problem.requestId}`}
    </p>
  );
}
