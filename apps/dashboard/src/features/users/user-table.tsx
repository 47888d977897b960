import type { UserChange, UserId, UserView } from '@vedette/contracts';
import { Button } from '../../ui/button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { Cell, HeadCell, Table } from '../../ui/table.tsx';
import { grantsSummary } from './grant-words.ts';
import { ROLES, seesEveryCamera } from './roles.ts';

interface UserTableProps {
  readonly users: readonly UserView[];
  /** Nobody takes away the ground under their own feet by accident. */
  readonly ownId: UserId | undefined;
  readonly onChange: (user: UserView, part: UserChange) => void;
  readonly onGrants: (user: UserView) => void;
  readonly onPassword: (user: UserView) => void;
  readonly onDelete: (user: UserView) => void;
}

export function UserTable({ users, ownId, onChange, onGrants, onPassword, onDelete }: UserTableProps) {
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell>Name</HeadCell>
          <HeadCell>Role</HeadCell>
          <HeadCell>Cameras</HeadCell>
          <HeadCell>May sign in</HeadCell>
          <HeadCell>Added</HeadCell>
          <HeadCell>
            <span className="sr-only">Actions</span>
          </HeadCell>
        </tr>
      </thead>
      <tbody>
        {users.map((user) => {
          const own = user.id === ownId;
          return (
            <tr key={user.id} data-testid={`user-${user.name}`} className="hover:bg-hover">
              <Cell className={classNames('font-medium', user.disabled && 'text-faint')}>
                {user.name}
                {own && <span className="ml-2 font-normal text-faint">you</span>}
                {user.isExternal && (
                  <span
                    className="ml-2 font-normal text-faint"
                    title="Signs in through the identity provider"
                  >
                    by identity provider
                  </span>
                )}
              </Cell>
              <Cell>
                <select
                  aria-label={`Role of ${user.name}`}
                  value={user.role}
                  disabled={own || user.isExternal}
                  title={user.isExternal ? 'Follows their groups at the identity provider.' : undefined}
                  onChange={(event) => {
                    const role = ROLES.find(({ value }) => value === event.target.value)?.value;
                    if (role !== undefined) onChange(user, { role });
                  }}
                  className="h-7 rounded-md border border-line-strong bg-surface px-1.5 disabled:border-transparent disabled:opacity-100"
                >
                  {ROLES.map(({ value, label }) => (
                    <option key={value} value={value}>
                      {label}
                    </option>
                  ))}
                </select>
              </Cell>
              <Cell className="max-w-72 truncate">
                {seesEveryCamera(user.role) ? (
                  <span className="text-muted">Every camera</span>
                ) : (
                  <button
                    type="button"
                    aria-label={`Cameras of ${user.name}: ${grantsSummary(user.role, user.grants)}`}
                    onClick={() => onGrants(user)}
                    className={classNames(
                      'rounded-sm underline decoration-line-strong underline-offset-4 hover:decoration-current',
                      user.grants.length === 0 && 'text-warn',
                    )}
                    data-testid={`grants-of-${user.name}`}
                  >
                    {grantsSummary(user.role, user.grants)}
                  </button>
                )}
              </Cell>
              <Cell>
                <label className="inline-flex cursor-pointer items-center gap-2">
                  <input
                    type="checkbox"
                    aria-label={`${user.name} may sign in`}
                    className="size-4 accent-accent"
                    checked={!user.disabled}
                    disabled={own}
                    onChange={(event) => onChange(user, { disabled: !event.target.checked })}
                  />
                  <span className={user.disabled ? 'text-warn' : 'text-muted'}>
                    {user.disabled ? 'Disabled' : 'Yes'}
                  </span>
                </label>
              </Cell>
              <Cell className="text-muted">{new Date(user.createdAt).toLocaleDateString()}</Cell>
              <Cell numeric>
                {!user.isExternal && (
                  <Button kind="quiet" className="h-7" onClick={() => onPassword(user)}>
                    Set password
                  </Button>
                )}
                <Button kind="quiet" className="h-7" disabled={own} onClick={() => onDelete(user)}>
                  Delete
                </Button>
              </Cell>
            </tr>
          );
        })}
      </tbody>
    </Table>
  );
}
