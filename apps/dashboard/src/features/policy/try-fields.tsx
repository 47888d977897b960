import { useState } from 'react';
import { useCameraList, useUsers } from '../../api/queries.ts';
import { useMay } from '../../shell/use-may.ts';
import { ComboBox } from '../../ui/combo-box.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { useSettled } from '../../ui/use-settled.ts';
import { ROLES } from '../users/roles.ts';
import type { TryForm } from './try-form.ts';

interface TryFieldsProps {
  readonly form: TryForm;
  readonly errors: ReadonlyMap<string, string>;
  readonly hasNoCamera: boolean;
  readonly onChange: (part: Partial<TryForm>) => void;
}

/** The circumstances: who watches what, where and when. */
export function TryFields(props: TryFieldsProps) {
  const { errors, form, onChange } = props;
  const number = (
    name: 'width' | 'height' | 'tiles' | 'rttMs' | 'nodeCpu' | 'viewers',
    label: string,
    none: string,
  ) => (
    <TextField
      label={label}
      inputMode="decimal"
      placeholder={none}
      value={form[name]}
      onValue={(value) => onChange({ [name]: value })}
      data-testid={`try-${name}`}
    />
  );
  return (
    <>
      <div className="mb-4 grid grid-cols-2 gap-x-3">
        <CameraChoice {...props} />
        <WhoChoice {...props} />
      </div>
      <div className="grid grid-cols-3 gap-x-3">
        {number('width', 'Tile width, px', 'not known')}
        {number('height', 'Tile height, px', 'not known')}
        {number('tiles', 'Tiles on the wall', 'not known')}
        <SelectField
          label="UDP"
          value={form.udp}
          options={[
            { value: '', label: 'not known' },
            { value: 'yes', label: 'gets through' },
            { value: 'no', label: 'does not get through' },
          ]}
          onValue={(udp) => onChange({ udp })}
          testId="try-udp"
        />
        {number('rttMs', 'Round trip, ms', 'not known')}
        <TextField
          label="Address of who watches"
          placeholder="not known"
          autoComplete="off"
          spellCheck={false}
          value={form.address}
          onValue={(address) => onChange({ address })}
          error={errors.has('address') ? 'An IP address.' : undefined}
          data-testid="try-address"
        />
        <SelectField
          label="Asks for"
          value={form.protocol}
          options={[
            { value: '', label: 'nothing in particular' },
            { value: 'webrtc', label: 'WebRTC' },
            { value: 'hls', label: 'HLS' },
          ]}
          onValue={(protocol) => onChange({ protocol })}
          testId="try-protocol"
        />
        <TextField
          label="When"
          type="datetime-local"
          hint={form.at === '' ? 'Now.' : undefined}
          value={form.at}
          onValue={(at) => onChange({ at })}
          data-testid="try-at"
        />
        <div className="grid grid-cols-2 gap-x-2">
          {number('nodeCpu', 'Load, cores', 'as now')}
          {number('viewers', 'Viewers', 'as now')}
        </div>
      </div>
    </>
  );
}

function CameraChoice({ form, hasNoCamera, onChange }: TryFieldsProps) {
  const [typed, setTyped] = useState('');
  const found = useCameraList(useSettled(typed.trim(), 150)).data?.pages[0]?.items ?? [];
  return (
    <div>
      <ComboBox
        label="Camera"
        placeholder={form.camera?.name ?? 'Type a name'}
        typed={typed}
        onTyped={setTyped}
        options={found.slice(0, 12).map(({ id, name }) => ({ key: id, label: name, value: { id, name } }))}
        onChoose={(camera) => {
          setTyped('');
          onChange({ camera });
        }}
        testId="try-camera"
      />
      <p className={`mt-1 min-h-4.5 text-xs ${hasNoCamera ? 'text-bad' : 'text-muted'}`}>
        {hasNoCamera
          ? 'Choose a camera.'
          : form.camera === undefined
            ? ''
            : `Asked about ${form.camera.name}.`}
      </p>
    </div>
  );
}

function WhoChoice({ form, onChange }: TryFieldsProps) {
  const mayUsers = useMay('user.manage');
  const users = useUsers(mayUsers).data?.items ?? [];
  return (
    <SelectField
      label="Who watches"
      value={form.person === undefined ? `role ${form.role}` : `person ${form.person.id}`}
      options={[
        ...ROLES.map(({ value, label }) => ({ value: `role ${value}`, label: `Somebody: ${label}` })),
        ...users.map(({ id, name }) => ({ value: `person ${id}`, label: name })),
      ]}
      onValue={(chosen) => {
        const role = ROLES.find(({ value }) => chosen === `role ${value}`)?.value;
        const person = users.find(({ id }) => chosen === `person ${id}`);
        onChange(role === undefined ? { person } : { role, person: undefined });
      }}
      testId="try-who"
    />
  );
}
