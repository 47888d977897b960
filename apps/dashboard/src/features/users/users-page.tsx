import { useQueryClient } from '@tanstack/react-query';
import type { UserChange, UserView } from '@vedette/contracts';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useUsers } from '../../api/queries.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { useApi, useSession } from '../../api/services.ts';
import { useToasts } from '../../shell/chrome.ts';
import { NoPermissionPage } from '../../shell/no-permission-page.tsx';
import { useMay } from '../../shell/use-may.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { LoadState } from '../../ui/load-state.tsx';
import { Page } from '../../ui/page.tsx';
import { AddUserDialog } from './add-user-dialog.tsx';
import { SetPasswordDialog } from './set-password-dialog.tsx';
import { UserTable } from './user-table.tsx';

/** Who may sign in, and as what. */
export default function UsersPage() {
  return useMay('user.manage') ? <Users /> : <NoPermissionPage />;
}

type Asking = { readonly what: 'add' } | { readonly what: 'password' | 'delete'; readonly user: UserView };

function Users() {
  const api = useApi();
  const toasts = useToasts();
  const queries = useQueryClient();
  const session = useSession();
  const users = useUsers();
  const [asking, setAsking] = useState<Asking>();
  const close = () => setAsking(undefined);
  const renew = () => void queries.invalidateQueries({ queryKey: queryKeys.users });
  const done = (text: string) => {
    toasts.done(text);
    close();
    renew();
  };
  const change = async (user: UserView, part: UserChange) => {
    const result = await api.changeUser(user.id, part);
    if (!result.ok) toasts.problem(result.problem);
    renew();
  };
  return (
    <Page
      title="Users"
      testId="users"
      summary={users.data !== undefined && String(users.data.items.length)}
      actions={
        <Button kind="primary" icon={Plus} onClick={() => setAsking({ what: 'add' })} data-testid="user-add">
          Add user
        </Button>
      }
    >
      <LoadState query={users}>
        {({ items }) => (
          <UserTable
            users={items}
            ownId={session.status === 'signed-out' ? undefined : session.person?.id}
            onChange={(user, part) => void change(user, part)}
            onPassword={(user) => setAsking({ what: 'password', user })}
            onDelete={(user) => setAsking({ what: 'delete', user })}
          />
        )}
      </LoadState>
      {asking?.what === 'add' && (
        <AddUserDialog onClose={close} onAdded={(user) => done(`${user.name} added.`)} />
      )}
      {asking?.what === 'password' && (
        <SetPasswordDialog
          user={asking.user}
          onClose={close}
          onSaved={() => done(`New password for ${asking.user.name}; its browsers are signed out.`)}
        />
      )}
      {asking?.what === 'delete' && (
        <ConfirmDialog
          title={`Delete ${asking.user.name}?`}
          action="Delete user"
          run={() => api.deleteUser(asking.user.id)}
          onCancel={close}
          onDone={() => done(`${asking.user.name} deleted.`)}
        >
          <p>
            The user is signed out everywhere and loses all pictures at once. Disabling can be taken back.
          </p>
        </ConfirmDialog>
      )}
    </Page>
  );
}
