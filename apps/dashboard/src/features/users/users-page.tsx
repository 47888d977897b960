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
import { GrantsDialog } from './grants-dialog.tsx';
import { PeopleTabs } from './people-tabs.tsx';
import { RolesDialog } from './roles-dialog.tsx';
import { SetPasswordDialog } from './set-password-dialog.tsx';
import { UserTable } from './user-table.tsx';

/** Who may sign in, and as what. */
export default function UsersPage() {
  return useMay('user.manage') ? <Users /> : <NoPermissionPage />;
}

type Asking =
  | { readonly what: 'add' | 'roles' }
  | { readonly what: 'grants' | 'password' | 'delete'; readonly user: UserView };

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
      title="People"
      testId="users"
      summary={users.data !== undefined && String(users.data.items.length)}
      actions={
        <>
          <Button kind="quiet" onClick={() => setAsking({ what: 'roles' })} data-testid="roles-open">
            What each role may do
          </Button>
          <PeopleTabs />
          <Button
            kind="primary"
            icon={Plus}
            onClick={() => setAsking({ what: 'add' })}
            data-testid="user-add"
          >
            Add person
          </Button>
        </>
      }
    >
      <LoadState query={users}>
        {({ items }) => (
          <UserTable
            users={items}
            ownId={session.status === 'signed-out' ? undefined : session.person?.id}
            onChange={(user, part) => void change(user, part)}
            onGrants={(user) => setAsking({ what: 'grants', user })}
            onPassword={(user) => setAsking({ what: 'password', user })}
            onDelete={(user) => setAsking({ what: 'delete', user })}
          />
        )}
      </LoadState>
      {asking?.what === 'add' && (
        <AddUserDialog onClose={close} onAdded={(user) => done(`${user.name} added.`)} />
      )}
      {asking?.what === 'roles' && <RolesDialog onClose={close} />}
      {asking?.what === 'grants' && (
        <GrantsDialog
          user={asking.user}
          onClose={close}
          onSaved={() => done(`Cameras of ${asking.user.name} saved.`)}
        />
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
          action="Delete person"
          run={() => api.deleteUser(asking.user.id)}
          onCancel={close}
          onDone={() => done(`${asking.user.name} deleted.`)}
        >
          <p>
            {asking.user.name} is signed out everywhere and loses all pictures at once. Not letting them sign
            in does the same, and can be taken back.
          </p>
        </ConfirmDialog>
      )}
    </Page>
  );
}
