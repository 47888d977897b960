import type { Problem } from '@vedette/contracts';
import { type FormEvent, useState } from 'react';
import { fieldErrors, isFieldProblem } from '../api/field-errors.ts';
import { useApi } from '../api/services.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { useToasts } from './chrome.ts';

const FIELDS = ['currentPassword', 'newPassword'] as const;

/** My own password; my other browsers are signed out by it. */
export function PasswordDialog({ onClose }: { readonly onClose: () => void }) {
  const api = useApi();
  const toasts = useToasts();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const errors = fieldErrors(problem);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const result = await api.changeOwnPassword(current, next);
    setBusy(false);
    if (!result.ok) {
      setProblem(result.problem);
      return;
    }
    toasts.done('Password changed. Your other browsers are signed out.');
    onClose();
  };
  return (
    <Dialog
      title="Change password"
      onClose={onClose}
      keepOpen
      footer={
        <>
          <Button kind="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button kind="primary" type="submit" form="password-form" busy={busy}>
            Change password
          </Button>
        </>
      }
    >
      <form id="password-form" onSubmit={(event) => void save(event)} className="flex flex-col gap-2">
        <TextField
          label="Password now"
          type="password"
          autoComplete="current-password"
          required
          data-first-focus
          value={current}
          onValue={setCurrent}
          error={errors.get('currentPassword')}
        />
        <TextField
          label="New password"
          type="password"
          autoComplete="new-password"
          required
          minLength={10}
          value={next}
          onValue={setNext}
          hint="At least 10 characters."
          error={errors.get('newPassword')}
        />
        {problem !== undefined && !isFieldProblem(problem, FIELDS) && <ProblemNote problem={problem} />}
      </form>
    </Dialog>
  );
}
