import type { TimeWindow } from '@vedette/contracts';
import { TextField } from '../../ui/field.tsx';
import { TimeZoneField } from '../../ui/time-zone-field.tsx';
import { WEEKDAYS, windowWords } from './grant-words.ts';

const LONG_NAMES = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

/** Hours that come back every week, in the time of a place. */
export function HoursFields(props: {
  readonly window: TimeWindow;
  readonly onChange: (window: TimeWindow) => void;
  readonly errors?: ReadonlyMap<string, string> | undefined;
  /** Path of this window in the request, for its errors. */
  readonly path?: string;
}) {
  const { window } = props;
  const change = (part: Partial<TimeWindow>) => props.onChange({ ...window, ...part });
  const error = (name: string) => props.errors?.get(`${props.path ?? 'window'}.${name}`);
  return (
    <div className="mt-2" data-testid="hours">
      <fieldset className="flex flex-wrap gap-1">
        <legend className="mb-1 text-xs font-medium text-muted">On</legend>
        {WEEKDAYS.map((name, index) => {
          const day = index + 1;
          return (
            <label
              key={name}
              title={LONG_NAMES[index]}
              className="flex h-7 cursor-pointer items-center justify-center rounded-md border border-line-strong px-2 text-xs text-muted hover:bg-hover has-checked:border-accent has-checked:bg-accent-soft has-checked:font-medium has-checked:text-text has-focus-visible:outline-2 has-focus-visible:outline-accent"
            >
              <input
                type="checkbox"
                className="sr-only"
                aria-label={LONG_NAMES[index]}
                checked={window.days.includes(day)}
                onChange={(event) =>
                  change({
                    days: event.target.checked
                      ? [...window.days, day].sort((a, b) => a - b)
                      : window.days.filter((one) => one !== day),
                  })
                }
              />
              {name}
            </label>
          );
        })}
      </fieldset>
      {window.days.length === 0 && <p className="mt-1 text-xs text-bad">Choose at least one day.</p>}
      <div className="mt-2 grid grid-cols-[8rem_8rem_1fr] gap-x-3">
        <TextField
          label="From"
          type="time"
          required
          value={window.from}
          onValue={(from) => change({ from })}
          error={error('from')}
          data-testid="hours-from"
        />
        <TextField
          label="To"
          type="time"
          required
          value={window.to}
          onValue={(to) => change({ to })}
          error={error('to')}
          data-testid="hours-to"
        />
        <TimeZoneField
          label="Time of"
          value={window.timeZone}
          onValue={(timeZone) => change({ timeZone })}
          error={error('timeZone')}
          data-testid="hours-zone"
        />
      </div>
      <p className="-mt-3 text-xs text-muted" aria-live="polite">
        {window.days.length > 0 && window.from !== '' && window.to !== '' && capital(windowWords(window))}
      </p>
    </div>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
