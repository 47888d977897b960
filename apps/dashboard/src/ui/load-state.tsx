import type { ReactNode } from 'react';
import { problemOf } from '../api/api-result.ts';
import { Button } from './button.tsx';
import { ProblemNote } from './problem-note.tsx';

interface LoadStateProps<T> {
  readonly query: {
    readonly data: T | undefined;
    readonly error: unknown;
    readonly refetch: () => unknown;
  };
  readonly children: (data: T) => ReactNode;
}

/** What was read, or that it is being read, or why it cannot be. Old data stays when a renewal fails. */
export function LoadState<T>({ query, children }: LoadStateProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error !== null) {
    return (
      <ProblemNote problem={problemOf(query.error)} className="mx-6 mt-6 max-w-2xl">
        <Button className="mt-2" onClick={() => query.refetch()}>
          Try again
        </Button>
      </ProblemNote>
    );
  }
  return (
    <div role="status" aria-label="Loading" className="flex flex-col gap-px pt-9">
      {['w-2/5', 'w-1/2', 'w-1/3'].map((width) => (
        <div key={width} className="flex h-11 items-center border-b px-6">
          <div className={`h-2.5 rounded-full bg-hover motion-safe:animate-pulse ${width}`} />
        </div>
      ))}
    </div>
  );
}
