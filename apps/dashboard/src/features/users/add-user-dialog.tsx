import type { Grant, Problem, Role, TenantId, UserView } from '@vedette/contracts';
import { type FormEvent, useRef, useState } from 'react';
import { fieldErrors, isFieldProblem } from '../../api/field-errors.ts';
import { useApi } from '../../api/services.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { useFocusInvalid } from '../../ui/use-focus-invalid.ts';
import { EVERY_CAMERA } from './every-camera.ts';
import { GrantsEditor } from './grants-editor.tsx';
import { ROLES, seesEveryCamera } from './roles.ts';

const FIELDS = ['name', 'password', 'role'] as const;

/** Adds a person, with what they may do and which cameras they see. */
export function AddUserDialog(props: {
  /** Another tenant than one's own: then it is that one's first administrator. */
  readonly tenant?: { readonly id: TenantId; readonly name: string };
  readonly onClose: () => void;
  readonly onAdded: (user: UserView) => void;
}) {
  const api = useApi();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const { tenant } = props;
  const [role, setRole] = useState<Role>(tenant === undefined ? 'operator' : 'admin');
  const [grants, setGrants] = useState<readonly Grant[]>(EVERY_CAMERA);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const errors = fieldErrors(problem);
  const element = useRef<HTMLFormElement>(null);
  useFocusInvalid(element, problem);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const result = await api.addUser({
      name: name.trim(),
      password,
      role,
      ...(seesEveryCamera(role) ? {} : { grants: [...grants] }),
      ...(tenant === undefined ? {} : { tenantId: tenant.id }),
    });
    setBusy(false);
    if (result.ok) props.onAdded(result.value);
    else setProblem(result.problem);
  };
  return (
    <Dialog
      title={tenant === undefined ? 'Add person' : `Add an administrator of ${tenant.name}`}
      onClose={props.onClose}
      keepOpen
      testId="user-form"
      footer={
        <>
          <Button kind="quiet" onClick={props.onClose}>
            Cancel
          </Button>
          <Button kind="primary" type="submit" form="user-form" busy={busy} data-testid="user-save">
            {tenant === undefined ? 'Add person' : 'Add administrator'}
          </Button>
        </>
      }
    >
      <form ref={element} id="user-form" onSubmit={(event) => void save(event)} noValidate>
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
        {tenant === undefined && (
          <>
            <SelectField
              label="Role"
              value={role}
              onValue={setRole}
              options={ROLES}
              hint={ROLES.find(({ value }) => value === role)?.may}
              error={errors.get('role')}
              testId="user-role"
            />
            <p className="mb-1 text-xs font-medium text-muted">Cameras</p>
            <GrantsEditor role={role} grants={grants} errors={errors} onChange={setGrants} />
          </>
        )}
        {problem !== undefined && !isFieldProblem(problem, FIELDS) && (
          <ProblemNote problem={problem} className="mt-3" />
        )}
      </form>
    </Dialog>
  );
}
