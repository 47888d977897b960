import { useQueryClient } from '@tanstack/react-query';
import type { ApiTokenView } from '@vedette/contracts';
import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { useTokens } from '../../api/queries.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { useApi } from '../../api/services.ts';
import { useToasts } from '../../shell/chrome.ts';
import { NoPermissionPage } from '../../shell/no-permission-page.tsx';
import { useMay } from '../../shell/use-may.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { LoadState } from '../../ui/load-state.tsx';
import { Page } from '../../ui/page.tsx';
import { PeopleTabs } from '../users/people-tabs.tsx';
import { AddTokenDialog } from './add-token-dialog.tsx';
import { TokenTable } from './token-table.tsx';

/** Keys of programs: who made what, and what each may do. */
export default function TokensPage() {
  return useMay('token.manage') ? <Tokens /> : <NoPermissionPage />;
}

function Tokens() {
  const api = useApi();
  const toasts = useToasts();
  const queries = useQueryClient();
  const tokens = useTokens();
  const [adding, setAdding] = useState(false);
  const [revoking, setRevoking] = useState<ApiTokenView>();
  const renew = () => void queries.invalidateQueries({ queryKey: queryKeys.tokens });
  const addButton = (
    <Button kind="primary" icon={Plus} onClick={() => setAdding(true)} data-testid="token-add">
      Make token
    </Button>
  );
  return (
    <Page
      title="API tokens"
      testId="tokens"
      summary={tokens.data !== undefined && String(tokens.data.items.length)}
      actions={
        <>
          <PeopleTabs />
          {addButton}
        </>
      }
    >
      <LoadState query={tokens}>
        {({ items }) =>
          items.length > 0 ? (
            <TokenTable tokens={items} onRevoke={setRevoking} />
          ) : (
            <EmptyState icon={KeyRound} title="No API tokens" testId="tokens-empty" action={addButton}>
              <p>A program that works with the API has a key of its own, with no more than it needs.</p>
            </EmptyState>
          )
        }
      </LoadState>
      {adding && <AddTokenDialog onMade={renew} onClose={() => setAdding(false)} />}
      {revoking !== undefined && (
        <ConfirmDialog
          title={`Revoke ${revoking.name}?`}
          action="Revoke token"
          run={() => api.revokeToken(revoking.id)}
          onCancel={() => setRevoking(undefined)}
          onDone={() => {
            toasts.done(`${revoking.name} revoked.`);
            setRevoking(undefined);
            renew();
          }}
        >
          <p>The program is refused from now on, and its views end at once. This cannot be taken back.</p>
        </ConfirmDialog>
      )}
    </Page>
  );
}
