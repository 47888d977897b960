import type { Grant, Problem, UserView } from '@vedette/contracts';
import { type FormEvent, useState } from 'react';
import { fieldErrors } from '../../api/field-errors.ts';
import { useApi } from '../../api/services.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { GrantsEditor } from './grants-editor.tsx';

/** Which cameras somebody may work with; views that are no longer covered end at once. */
export function GrantsDialog(props: {
  readonly user: UserView;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}) {
  const { user } = props;
  const api = useApi();
  const [grants, setGrants] = useState<readonly Grant[]>(user.grants);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const result = await api.changeUser(user.id, { grants: [...grants] });
    setBusy(false);
    if (result.ok) props.onSaved();
    else setProblem(result.problem);
  };
  return (
    <Dialog
      title={`Cameras of ${user.name}`}
      onClose={props.onClose}
      keepOpen
      testId="grants-form"
      footer={
        <>
          <p className="mr-auto text-xs text-faint">Pictures that are no longer covered end at once.</p>
          <Button kind="quiet" onClick={props.onClose}>
            Cancel
          </Button>
          <Button kind="primary" type="submit" form="grants-form" busy={busy} data-testid="grants-save">
            Save
          </Button>
        </>
      }
    >
      <form id="grants-form" onSubmit={(event) => void save(event)} noValidate>
        <GrantsEditor role={user.role} grants={grants} errors={fieldErrors(problem)} onChange={setGrants} />
        {problem !== undefined && <ProblemNote problem={problem} className="mt-3" />}
      </form>
    </Dialog>
  );
}
