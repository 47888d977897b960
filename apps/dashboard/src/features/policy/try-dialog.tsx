import type { PolicyRule, PolicyTryAnswer, Problem } from '@vedette/contracts';
import { type FormEvent, useId, useState } from 'react';
import { fieldErrors } from '../../api/field-errors.ts';
import { useApi } from '../../api/services.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import type { PolicyNames } from './policy-words.ts';
import { TryAnswer } from './try-answer.tsx';
import { TryFields } from './try-fields.tsx';
import { EMPTY_TRY, type TryForm, tryRequestOf } from './try-form.ts';

/** Asks control what it would answer to a start, without starting anything, and shows why. */
export function TryDialog(props: {
  /** Those being changed; undefined asks those in force. */
  readonly rules: readonly PolicyRule[] | undefined;
  readonly names: PolicyNames;
  readonly onClose: () => void;
}) {
  const api = useApi();
  const formId = useId();
  const [form, setForm] = useState<TryForm>(EMPTY_TRY);
  const [answer, setAnswer] = useState<PolicyTryAnswer>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [hasNoCamera, setNoCamera] = useState(false);
  const ask = async (event: FormEvent) => {
    event.preventDefault();
    const request = tryRequestOf(form, props.rules);
    setNoCamera(request === undefined);
    if (busy || request === undefined) return;
    setBusy(true);
    const result = await api.rules.tryPolicy(request);
    setBusy(false);
    setProblem(result.ok ? undefined : result.problem);
    setAnswer(result.ok ? result.value : undefined);
  };
  return (
    <Dialog
      title="What would happen if"
      shape="wide"
      onClose={props.onClose}
      testId="try"
      footer={
        <>
          <p className="mr-auto text-xs text-faint">
            {props.rules === undefined
              ? 'Asked of the rules in force.'
              : 'Asked of the rules that you are changing.'}{' '}
            Nothing is started.
          </p>
          <Button kind="quiet" onClick={props.onClose}>
            Close
          </Button>
          <Button kind="primary" type="submit" form={formId} busy={busy} data-testid="try-ask">
            Ask
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={(event) => void ask(event)} noValidate>
        <TryFields
          form={form}
          errors={fieldErrors(problem)}
          hasNoCamera={hasNoCamera && form.camera === undefined}
          onChange={(part) => {
            setForm((old) => ({ ...old, ...part }));
            setAnswer(undefined);
          }}
        />
      </form>
      <div aria-live="polite">
        {problem !== undefined && <ProblemNote problem={problem} />}
        {answer !== undefined && <TryAnswer answer={answer} names={props.names} />}
      </div>
    </Dialog>
  );
}
