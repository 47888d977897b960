import type { RecorderView } from '@vedette/contracts';
import { useState } from 'react';
import { useApi } from '../../api/services.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { EditDialog } from '../../ui/edit-dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { type Asking, camerasWords } from './asking.ts';
import { CamerasLink } from './cameras-link.tsx';
import { type ListQuery, Section } from './section.tsx';
import { useRenewal } from './use-renewal.ts';

export function RecorderSection(props: {
  readonly query: ListQuery<RecorderView>;
  readonly mayChange: boolean;
}) {
  const api = useApi();
  const done = useRenewal('recorders');
  const [asking, setAsking] = useState<Asking<RecorderView>>();
  const close = () => setAsking(undefined);
  return (
    <>
      <Section
        {...props}
        title="Recorders"
        words="A device that carries several cameras, which share the connections that it bears."
        addLabel="Add recorder"
        none="No recorders yet. Cameras whose address is on a recorder share its connections by themselves."
        testId="recorder"
        onAdd={() => setAsking({ what: 'add' })}
        onEdit={(of) => setAsking({ what: 'edit', of })}
        onDelete={(of) => setAsking({ what: 'delete', of })}
        columns={[
          { head: 'Host', cell: ({ host }) => <span className="font-mono text-xs">{host}</span> },
          { head: 'Connections at once', cell: ({ maxConnections }) => maxConnections },
          {
            head: 'Cameras',
            numeric: true,
            cell: ({ cameras, host }) => <CamerasLink count={cameras} filter={{ q: host }} />,
          },
        ]}
      />
      {(asking?.what === 'add' || asking?.what === 'edit') && (
        <RecorderDialog
          recorder={asking.what === 'edit' ? asking.of : undefined}
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
          action="Delete recorder"
          run={() => api.organisation.deleteRecorder(asking.of.id)}
          onCancel={close}
          onDone={() => {
            done(`${asking.of.name} deleted.`);
            close();
          }}
        >
          <p>
            {asking.of.cameras > 0 && `${camerasWords(asking.of.cameras)} stay as they are. `}
            Nothing keeps us any more from opening more connections than the device bears.
          </p>
        </ConfirmDialog>
      )}
    </>
  );
}

function RecorderDialog(props: {
  readonly recorder: RecorderView | undefined;
  readonly onClose: () => void;
  readonly onSaved: (recorder: RecorderView) => void;
}) {
  const { recorder } = props;
  const api = useApi();
  const [name, setName] = useState(recorder?.name ?? '');
  const [host, setHost] = useState(recorder?.host ?? '');
  const [maxConnections, setMaxConnections] = useState(String(recorder?.maxConnections ?? ''));
  const save = () => {
    const body = { name: name.trim(), host: host.trim(), maxConnections: Number(maxConnections) };
    return recorder === undefined
      ? api.organisation.addRecorder(body)
      : api.organisation.changeRecorder(recorder.id, body);
  };
  return (
    <EditDialog
      title={recorder === undefined ? 'Add recorder' : `Edit ${recorder.name}`}
      action={recorder === undefined ? 'Add recorder' : 'Save'}
      fields={['name', 'host', 'maxConnections']}
      save={save}
      onSaved={props.onSaved}
      onClose={props.onClose}
      testId="recorder-form"
    >
      {(errors) => (
        <>
          <TextField
            label="Name"
            data-first-focus
            value={name}
            onValue={setName}
            error={errors.get('name')}
            data-testid="recorder-name"
          />
          <TextField
            label="Host"
            mono
            autoComplete="off"
            spellCheck={false}
            placeholder="10.0.0.20"
            value={host}
            onValue={setHost}
            error={errors.get('host')}
            hint="As it stands in the addresses of its cameras."
            data-testid="recorder-host"
          />
          <TextField
            label="Connections it bears at once"
            inputMode="numeric"
            value={maxConnections}
            onValue={setMaxConnections}
            error={errors.get('maxConnections')}
            hint="From its manual; never one more is made."
            data-testid="recorder-connections"
          />
        </>
      )}
    </EditDialog>
  );
}
