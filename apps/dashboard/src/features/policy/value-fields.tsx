import { X } from 'lucide-react';
import { useState } from 'react';
import { isCameraId } from '../../api/is-camera-id.ts';
import { useGroups, useSites } from '../../api/organisation-queries.ts';
import { useCamera, useCameraList, useUsers } from '../../api/queries.ts';
import { useMay } from '../../shell/use-may.ts';
import { CheckRow } from '../../ui/check-row.tsx';
import { ComboBox } from '../../ui/combo-box.tsx';
import { useSettled } from '../../ui/use-settled.ts';
import { CAMERA_KINDS } from '../cameras/camera-kinds.ts';
import { ROLES } from '../users/roles.ts';
import type { Fact } from './policy-facts.ts';

interface ValueFieldsProps {
  readonly fact: Fact;
  readonly place: string;
  readonly values: readonly string[];
  readonly onChange: (values: readonly string[]) => void;
  readonly testId: string;
}

/** One of these: chosen where the choices are few and known, found by name, or typed. */
export function ValueFields(props: ValueFieldsProps) {
  const sites = useSites().data?.items ?? [];
  const groups = useGroups().data?.items ?? [];
  switch (props.fact) {
    case 'camera.site':
      return <Choices {...props} choices={sites} none="There are no sites yet." />;
    case 'camera.group':
      return <Choices {...props} choices={groups} none="There are no groups yet." />;
    case 'camera.kind':
      return (
        <Choices {...props} choices={CAMERA_KINDS.map(({ kind, label }) => ({ id: kind, name: label }))} />
      );
    case 'viewer.role':
      return <Choices {...props} choices={ROLES.map(({ value, label }) => ({ id: value, name: label }))} />;
    case 'camera.id':
      return <Cameras {...props} />;
    case 'viewer.id':
      return <People {...props} />;
    default:
      return <Typed {...props} />;
  }
}

function Choices(
  props: ValueFieldsProps & {
    readonly choices: readonly { readonly id: string; readonly name: string }[];
    readonly none?: string;
  },
) {
  const { choices, onChange, values } = props;
  const gone = values.filter((value) => !choices.some(({ id }) => id === value));
  const all = [...choices, ...gone.map((id) => ({ id, name: `${id}, no longer there` }))];
  if (all.length === 0) return <p className="mt-1 text-faint">{props.none}</p>;
  return (
    <div className="mt-1 grid max-h-44 grid-cols-2 gap-x-4 overflow-y-auto">
      {all.map(({ id, name }) => (
        <CheckRow
          key={id}
          label={name}
          checked={values.includes(id)}
          onChecked={(wanted) => onChange(wanted ? [...values, id] : values.filter((value) => value !== id))}
          testId={`${props.testId}-${id}`}
        />
      ))}
    </div>
  );
}

const EXAMPLES: Partial<Record<Fact, string>> = {
  'camera.tag': 'gate, ptz',
  'viewer.network': '10.0.0.0/8, 2001:db8::/32',
  dashboard: 'wall-3',
};

function Typed({ fact, onChange, place, testId, values }: ValueFieldsProps) {
  const [typed, setTyped] = useState(values.join(', '));
  return (
    <input
      aria-label={`Values of ${place}, apart by commas`}
      placeholder={EXAMPLES[fact]}
      spellCheck={false}
      autoComplete="off"
      value={typed}
      onChange={(event) => {
        setTyped(event.target.value);
        onChange(
          event.target.value
            .split(',')
            .map((value) => value.trim())
            .filter((value) => value !== ''),
        );
      }}
      className="mt-2 h-8 w-full rounded-md border border-field-line bg-surface px-2 placeholder:text-faint"
      data-testid={testId}
    />
  );
}

function Cameras({ onChange, testId, values }: ValueFieldsProps) {
  const [typed, setTyped] = useState('');
  const found = useCameraList(useSettled(typed.trim(), 150)).data?.pages[0]?.items ?? [];
  return (
    <>
      <Chosen values={values} onChange={onChange} Name={CameraName} />
      <ComboBox
        className="mt-2"
        label="Add a camera"
        typed={typed}
        onTyped={setTyped}
        options={found
          .filter(({ id }) => !values.includes(id))
          .slice(0, 12)
          .map(({ id, name }) => ({ key: id, label: name, value: id }))}
        onChoose={(id) => {
          setTyped('');
          onChange([...values, id]);
        }}
        testId={testId}
      />
    </>
  );
}

function People({ onChange, testId, values }: ValueFieldsProps) {
  const [typed, setTyped] = useState('');
  const mayUsers = useMay('user.manage');
  const users = useUsers(mayUsers).data?.items ?? [];
  const wanted = typed.trim().toLowerCase();
  return (
    <>
      <Chosen values={values} onChange={onChange} Name={PersonName} />
      <ComboBox
        className="mt-2"
        label="Add a person"
        typed={typed}
        onTyped={setTyped}
        options={users
          .filter(({ id, name }) => !values.includes(id) && name.toLowerCase().includes(wanted))
          .slice(0, 12)
          .map(({ id, name }) => ({ key: id, label: name, value: id }))}
        onChoose={(id) => {
          setTyped('');
          onChange([...values, id]);
        }}
        testId={testId}
      />
    </>
  );
}

function Chosen(props: {
  readonly values: readonly string[];
  readonly onChange: (values: readonly string[]) => void;
  readonly Name: (props: { readonly id: string }) => React.ReactNode;
}) {
  const { Name, values } = props;
  if (values.length === 0) return null;
  return (
    <ul className="mt-2 flex flex-wrap gap-1">
      {values.map((id) => (
        <li key={id} className="flex h-6 items-center gap-1 rounded-sm bg-hover pl-2">
          <Name id={id} />
          <button
            type="button"
            aria-label="Remove"
            onClick={() => props.onChange(values.filter((value) => value !== id))}
            className="flex size-6 items-center justify-center rounded-sm text-muted hover:text-text"
          >
            <X aria-hidden className="size-3.5" strokeWidth={1.75} />
          </button>
        </li>
      ))}
    </ul>
  );
}

function CameraName({ id }: { readonly id: string }) {
  return useCamera(isCameraId(id) ? id : undefined).data?.name ?? id;
}

function PersonName({ id }: { readonly id: string }) {
  const mayUsers = useMay('user.manage');
  return useUsers(mayUsers).data?.items.find((user) => user.id === id)?.name ?? id;
}
