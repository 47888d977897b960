import type { AlertTargetCreated, AlertTargetInput, AlertTargetView } from '@vedette/contracts';
import { useState } from 'react';
import type { ApiResult } from '../../api/api-result.ts';
import { useApi } from '../../api/services.ts';
import { CheckRow } from '../../ui/check-row.tsx';
import { EditDialog } from '../../ui/edit-dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { destinationWords, EVENTS } from './alert-words.ts';

type Kind = AlertTargetView['destination']['kind'];
type Told = AlertTargetInput['events'][number];

const AT_FIRST: readonly Told[] = [
  'camera.offline',
  'camera.online',
  'camera.unstable',
  'node.lost',
  'node.back',
];

/** Adds a webhook or a mail address, or changes the one given. */
export function TargetDialog(props: {
  readonly target?: AlertTargetView;
  readonly onClose: () => void;
  readonly onSaved: (target: AlertTargetCreated) => void;
}) {
  const { target } = props;
  const api = useApi();
  const [name, setName] = useState(target?.name ?? '');
  const [kind, setKind] = useState<Kind>(target?.destination.kind ?? 'webhook');
  const [where, setWhere] = useState(target === undefined ? '' : destinationWords(target));
  const [events, setEvents] = useState<readonly Told[]>(
    target === undefined
      ? AT_FIRST
      : EVENTS.map(({ value }) => value).filter((value) => target.events.includes(value)),
  );
  const save = async (): Promise<ApiResult<AlertTargetCreated>> => {
    const destination = kind === 'webhook' ? { kind, url: where.trim() } : { kind, to: where.trim() };
    const body = { name: name.trim(), destination, events: [...events] };
    if (target === undefined) return api.alerts.addTarget({ ...body, enabled: true });
    const result = await api.alerts.changeTarget(target.id, body);
    return result.ok ? { ok: true, value: { ...result.value, secret: null } } : result;
  };
  return (
    <EditDialog
      title={target === undefined ? 'Add target' : `Edit ${target.name}`}
      action={target === undefined ? 'Add target' : 'Save'}
      fields={['name', 'destination.url', 'destination.to', 'destination.kind', 'events']}
      save={save}
      onSaved={props.onSaved}
      onClose={props.onClose}
      testId="target-form"
    >
      {(errors) => (
        <>
          <TextField
            label="Name"
            data-first-focus
            value={name}
            onValue={setName}
            error={errors.get('name')}
            data-testid="target-name"
          />
          {target === undefined && (
            <Segmented
              className="mb-3"
              legend="How"
              value={kind}
              onValue={setKind}
              options={[
                { value: 'webhook', label: 'Webhook' },
                { value: 'email', label: 'Mail' },
              ]}
            />
          )}
          <TextField
            label={kind === 'webhook' ? 'Address that is called' : 'Mail address'}
            mono={kind === 'webhook'}
            spellCheck={false}
            autoComplete="off"
            placeholder={kind === 'webhook' ? 'https://alarms.example/vedette' : 'control-room@example.org'}
            value={where}
            onValue={setWhere}
            error={
              errors.get('destination.url') ?? errors.get('destination.to') ?? errors.get('destination.kind')
            }
            hint={kind === 'webhook' ? 'On a host that the setting WEBHOOK_HOSTS names.' : undefined}
            data-testid="target-where"
          />
          <fieldset>
            <legend className="mb-1 text-xs font-medium text-muted">Told when</legend>
            <div className="grid grid-cols-2 gap-x-3">
              {EVENTS.map(({ value, label }) => (
                <CheckRow
                  key={value}
                  label={label}
                  checked={events.includes(value)}
                  onChecked={(wanted) =>
                    setEvents((old) => (wanted ? [...old, value] : old.filter((one) => one !== value)))
                  }
                />
              ))}
            </div>
            {errors.has('events') && <p className="mt-1 text-xs text-bad">{errors.get('events')}</p>}
          </fieldset>
        </>
      )}
    </EditDialog>
  );
}
