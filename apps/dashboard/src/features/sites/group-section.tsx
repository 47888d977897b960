import type { GroupView } from '@vedette/contracts';
import { useState } from 'react';
import { useApi } from '../../api/services.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { EditDialog } from '../../ui/edit-dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { type Asking, camerasWords } from './asking.ts';
import { CamerasLink } from './cameras-link.tsx';
import { type ListQuery, Section } from './section.tsx';
import { useRenewal } from './use-renewal.ts';

export function GroupSection(props: { readonly query: ListQuery<GroupView>; readonly mayChange: boolean }) {
  const api = useApi();
  const done = useRenewal('groups');
  const [asking, setAsking] = useState<Asking<GroupView>>();
  const close = () => setAsking(undefined);
  return (
    <>
      <Section
        {...props}
        title="Groups"
        words="Cameras that belong together, wherever they are. A camera may be in several."
        addLabel="Add group"
        none="No groups yet. People can be given the cameras of a group."
        testId="group"
        onAdd={() => setAsking({ what: 'add' })}
        onEdit={(of) => setAsking({ what: 'edit', of })}
        onDelete={(of) => setAsking({ what: 'delete', of })}
        columns={[
          {
            head: 'Cameras',
            numeric: true,
            cell: ({ cameras, id }) => <CamerasLink count={cameras} filter={{ group: id }} />,
          },
        ]}
      />
      {(asking?.what === 'add' || asking?.what === 'edit') && (
        <GroupDialog
          group={asking.what === 'edit' ? asking.of : undefined}
          onClose={close}
          onSaved={({ name }) => {
            done(`${name} ${asking.what === 'add' ? 'added' : 'saved'}.`);
            close();
          }}
        />
      )}
      {asking?.what === 'delete' && (
        <ConfirmDialog
          title={`Delete ${asking.of.name}?`}
          action="Delete group"
          run={() => api.organisation.deleteGroup(asking.of.id)}
          onCancel={close}
          onDone={() => {
            done(`${asking.of.name} deleted.`);
            close();
          }}
        >
          <p>
            {asking.of.cameras > 0 && `${camerasWords(asking.of.cameras)} stay. `}
            Who was given this group loses its cameras at once, unless they were given otherwise.
          </p>
        </ConfirmDialog>
      )}
    </>
  );
}

function GroupDialog(props: {
  readonly group: GroupView | undefined;
  readonly onClose: () => void;
  readonly onSaved: (group: GroupView) => void;
}) {
  const { group } = props;
  const api = useApi();
  const [name, setName] = useState(group?.name ?? '');
  const save = () => {
    const body = { name: name.trim() };
    return group === undefined
      ? api.organisation.addGroup(body)
      : api.organisation.changeGroup(group.id, body);
  };
  return (
    <EditDialog
      title={group === undefined ? 'Add group' : `Rename ${group.name}`}
      action={group === undefined ? 'Add group' : 'Save'}
      fields={['name']}
      save={save}
      onSaved={props.onSaved}
      onClose={props.onClose}
      testId="group-form"
    >
      {(errors) => (
        <TextField
          label="Name"
          data-first-focus
          value={name}
          onValue={setName}
          error={errors.get('name')}
          hint="Cameras are put into it in their own forms."
          data-testid="group-name"
        />
      )}
    </EditDialog>
  );
}
