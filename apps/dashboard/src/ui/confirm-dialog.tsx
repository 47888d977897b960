import type { Problem } from '@vedette/contracts';
import { type ReactNode, useState } from 'react';
import type { ApiResult } from '../api/api-result.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { ProblemNote } from './problem-note.tsx';

/** Asks before something that cannot be taken back; stays open with the problem when it fails. */
export function ConfirmDialog(props: {
  readonly title: string;
  readonly children: ReactNode;
  readonly action: string;
  readonly run: () => Promise<ApiResult<unknown>>;
  readonly onDone: () => void;
  readonly onCancel: () => void;
}) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const confirm = async () => {
    setBusy(true);
    const result = await props.run();
    setBusy(false);
    if (result.ok) props.onDone();
    else setProblem(result.problem);
  };
  return (
    <Dialog
      title={props.title}
      onClose={props.onCancel}
      testId="confirm"
      footer={
        <>
          <Button kind="quiet" onClick={props.onCancel}>
            Cancel
          </Button>
          <Button kind="danger" busy={busy} onClick={() => void confirm()} data-testid="confirm-action">
            {props.action}
          </Button>
        </>
      }
    >
      <div className="text-muted">{props.children}</div>
      {problem !== undefined && <ProblemNote problem={problem} className="mt-4" />}
    </Dialog>
  );
}
