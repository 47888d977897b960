import { SelectField, TextField } from '../../ui/field.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { type CameraForm, withoutCredentials } from './camera-form.ts';

/** Paths of problem.fields that have a place in this form. */
export const SHOWN_FIELDS = [
  'name',
  'source.url',
  'source.subUrl',
  'source.host',
  'source.port',
  'source.username',
  'source.password',
  'idleTtlSeconds',
] as const;

interface CameraFieldsProps {
  readonly form: CameraForm;
  readonly errors: ReadonlyMap<string, string>;
  readonly hasPassword: boolean;
  readonly onChange: (part: Partial<CameraForm>) => void;
}

export function CameraFields({ form, errors, hasPassword, onChange }: CameraFieldsProps) {
  return (
    <>
      <TextField
        label="Name"
        data-first-focus
        maxLength={200}
        value={form.name}
        onValue={(name) => onChange({ name })}
        error={errors.get('name')}
        data-testid="camera-name"
      />
      <Segmented
        legend="How the camera is found"
        className="mt-1 mb-3"
        value={form.kind}
        onValue={(kind) => onChange({ kind })}
        options={[
          { value: 'rtsp', label: 'RTSP address', testId: 'camera-kind-rtsp' },
          { value: 'onvif', label: 'ONVIF device', testId: 'camera-kind-onvif' },
        ]}
      />
      {form.kind === 'rtsp' ? (
        <RtspFields form={form} errors={errors} onChange={onChange} />
      ) : (
        <div className="flex gap-3">
          <TextField
            label="Host"
            mono
            className="flex-1"
            placeholder="192.168.1.64"
            value={form.host}
            onValue={(host) => onChange({ host })}
            error={errors.get('source.host')}
            data-testid="camera-host"
          />
          <TextField
            label="Port"
            mono
            inputMode="numeric"
            className="w-24"
            value={form.port}
            onValue={(port) => onChange({ port })}
            error={errors.get('source.port')}
            data-testid="camera-port"
          />
        </div>
      )}
      <div className="grid grid-cols-2 gap-x-3">
        <TextField
          label="User name"
          autoComplete="off"
          spellCheck={false}
          value={form.username}
          onValue={(username) => onChange({ username })}
          error={errors.get('source.username')}
          data-testid="camera-username"
        />
        <TextField
          label="Password"
          type="password"
          autoComplete="new-password"
          disabled={form.removePassword}
          placeholder={hasPassword && !form.removePassword ? 'kept as it is' : ''}
          value={form.password}
          onValue={(password) => onChange({ password })}
          error={errors.get('source.password')}
          data-testid="camera-password"
          hint={
            hasPassword ? (
              <label className="flex cursor-pointer items-center gap-1.5">
                <input
                  type="checkbox"
                  className="accent-accent"
                  checked={form.removePassword}
                  onChange={(event) => onChange({ removePassword: event.target.checked, password: '' })}
                />
                Remove the stored password
              </label>
            ) : (
              'Encrypted, and never shown again.'
            )
          }
        />
        <SelectField
          label="Transport"
          value={form.transport}
          onValue={(transport) => onChange({ transport })}
          options={[
            { value: 'tcp', label: 'TCP' },
            { value: 'udp', label: 'UDP' },
            { value: 'http', label: 'HTTP tunnel' },
          ]}
          testId="camera-transport"
        />
        <SelectField
          label="Pull"
          value={form.pull}
          onValue={(pull) => onChange({ pull })}
          options={[
            { value: 'on-demand', label: 'While somebody watches' },
            { value: 'always-on', label: 'Always' },
          ]}
          testId="camera-pull"
        />
        {form.pull === 'on-demand' && (
          <TextField
            label="Leave the camera after, seconds"
            inputMode="numeric"
            value={form.idleTtlSeconds}
            onValue={(idleTtlSeconds) => onChange({ idleTtlSeconds })}
            error={errors.get('idleTtlSeconds')}
            hint="Counted from the last viewer; 0 is at once."
            className="col-span-2"
            data-testid="camera-idle"
          />
        )}
      </div>
    </>
  );
}

function RtspFields({ form, errors, onChange }: Omit<CameraFieldsProps, 'hasPassword'>) {
  const moveCredentials = (field: 'url' | 'subUrl') => {
    const found = withoutCredentials(form[field]);
    if (found === undefined) return;
    const { url, username, password } = found;
    onChange({
      [field]: url,
      username: form.username === '' ? username : form.username,
      password: form.password === '' ? password : form.password,
    });
  };
  return (
    <>
      <TextField
        label="RTSP address"
        mono
        spellCheck={false}
        autoComplete="off"
        placeholder="rtsp://192.168.1.64:554/main"
        value={form.url}
        onValue={(url) => onChange({ url })}
        onBlur={() => moveCredentials('url')}
        error={errors.get('source.url')}
        data-testid="camera-url"
      />
      <TextField
        label="RTSP address of the small stream, if there is one"
        mono
        spellCheck={false}
        autoComplete="off"
        value={form.subUrl}
        onValue={(subUrl) => onChange({ subUrl })}
        onBlur={() => moveCredentials('subUrl')}
        error={errors.get('source.subUrl')}
        hint="Shown while many cameras share the wall."
        data-testid="camera-sub-url"
      />
    </>
  );
}
