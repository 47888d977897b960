import type { Grant, Role } from '@vedette/contracts';
import { useRef, useState } from 'react';
import { useSites } from '../../api/organisation-queries.ts';
import { Segmented } from '../../ui/segmented.tsx';
import { EVERY_CAMERA } from './every-camera.ts';
import { GrantCard } from './grant-card.tsx';
import { scopeKey } from './pickable-scopes.ts';
import { roleLabel, seesEveryCamera } from './roles.ts';
import { ScopePicker } from './scope-picker.tsx';

/** Which cameras, and when. What was chosen before is kept while one looks at the other way. */
export function GrantsEditor(props: {
  readonly role: Role;
  readonly grants: readonly Grant[];
  readonly errors: ReadonlyMap<string, string>;
  readonly onChange: (grants: readonly Grant[]) => void;
}) {
  const { grants, onChange, role } = props;
  const sites = useSites();
  const isEvery = grants.length === 1 && grants[0]?.scope.kind === 'all';
  const [mode, setMode] = useState<'every' | 'chosen'>(isEvery ? 'every' : 'chosen');
  const other = useRef<readonly Grant[]>(isEvery ? [] : EVERY_CAMERA);
  if (seesEveryCamera(role))
    return (
      <p className="rounded-md border bg-bg px-3 py-2 text-muted" data-testid="grants-by-role">
        {role === 'admin' ? 'An administrator' : 'An auditor'} sees every camera, at any time. Choose another
        role to give only some.
      </p>
    );
  const zoneOf = (grant: Grant) => {
    const { scope } = grant;
    const site = scope.kind === 'site' ? sites.data?.items.find(({ id }) => id === scope.id) : undefined;
    return site?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  };
  return (
    <section aria-label={`Cameras of this ${roleLabel(role).toLowerCase()}`} data-testid="grants">
      <Segmented
        legend="Cameras"
        value={mode}
        onValue={(wanted) => {
          if (wanted === mode) return;
          setMode(wanted);
          const before = other.current;
          other.current = grants;
          onChange(before);
        }}
        options={[
          { value: 'every', label: 'Every camera', testId: 'grants-every' },
          { value: 'chosen', label: 'Chosen ones', testId: 'grants-chosen' },
        ]}
      />
      <ul className="mt-3 flex flex-col gap-2">
        {grants.map((grant, index) => (
          <GrantCard
            key={scopeKey(grant.scope)}
            grant={grant}
            index={index}
            timeZone={zoneOf(grant)}
            errors={props.errors}
            onChange={(changed) => onChange(grants.map((one, at) => (at === index ? changed : one)))}
            onRemove={mode === 'every' ? undefined : () => onChange(grants.filter((_, at) => at !== index))}
          />
        ))}
      </ul>
      {mode === 'chosen' && (
        <div className="mt-3">
          {grants.length === 0 && (
            <p className="mb-3 text-warn">No camera is given: nothing can be watched.</p>
          )}
          <ScopePicker grants={grants} onPick={(scope) => onChange([...grants, { scope }])} />
        </div>
      )}
    </section>
  );
}
