import { Check, Minus } from 'lucide-react';
import { Dialog } from '../../ui/dialog.tsx';
import { ABILITIES, ROLES } from './roles.ts';

/** What each role may do, side by side. */
export function RolesDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="What each role may do" shape="wide" onClose={onClose} testId="roles">
      <table className="w-full border-separate border-spacing-0">
        <thead>
          <tr>
            <td className="border-b" />
            {ROLES.map(({ value, label }) => (
              <th
                key={value}
                scope="col"
                className="border-b px-2 pb-2 align-bottom text-xs font-medium text-muted"
              >
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {ABILITIES.map(({ words, roles }) => (
            <tr key={words}>
              <th scope="row" className="border-b py-2 pr-4 text-left font-normal">
                {words}
              </th>
              {ROLES.map(({ value, label }) => (
                <td key={value} className="border-b px-2 text-center">
                  {roles.includes(value) ? (
                    <Check role="img" aria-label={`${label}: yes`} className="inline size-4 text-good" />
                  ) : (
                    <Minus
                      role="img"
                      aria-label={`${label}: no`}
                      className="inline size-4 text-line-strong"
                    />
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="mt-4 text-muted">
        A role says what may be done. On which cameras, and at which hours, is given to each person besides;
        administrators and auditors see them all.
      </p>
    </Dialog>
  );
}
