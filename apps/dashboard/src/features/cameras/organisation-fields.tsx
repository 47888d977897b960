import { useGroups, useSites } from '../../api/organisation-queries.ts';
import { CheckRow } from '../../ui/check-row.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import type { CameraForm } from './camera-form.ts';

/** Paths of problem.fields that have a place in this section. */
export const ORGANISATION_FIELDS = [
  'siteId',
  'groupIds',
  'tags',
  'tier',
  'pathName',
  'maxConnections',
] as const;

const TIERS = [
  { value: '0', label: '0, the most important' },
  ...['1', '2', '3', '4'].map((value) => ({ value, label: value })),
  { value: '5', label: '5, as most' },
  ...['6', '7', '8'].map((value) => ({ value, label: value })),
  { value: '9', label: '9, the least' },
];

/** Where a camera belongs, how much it matters and what its device bears; folded until somebody asks. */
export function OrganisationFields(props: {
  readonly form: CameraForm;
  readonly errors: ReadonlyMap<string, string>;
  readonly onChange: (part: Partial<CameraForm>) => void;
}) {
  const { errors, form, onChange } = props;
  const sites = useSites().data?.items ?? [];
  const groups = useGroups().data?.items ?? [];
  const tagError = [...errors].find(([path]) => path === 'tags' || path.startsWith('tags.'))?.[1];
  const hasError = tagError !== undefined || ORGANISATION_FIELDS.some((field) => errors.has(field));
  return (
    <details className="group mt-2 border-t pt-2" open={hasError || undefined}>
      <summary
        className="-mx-1 rounded-md px-1 py-1.5 font-medium select-none"
        data-testid="camera-organisation"
      >
        Organisation and limits
      </summary>
      <div className="grid grid-cols-2 gap-x-3 pt-2">
        <SelectField
          label="Site"
          value={form.siteId}
          onValue={(id) => onChange({ siteId: sites.find((site) => site.id === id)?.id ?? '' })}
          options={[
            { value: '', label: 'None' },
            ...sites.map(({ id, name }) => ({ value: String(id), label: name })),
          ]}
          hint={sites.length === 0 ? 'Sites are added on the page Sites.' : undefined}
          error={errors.get('siteId')}
          testId="camera-site"
        />
        <TextField
          label="Tags"
          autoComplete="off"
          spellCheck={false}
          placeholder="gate, ptz"
          value={form.tags}
          onValue={(tags) => onChange({ tags })}
          error={tagError}
          data-testid="camera-tags"
        />
        {groups.length > 0 && (
          <fieldset className="col-span-2 mb-3">
            <legend className="mb-1 text-xs font-medium text-muted">Groups</legend>
            <div className="grid max-h-40 grid-cols-2 gap-x-3 overflow-y-auto rounded-md border bg-bg px-3 py-1">
              {groups.map(({ id, name }) => (
                <CheckRow
                  key={id}
                  label={name}
                  checked={form.groupIds.includes(id)}
                  onChecked={(wanted) =>
                    onChange({
                      groupIds: wanted ? [...form.groupIds, id] : form.groupIds.filter((one) => one !== id),
                    })
                  }
                  testId={`camera-group-${name}`}
                />
              ))}
            </div>
            {errors.has('groupIds') && <p className="mt-1 text-xs text-bad">{errors.get('groupIds')}</p>}
          </fieldset>
        )}
        <SelectField
          label="Importance"
          value={form.tier}
          onValue={(tier) => onChange({ tier })}
          options={TIERS}
          hint="When there is not room for all, the important ones stay."
          error={errors.get('tier')}
          testId="camera-tier"
        />
        <TextField
          label="Connections the device bears"
          inputMode="numeric"
          placeholder="not known to be few"
          value={form.maxConnections}
          onValue={(maxConnections) => onChange({ maxConnections })}
          error={errors.get('maxConnections')}
          hint="Never one more is made."
          data-testid="camera-max-connections"
        />
        <TextField
          label="Path name"
          mono
          autoComplete="off"
          spellCheck={false}
          placeholder="cam_ and the id"
          value={form.pathName}
          onValue={(pathName) => onChange({ pathName })}
          error={errors.get('pathName')}
          hint="Its name in addresses, for example police_17."
          data-testid="camera-path-name"
        />
        <CheckRow
          className="pt-6"
          label="Ask whether it is there"
          hint="Every few minutes, while nobody watches it."
          checked={form.watched}
          onChecked={(watched) => onChange({ watched })}
          testId="camera-watched"
        />
      </div>
    </details>
  );
}
