import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react';
import { Button, IconButton } from '../../ui/button.tsx';
import { moved } from '../../ui/moved.ts';
import type { QuotaForm } from './limits-form.ts';

const INPUT =
  'h-8 w-full rounded-md border border-field-line bg-bg px-2 disabled:opacity-60 aria-invalid:border-bad';

/** Shares of agencies, by the names of the paths; a camera belongs to the first that fits. */
export function QuotaGroups(props: {
  readonly groups: readonly QuotaForm[];
  readonly errors: ReadonlyMap<string, string>;
  readonly mayChange: boolean;
  readonly onChange: (groups: readonly QuotaForm[]) => void;
}) {
  const { errors, groups, mayChange, onChange } = props;
  const change = (index: number, part: Partial<QuotaForm>) =>
    onChange(groups.map((group, at) => (at === index ? { ...group, ...part } : group)));
  const wrong = [...errors].filter(([path]) => path.startsWith('limits.quotaGroups'));
  const cell = (index: number, name: keyof QuotaForm, label: string, rest: object = {}) => (
    <input
      aria-label={`${label} of group ${index + 1}`}
      aria-invalid={errors.has(`limits.quotaGroups.${index}.${name}`) || undefined}
      disabled={!mayChange}
      value={groups[index]?.[name] ?? ''}
      onChange={(event) => change(index, { [name]: event.target.value })}
      className={INPUT}
      data-testid={`quota-${index}-${name}`}
      {...rest}
    />
  );
  return (
    <fieldset data-testid="quota-groups">
      <legend className="mb-1 text-xs font-semibold text-faint">Shares of agencies</legend>
      <p className="mb-2 text-muted">
        Views at once of cameras whose path name fits. A camera counts for the first that fits; * stands for
        anything.
      </p>
      {groups.length > 0 && (
        <table className="w-full table-fixed">
          <thead>
            <tr className="text-left text-xs font-medium text-muted">
              <th scope="col" className="pb-1 font-medium">
                Name
              </th>
              <th scope="col" className="pb-1 font-medium">
                Path name
              </th>
              <th scope="col" className="w-32 pb-1 font-medium">
                Views at once
              </th>
              <th scope="col" className="w-28">
                <span className="sr-only">Order</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {groups.map((_, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place in the order; names are being typed
              <tr key={index}>
                <td className="py-0.5 pr-2">{cell(index, 'name', 'Name')}</td>
                <td className="py-0.5 pr-2">
                  {cell(index, 'pattern', 'Path name', { placeholder: 'police_*', spellCheck: false })}
                </td>
                <td className="py-0.5 pr-2">{cell(index, 'maxViews', 'Views', { inputMode: 'numeric' })}</td>
                <td className="text-right whitespace-nowrap">
                  {mayChange && (
                    <>
                      <IconButton
                        label="Move up"
                        icon={ArrowUp}
                        small
                        disabled={index === 0}
                        onClick={() => onChange(moved(groups, index, -1))}
                      />
                      <IconButton
                        label="Move down"
                        icon={ArrowDown}
                        small
                        disabled={index === groups.length - 1}
                        onClick={() => onChange(moved(groups, index, 1))}
                      />
                      <IconButton
                        label="Remove"
                        icon={X}
                        small
                        onClick={() => onChange(groups.filter((_, at) => at !== index))}
                      />
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {wrong.map(([path, message]) => (
        <p key={path} className="mt-1 text-xs text-bad">
          {placeOf(path)}
          {message}
        </p>
      ))}
      {mayChange && (
        <Button
          icon={Plus}
          className="mt-2"
          onClick={() => onChange([...groups, { name: '', pattern: '', maxViews: '' }])}
          data-testid="quota-add"
        >
          Add share
        </Button>
      )}
    </fieldset>
  );
}

function placeOf(path: string): string {
  const [, , index] = path.split('.');
  return index === undefined ? '' : `Group ${Number(index) + 1}: `;
}
