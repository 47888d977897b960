import type { Problem } from '@vedette/contracts';
import { type FormEvent, type ReactNode, useId, useRef, useState } from 'react';
import type { ApiResult } from '../api/api-result.ts';
import { fieldErrors, isFieldProblem } from '../api/field-errors.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { ProblemNote } from './problem-note.tsx';
import { useFocusInvalid } from './use-focus-invalid.ts';

/** A small form that adds or changes one thing; stays open with the problem when that fails. */
export function EditDialog<T>(props: {
  readonly title: string;
  readonly action: string;
  /** Paths of problem.fields that the form shows. */
  readonly fields: readonly string[];
  readonly save: () => Promise<ApiResult<T>>;
  readonly onSaved: (saved: T) => void;
  readonly onClose: () => void;
  readonly testId: string;
  readonly children: (errors: ReadonlyMap<string, string>) => ReactNode;
}) {
  const id = useId();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const element = useRef<HTMLFormElement>(null);
  useFocusInvalid(element, problem);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const result = await props.save();
    setBusy(false);
    if (result.ok) props.onSaved(result.value);
    else setProblem(result.problem);
  };
  return (
    <Dialog
      title={props.title}
      onClose={props.onClose}
      keepOpen
      testId={props.testId}
      footer={
        <>
          <Button kind="quiet" onClick={props.onClose}>
            Cancel
          </Button>
          <Button kind="primary" type="submit" form={id} busy={busy} data-testid={`${props.testId}-save`}>
            {props.action}
          </Button>
        </>
      }
    >
      <form ref={element} id={id} onSubmit={(event) => void save(event)} noValidate>
        {props.children(fieldErrors(problem))}
        {problem !== undefined && !isFieldProblem(problem, props.fields) && (
          <ProblemNote problem={problem} className="mt-2" />
        )}
      </form>
    </Dialog>
  );
}
