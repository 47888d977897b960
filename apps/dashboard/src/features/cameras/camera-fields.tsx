import { SelectField, TextField } from '../../ui/field.tsx';
import type { CameraForm } from './camera-form.ts';
import { KindChoice } from './kind-choice.tsx';
import { ORGANISATION_FIELDS, OrganisationFields } from './organisation-fields.tsx';
import { RenditionFields } from './rendition-fields.tsx';
import { SourceFields } from './source-fields.tsx';

/** Paths of problem.fields that have a place in this form. */
export const SHOWN_FIELDS = [
  'name',
  'source.url',
  'source.subUrl',
  'source.certificate',
  'source.certificate.sha256',
  'source.host',
  'source.port',
  'source.file',
  'source.via',
  'source.username',
  'source.password',
  'idleTtlSeconds',
  'renditions',
  ...ORGANISATION_FIELDS,
] as const;

interface CameraFieldsProps {
  readonly form: CameraForm;
  readonly errors: ReadonlyMap<string, string>;
  readonly hasPassword: boolean;
  readonly withEncoder: boolean;
  readonly onChange: (part: Partial<CameraForm>) => void;
}

export function CameraFields({ form, errors, hasPassword, withEncoder, onChange }: CameraFieldsProps) {
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
      <KindChoice value={form.kind} onValue={(kind) => onChange({ kind })} withEncoder={withEncoder} />
      <SourceFields form={form} errors={errors} onChange={onChange} />
      <div className="grid grid-cols-2 gap-x-3">
        {form.kind !== 'file' && (
          <CredentialFields form={form} errors={errors} hasPassword={hasPassword} onChange={onChange} />
        )}
        {(form.kind === 'rtsp' || form.kind === 'onvif') && (
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
        )}
        {form.kind !== 'publish' && <PullFields form={form} errors={errors} onChange={onChange} />}
      </div>
      <RenditionFields form={form} error={errors.get('renditions')} onChange={onChange} />
      <OrganisationFields form={form} errors={errors} onChange={onChange} />
    </>
  );
}

function CredentialFields({ form, errors, hasPassword, onChange }: Omit<CameraFieldsProps, 'withEncoder'>) {
  const isEncoder = form.kind === 'publish';
  const kept = hasPassword && !form.removePassword;
  return (
    <>
      <TextField
        label="User name"
        autoComplete="off"
        spellCheck={false}
        value={form.username}
        onValue={(username) => onChange({ username })}
        error={errors.get('source.username')}
        placeholder={isEncoder && !kept ? 'made for you' : ''}
        hint={isEncoder && form.via === 'srt' ? 'SRT does not use it.' : undefined}
        data-testid="camera-username"
      />
      <TextField
        label="Password"
        type="password"
        autoComplete="new-password"
        disabled={form.removePassword}
        placeholder={kept ? 'kept as it is' : isEncoder ? 'made for you' : ''}
        value={form.password}
        onValue={(password) => onChange({ password })}
        error={errors.get('source.password')}
        data-testid="camera-password"
        hint={
          isEncoder ? (
            hasPassword ? (
              'Enter another one when it is lost.'
            ) : (
              'Told once, when the encoder is added.'
            )
          ) : hasPassword ? (
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
    </>
  );
}

function PullFields({ form, errors, onChange }: Pick<CameraFieldsProps, 'form' | 'errors' | 'onChange'>) {
  return (
    <>
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
          label="Leave it after, seconds"
          inputMode="numeric"
          value={form.idleTtlSeconds}
          onValue={(idleTtlSeconds) => onChange({ idleTtlSeconds })}
          error={errors.get('idleTtlSeconds')}
          hint="After the last viewer; 0 is at once."
          data-testid="camera-idle"
        />
      )}
    </>
  );
}
