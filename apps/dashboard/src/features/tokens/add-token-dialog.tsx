import type { ApiTokenCreated, Grant, Problem, Role } from '@vedette/contracts';
import { type FormEvent, useState } from 'react';
import { fieldErrors, isFieldProblem } from '../../api/field-errors.ts';
import { useApi } from '../../api/services.ts';
import { Button } from '../../ui/button.tsx';
import { CheckRow } from '../../ui/check-row.tsx';
import { CopyLine } from '../../ui/copy-line.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { EVERY_CAMERA } from '../users/every-camera.ts';
import { GrantsEditor } from '../users/grants-editor.tsx';
import { ROLES, seesEveryCamera } from '../users/roles.ts';
import { scopesOf } from './token-scopes.ts';

const FIELDS = ['name', 'role', 'scopes'] as const;
const EXPIRIES = [
  { value: '30', label: 'in 30 days' },
  { value: '90', label: 'in 90 days' },
  { value: '365', label: 'in a year' },
  { value: '', label: 'never' },
] as const;

/** Makes a key for a program and tells its secret, once. */
export function AddTokenDialog(props: { readonly onMade: () => void; readonly onClose: () => void }) {
  const api = useApi();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [grants, setGrants] = useState<readonly Grant[]>(EVERY_CAMERA);
  const [isCut, setCut] = useState(false);
  const [scopes, setScopes] = useState<readonly string[]>([]);
  const [expiry, setExpiry] = useState<(typeof EXPIRIES)[number]['value']>('90');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [made, setMade] = useState<ApiTokenCreated>();
  const errors = fieldErrors(problem);
  const offered = scopesOf(role);
  const chosen = offered.filter((scope) => scopes.includes(scope.name)).map((scope) => scope.name);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const result = await api.addToken({
      name: name.trim(),
      role,
      ...(seesEveryCamera(role) ? {} : { grants: [...grants] }),
      ...(isCut ? { scopes: chosen } : {}),
      ...(expiry === '' ? {} : { expiresInDays: Number(expiry) }),
    });
    setBusy(false);
    if (result.ok) {
      setMade(result.value);
      props.onMade();
    } else setProblem(result.problem);
  };
  if (made !== undefined) return <TokenTold token={made} onClose={props.onClose} />;
  return (
    <Dialog
      title="Make API token"
      onClose={props.onClose}
      keepOpen
      testId="token-form"
      footer={
        <>
          <Button kind="quiet" onClick={props.onClose}>
            Cancel
          </Button>
          <Button kind="primary" type="submit" form="token-form" busy={busy} data-testid="token-save">
            Make token
          </Button>
        </>
      }
    >
      <form id="token-form" onSubmit={(event) => void save(event)} noValidate>
        <TextField
          label="Name"
          data-first-focus
          autoComplete="off"
          value={name}
          onValue={setName}
          hint="What it is for: it stands in the audit."
          error={errors.get('name')}
          data-testid="token-name"
        />
        <div className="grid grid-cols-2 gap-x-3">
          <SelectField
            label="Role"
            value={role}
            onValue={setRole}
            options={ROLES}
            hint={ROLES.find(({ value }) => value === role)?.may}
            error={errors.get('role')}
            testId="token-role"
          />
          <SelectField
            label="Expires"
            value={expiry}
            onValue={setExpiry}
            options={EXPIRIES}
            hint={expiry === '' ? 'Somebody has to remember to revoke it.' : undefined}
            testId="token-expiry"
          />
        </div>
        <CheckRow label="Less than the role allows" checked={isCut} onChecked={setCut} testId="token-cut" />
        {isCut && (
          <fieldset className="mb-3 ml-6.5 rounded-md border bg-bg px-3 py-1.5">
            <legend className="sr-only">Permissions</legend>
            {offered.map((scope) => (
              <CheckRow
                key={scope.name}
                label={scope.words}
                checked={chosen.includes(scope.name)}
                onChecked={(wanted) =>
                  setScopes((old) =>
                    wanted ? [...old, scope.name] : old.filter((one) => one !== scope.name),
                  )
                }
                testId={`token-scope-${scope.name}`}
              />
            ))}
            {(chosen.length === 0 || errors.get('scopes') !== undefined) && (
              <p className="py-1 text-xs text-bad">{errors.get('scopes') ?? 'Choose at least one.'}</p>
            )}
          </fieldset>
        )}
        <p className="mt-2 mb-1 text-xs font-medium text-muted">Cameras</p>
        <GrantsEditor role={role} grants={grants} errors={errors} onChange={setGrants} />
        {problem !== undefined && !isFieldProblem(problem, FIELDS) && (
          <ProblemNote problem={problem} className="mt-3" />
        )}
      </form>
    </Dialog>
  );
}

function TokenTold(props: { readonly token: ApiTokenCreated; readonly onClose: () => void }) {
  return (
    <Dialog
      title={`Token ${props.token.name}`}
      onClose={props.onClose}
      keepOpen
      testId="token-told"
      footer={
        <Button kind="primary" onClick={props.onClose} data-testid="token-done">
          I have noted it
        </Button>
      }
    >
      <p className="mb-3 text-muted">
        The program sends it with every request, as <code className="font-mono">Authorization: Bearer …</code>
      </p>
      <CopyLine label="Secret" value={props.token.secret} testId="token-secret" />
      <p className="mt-3 rounded-md bg-warn-soft px-3 py-2 text-xs text-warn">
        The secret is shown this once. When it is lost, revoke the token and make another.
      </p>
    </Dialog>
  );
}
