import type { Problem, Role, UserView } from '@vedette/contracts';
import { type FormEvent, useState } from 'react';
import { fieldErrors, isFieldProblem } from '../../api/field-errors.ts';
import { useApi } from '../../api/services.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { ROLES } from './roles.ts';

const FIELDS = ['name', 'password', 'role'] as const;

export function AddUserDialog(props: {
  readonly onClose: () => void;
  readonly onAdded: (user: UserView) => void;
}) {
  const api = useApi();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [role, setRole] = useState<Role>('operator');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const errors = fieldErrors(problem);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const result = await api.addUser({ name: name.trim(), password, role });
    setBusy(false);
    if (result.ok) props.onAdded(result.value);
    else setProblem(result.problem);
  };
  return (
    <Dialog
      title="Add user"
      onClose={props.onClose}
      keepOpen
      testId="user-form"
      footer={
        <>
          <Button kind="quiet" onClick={props.onClose}>
            Cancel
          </Button>
          <Button kind="primary" type="submit" form="user-form" busy={busy} data-testid="user-save">
            Add user
          </Button>
        </>
      }
    >
      <form id="user-form" onSubmit={(event) => void save(event)} noValidate>
        <TextField
          label="Name"
          data-first-focus
          autoComplete="off"
          spellCheck={false}
          value={name}
          onValue={setName}
          error={errors.get('name')}
          data-testid="user-name"
        />
        <TextField
          label="Password"
          type="password"
          autoComplete="new-password"
          value={password}
          onValue={setPassword}
          hint="At least 10 characters."
          error={errors.get('password')}
          data-testid="user-password"
        />
        <SelectField
          label="Role"
          value={role}
          onValue={setRole}
          options={ROLES}
          hint={ROLES.find(({ value }) => value === role)?.may}
          error={errors.get('role')}
          testId="user-role"
        />
        {problem !== undefined && !isFieldProblem(problem, FIELDS) && <ProblemNote problem={problem} />}
      </form>
    </Dialog>
  );
}
