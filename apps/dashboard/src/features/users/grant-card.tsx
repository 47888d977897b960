import type { Grant } from '@vedette/contracts';
import { X } from 'lucide-react';
import { IconButton } from '../../ui/button.tsx';
import { CheckRow } from '../../ui/check-row.tsx';
import { scopeKindWords } from './grant-words.ts';
import { HoursFields } from './hours-fields.tsx';
import { useScopeName } from './use-scope-name.ts';

const OFFICE_HOURS = { days: [1, 2, 3, 4, 5], from: '06:00', to: '14:00' };

/** One thing that is given: what, at which hours, and until when. */
export function GrantCard(props: {
  readonly grant: Grant;
  readonly index: number;
  /** Of the place, where it has one. */
  readonly timeZone: string;
  readonly errors: ReadonlyMap<string, string>;
  readonly onChange: (grant: Grant) => void;
  /** Undefined: it is the only one there can be. */
  readonly onRemove: (() => void) | undefined;
}) {
  const { grant, index, onRemove } = props;
  const { scope, until, window } = grant;
  const name = useScopeName(scope);
  return (
    <li
      className="rounded-md border border-line-strong bg-bg px-3 py-2"
      data-testid={`grant-${scope.kind === 'all' ? 'all' : scope.id}`}
    >
      <div className="flex items-center gap-2">
        <p className="min-w-0 flex-1 truncate font-medium">
          {name} <span className="ml-1 text-xs font-normal text-faint">{scopeKindWords(scope.kind)}</span>
        </p>
        {onRemove !== undefined && (
          <IconButton label={`Take ${name} away`} icon={X} small side="left" onClick={onRemove} />
        )}
      </div>
      <div className="mt-1 flex flex-wrap items-center gap-x-6">
        <CheckRow
          label="Only at certain hours"
          checked={window !== undefined}
          onChecked={(wanted) =>
            props.onChange({
              scope,
              ...(wanted ? { window: { ...OFFICE_HOURS, timeZone: props.timeZone } } : {}),
              ...(until === undefined ? {} : { until }),
            })
          }
          testId={`grant-${index}-hours`}
        />
        <CheckRow
          label="Ends"
          checked={until !== undefined}
          onChecked={(wanted) =>
            props.onChange({
              scope,
              ...(window === undefined ? {} : { window }),
              ...(wanted ? { until: inAWeek() } : {}),
            })
          }
          testId={`grant-${index}-ends`}
        />
        {until !== undefined && (
          <input
            type="datetime-local"
            aria-label={`End of ${name}`}
            value={localInput(until)}
            onChange={(event) => {
              const at = new Date(event.target.value);
              if (!Number.isNaN(at.getTime())) props.onChange({ ...grant, until: at.toISOString() });
            }}
            className="h-8 rounded-md border border-field-line bg-surface px-2"
            data-testid={`grant-${index}-until`}
          />
        )}
      </div>
      {until !== undefined && Date.parse(until) <= Date.now() && (
        <p className="mt-1 text-xs text-warn">This has ended already.</p>
      )}
      {window !== undefined && (
        <HoursFields
          window={window}
          onChange={(next) => props.onChange({ ...grant, window: next })}
          errors={props.errors}
          path={`grants.${index}.window`}
        />
      )}
    </li>
  );
}

function inAWeek(): string {
  const now = new Date();
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 7).toISOString();
}

/** As the browser's own field wants it: in local time, without a zone. */
function localInput(until: string): string {
  const at = new Date(until);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}
