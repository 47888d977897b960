import type { Problem, UserView } from '@vedette/contracts';
import { type FormEvent, useState } from 'react';
import { fieldErrors, isFieldProblem } from '../../api/field-errors.ts';
import { useApi } from '../../api/services.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';

/** A new password for somebody else, who is signed out by it. */
export function SetPasswordDialog(props: {
  readonly user: UserView;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}) {
  const api = useApi();
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const result = await api.changeUser(props.user.id, { password });
    setBusy(false);
    if (result.ok) props.onSaved();
    else setProblem(result.problem);
  };
  return (
    <Dialog
      title={`New password for ${props.user.name}`}
      onClose={props.onClose}
      keepOpen
      footer={
        <>
          <Button kind="quiet" onClick={props.onClose}>
            Cancel
          </Button>
          <Button kind="primary" type="submit" form="set-password-form" busy={busy}>
            Set password
          </Button>
        </>
      }
    >
      <form id="set-password-form" onSubmit={(event) => void save(event)} noValidate>
        <TextField
          label="Password"
          type="password"
          autoComplete="new-password"
          data-first-focus
          value={password}
          onValue={setPassword}
          hint="At least 10 characters. The user is signed out everywhere."
          error={fieldErrors(problem).get('password')}
        />
        {problem !== undefined && !isFieldProblem(problem, ['password']) && <ProblemNote problem={problem} />}
      </form>
    </Dialog>
  );
}
