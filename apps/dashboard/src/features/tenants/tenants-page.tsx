import type { TenantView } from '@vedette/contracts';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTenants } from '../../api/organisation-queries.ts';
import { useApi, useSession } from '../../api/services.ts';
import { NoPermissionPage } from '../../shell/no-permission-page.tsx';
import { useMay } from '../../shell/use-may.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { LoadState } from '../../ui/load-state.tsx';
import { Page } from '../../ui/page.tsx';
import { useRenewal } from '../sites/use-renewal.ts';
import { AddUserDialog } from '../users/add-user-dialog.tsx';
import { TenantDialog } from './tenant-dialog.tsx';
import { TenantTable } from './tenant-table.tsx';

/** The organisations on this platform, each with cameras and people of its own. */
export default function TenantsPage() {
  return useMay('tenant.manage') ? <Tenants /> : <NoPermissionPage />;
}

type Asking =
  | { readonly what: 'add' }
  | { readonly what: 'rename' | 'delete' | 'administrator'; readonly of: TenantView };

function Tenants() {
  const api = useApi();
  const done = useRenewal('tenants');
  const session = useSession();
  const tenants = useTenants();
  const [asking, setAsking] = useState<Asking>();
  const close = () => setAsking(undefined);
  const finish = (text: string) => {
    done(text);
    close();
  };
  return (
    <Page
      title="Tenants"
      testId="tenants"
      summary={tenants.data !== undefined && String(tenants.data.items.length)}
      actions={
        <Button
          kind="primary"
          icon={Plus}
          onClick={() => setAsking({ what: 'add' })}
          data-testid="tenant-add"
        >
          Add tenant
        </Button>
      }
    >
      <LoadState query={tenants}>
        {({ items }) => (
          <TenantTable
            tenants={items}
            home={session.status === 'signed-out' ? undefined : session.person?.tenantId}
            onRename={(of) => setAsking({ what: 'rename', of })}
            onAdministrator={(of) => setAsking({ what: 'administrator', of })}
            onDelete={(of) => setAsking({ what: 'delete', of })}
          />
        )}
      </LoadState>
      {asking?.what === 'add' && (
        <TenantDialog
          onClose={close}
          onSaved={(tenant) => {
            done(`${tenant.name} added.`);
            // Nobody can do anything in it until it has somebody.
            setAsking({ what: 'administrator', of: tenant });
          }}
        />
      )}
      {asking?.what === 'rename' && (
        <TenantDialog tenant={asking.of} onClose={close} onSaved={({ name }) => finish(`${name} saved.`)} />
      )}
      {asking?.what === 'administrator' && (
        <AddUserDialog
          key={asking.of.id}
          tenant={asking.of}
          onClose={close}
          onAdded={({ name }) => finish(`${name} added to ${asking.of.name}.`)}
        />
      )}
      {asking?.what === 'delete' && (
        <ConfirmDialog
          title={`Delete ${asking.of.name}?`}
          action="Delete tenant"
          run={() => api.organisation.deleteTenant(asking.of.id)}
          onCancel={close}
          onDone={() => finish(`${asking.of.name} deleted.`)}
        >
          <p>
            Only a tenant without cameras, sites and people can be deleted, so that nothing is lost by
            accident. What was done in it stays in the audit.
          </p>
        </ConfirmDialog>
      )}
    </Page>
  );
}
