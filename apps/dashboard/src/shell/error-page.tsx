import { CircleAlert } from 'lucide-react';
import { problemOf } from '../api/api-result.ts';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ProblemCode } from '../ui/problem-note.tsx';

/** A page that broke; the bar around it goes on working. */
export function ErrorPage({ error, reset }: { readonly error: unknown; readonly reset: () => void }) {
  const problem = problemOf(error);
  return (
    <EmptyState
      icon={CircleAlert}
      title={problem.title}
      testId="error-page"
      action={
        <>
          <Button kind="primary" onClick={reset}>
            Try again
          </Button>
          <Button onClick={() => location.reload()}>Reload the page</Button>
        </>
      }
    >
      <p>{problem.detail}</p>
      <ProblemCode problem={problem} />
    </EmptyState>
  );
}
