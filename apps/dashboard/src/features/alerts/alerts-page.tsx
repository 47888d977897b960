import { useQueryClient } from '@tanstack/react-query';
import type { AlertTargetView } from '@vedette/contracts';
import { BellRing, Plus } from 'lucide-react';
import { useState } from 'react';
import { useAlertTargets } from '../../api/alerts-queries.ts';
import { useApi } from '../../api/services.ts';
import { useToasts } from '../../shell/chrome.ts';
import { NoPermissionPage } from '../../shell/no-permission-page.tsx';
import { useMay } from '../../shell/use-may.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { LoadState } from '../../ui/load-state.tsx';
import { Page } from '../../ui/page.tsx';
import { DeliverySection } from './delivery-section.tsx';
import { SecretDialog } from './secret-dialog.tsx';
import { TargetDialog } from './target-dialog.tsx';
import { TargetTable } from './target-table.tsx';

/** Whom to tell of what goes wrong, and whether it arrived. */
export default function AlertsPage() {
  return useMay('alert.manage') ? <Alerts /> : <NoPermissionPage />;
}

type Asking =
  | { readonly what: 'add' }
  | { readonly what: 'edit' | 'delete'; readonly of: AlertTargetView }
  | { readonly what: 'secret'; readonly name: string; readonly secret: string };

function Alerts() {
  const api = useApi();
  const toasts = useToasts();
  const queries = useQueryClient();
  const targets = useAlertTargets();
  const [asking, setAsking] = useState<Asking>();
  const close = () => setAsking(undefined);
  const renew = () => void queries.invalidateQueries({ queryKey: ['alerts'] });
  const done = (text: string) => {
    toasts.done(text);
    renew();
  };
  const switchOn = async (target: AlertTargetView, enabled: boolean) => {
    const result = await api.alerts.changeTarget(target.id, { enabled });
    if (!result.ok) toasts.problem(result.problem);
    renew();
  };
  const addButton = (
    <Button kind="primary" icon={Plus} onClick={() => setAsking({ what: 'add' })} data-testid="alert-add">
      Add target
    </Button>
  );
  return (
    <Page title="Alerts" testId="alerts" actions={addButton}>
      <LoadState query={targets}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState icon={BellRing} title="Nobody is told" testId="alerts-empty" action={addButton}>
              <p>
                When a camera goes, a node is lost or a stream fails, a webhook can be called or a mail sent.
              </p>
            </EmptyState>
          ) : (
            <>
              <TargetTable
                targets={items}
                onSwitch={(target, enabled) => void switchOn(target, enabled)}
                onEdit={(of) => setAsking({ what: 'edit', of })}
                onDelete={(of) => setAsking({ what: 'delete', of })}
              />
              <DeliverySection />
            </>
          )
        }
      </LoadState>
      {asking?.what === 'add' && (
        <TargetDialog
          onClose={close}
          onSaved={(target) => {
            done(`${target.name} added.`);
            if (target.secret === null) close();
            else setAsking({ what: 'secret', name: target.name, secret: target.secret });
          }}
        />
      )}
      {asking?.what === 'edit' && (
        <TargetDialog
          target={asking.of}
          onClose={close}
          onSaved={({ name }) => {
            done(`${name} saved.`);
            close();
          }}
        />
      )}
      {asking?.what === 'secret' && (
        <SecretDialog name={asking.name} secret={asking.secret} onClose={close} />
      )}
      {asking?.what === 'delete' && (
        <ConfirmDialog
          title={`Delete ${asking.of.name}?`}
          action="Delete target"
          run={() => api.alerts.deleteTarget(asking.of.id)}
          onCancel={close}
          onDone={() => {
            done(`${asking.of.name} deleted.`);
            close();
          }}
        >
          <p>No more alerts are sent there, and those on their way are dropped.</p>
        </ConfirmDialog>
      )}
    </Page>
  );
}
