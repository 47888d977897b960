import type { CertificateCheck, PublishVia } from '@vedette/contracts';
import { CheckRow } from '../../ui/check-row.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { type CameraForm, hasPortOfItsOwn, isOverTls } from './camera-form.ts';
import { withoutCredentials } from './pasted-credentials.ts';

interface SourceFieldsProps {
  readonly form: CameraForm;
  readonly errors: ReadonlyMap<string, string>;
  readonly onChange: (part: Partial<CameraForm>) => void;
}

/** Where the stream is, or how it comes: what each kind needs besides credentials. */
export function SourceFields(props: SourceFieldsProps) {
  switch (props.form.kind) {
    case 'rtsp':
      return <RtspFields {...props} />;
    case 'onvif':
      return <OnvifFields {...props} />;
    case 'file':
      return <FileFields {...props} />;
    case 'http':
    case 'http-audio':
      return <HttpFields {...props} />;
    case 'publish':
      return <PublishFields {...props} />;
  }
}

/** Takes credentials that were pasted with an address to their own fields. */
function moveCredentials(
  { form, onChange }: Pick<SourceFieldsProps, 'form' | 'onChange'>,
  field: 'url' | 'subUrl' | 'httpUrl',
): void {
  const found = withoutCredentials(form[field]);
  if (found === undefined) return;
  const { url, username, password } = found;
  onChange({
    [field]: url,
    username: form.username === '' ? username : form.username,
    password: form.password === '' ? password : form.password,
  });
}

function RtspFields(props: SourceFieldsProps) {
  const { form, errors, onChange } = props;
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
        onBlur={() => moveCredentials(props, 'url')}
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
        onBlur={() => moveCredentials(props, 'subUrl')}
        error={errors.get('source.subUrl')}
        hint="Shown while many cameras share the wall."
        data-testid="camera-sub-url"
      />
      {isOverTls(form) && <CertificateFields {...props} />}
    </>
  );
}

const CHECKS: readonly { value: CertificateCheck['check']; label: string; hint: string }[] = [
  {
    value: 'authority',
    label: 'By authorities',
    hint: 'As a browser does: name, date, and who signed it. Cameras rarely pass.',
  },
  {
    value: 'pin',
    label: 'By its fingerprint',
    hint: 'Only this one certificate is believed, whoever signed it.',
  },
  {
    value: 'none',
    label: 'Not at all',
    hint: 'Encrypted, but whoever is on the way can pose as the camera and read its password.',
  },
];

function CertificateFields({ form, errors, onChange }: SourceFieldsProps) {
  return (
    <div className="flex flex-col">
      <SelectField
        label="How its certificate is checked"
        value={form.certificate}
        onValue={(certificate) => onChange({ certificate })}
        options={CHECKS}
        hint={CHECKS.find(({ value }) => value === form.certificate)?.hint}
        error={errors.get('source.certificate')}
        testId="camera-certificate"
      />
      {form.certificate === 'pin' && (
        <TextField
          label="SHA-256 fingerprint"
          mono
          spellCheck={false}
          autoComplete="off"
          placeholder="64 hexadecimal digits, with or without colons"
          value={form.fingerprint}
          onValue={(fingerprint) => onChange({ fingerprint })}
          error={errors.get('source.certificate.sha256')}
          data-testid="camera-fingerprint"
        />
      )}
    </div>
  );
}

function OnvifFields({ form, errors, onChange }: SourceFieldsProps) {
  return (
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
  );
}

function FileFields({ form, errors, onChange }: SourceFieldsProps) {
  return (
    <>
      <TextField
        label="Path"
        mono
        spellCheck={false}
        autoComplete="off"
        placeholder="loops/north-gate.mp4"
        value={form.file}
        onValue={(file) => onChange({ file })}
        error={errors.get('source.file')}
        hint="From the folder on, without a slash at the beginning."
        data-testid="camera-file"
      />
      <Loop form={form} onChange={onChange} />
    </>
  );
}

function HttpFields(props: SourceFieldsProps) {
  const { form, errors, onChange } = props;
  const isRadio = form.kind === 'http-audio';
  return (
    <>
      <TextField
        label={isRadio ? 'Address of the stream' : 'Address'}
        mono
        spellCheck={false}
        autoComplete="off"
        placeholder={isRadio ? 'https://radio.example/live' : 'https://media.example/clip.mp4'}
        value={form.httpUrl}
        onValue={(httpUrl) => onChange({ httpUrl })}
        onBlur={() => moveCredentials(props, 'httpUrl')}
        error={errors.get('source.url')}
        hint={isRadio ? 'The stream itself, not a playlist (.m3u, .pls).' : undefined}
        data-testid="camera-http-url"
      />
      {!isRadio && <Loop form={form} onChange={onChange} />}
    </>
  );
}

function Loop({ form, onChange }: Pick<SourceFieldsProps, 'form' | 'onChange'>) {
  return (
    <CheckRow
      label="Begin again at its end"
      className="mb-3"
      checked={form.loop}
      onChecked={(loop) => onChange({ loop })}
      testId="camera-loop"
    />
  );
}

const WAYS: readonly { value: PublishVia; label: string; hint: string }[] = [
  { value: 'rtsp', label: 'RTSP', hint: 'FFmpeg, GStreamer and many hardware encoders.' },
  {
    value: 'whip',
    label: 'WHIP (WebRTC)',
    hint: 'OBS 30 and later, browsers, phones: the least delay.',
  },
  { value: 'rtmp', label: 'RTMP', hint: 'Most encoders have it. Not encrypted.' },
  { value: 'srt', label: 'SRT', hint: 'For lossy, mobile links. Encrypted.' },
];

function PublishFields({ form, errors, onChange }: SourceFieldsProps) {
  const withPort = hasPortOfItsOwn(form.via);
  return (
    <div className="flex gap-3">
      <SelectField
        label="How it sends"
        className="flex-1"
        value={form.via}
        onValue={(via) => onChange({ via })}
        options={WAYS}
        hint={WAYS.find(({ value }) => value === form.via)?.hint}
        error={errors.get('source.via')}
        testId="camera-via"
      />
      {withPort && (
        <TextField
          label="Port on the node"
          mono
          inputMode="numeric"
          className="w-52"
          placeholder={form.via === 'rtmp' ? '1935' : '9000'}
          value={form.publishPort}
          onValue={(publishPort) => onChange({ publishPort })}
          error={errors.get('source.port')}
          hint="For this encoder alone; from 1024 on."
          data-testid="camera-publish-port"
        />
      )}
    </div>
  );
}
