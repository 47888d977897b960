import { useQueryClient } from '@tanstack/react-query';
import type { SessionView } from '@vedette/contracts';
import { Eye } from 'lucide-react';
import { useState } from 'react';
import { useSessions } from '../../api/queries.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { useApi } from '../../api/services.ts';
import { useToasts } from '../../shell/chrome.ts';
import { NoPermissionPage } from '../../shell/no-permission-page.tsx';
import { useMay } from '../../shell/use-may.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { LoadState } from '../../ui/load-state.tsx';
import { Page } from '../../ui/page.tsx';
import { SessionTable } from './session-table.tsx';

/** Who watches what at this moment. */
export default function SessionsPage() {
  return useMay('session.read') ? <Sessions /> : <NoPermissionPage />;
}

function Sessions() {
  const api = useApi();
  const toasts = useToasts();
  const queries = useQueryClient();
  const mayEnd = useMay('view.end-any');
  const sessions = useSessions();
  const [ending, setEnding] = useState<SessionView>();
  const items = sessions.data?.items;
  const people = new Set(items?.map(({ userId }) => userId)).size;
  return (
    <Page
      title="Sessions"
      testId="sessions"
      summary={
        items !== undefined &&
        items.length > 0 &&
        `${items.length} ${items.length === 1 ? 'view' : 'views'} by ${people} ${people === 1 ? 'person' : 'people'}`
      }
    >
      <LoadState query={sessions}>
        {(page) =>
          page.items.length === 0 ? (
            <EmptyState icon={Eye} title="Nobody is watching" testId="sessions-empty">
              <p>On-demand cameras are left alone until somebody opens one.</p>
            </EmptyState>
          ) : (
            <SessionTable sessions={page.items} onEnd={mayEnd ? setEnding : undefined} />
          )
        }
      </LoadState>
      {ending !== undefined && (
        <ConfirmDialog
          title="End this view?"
          action="End view"
          run={() => api.endSession(ending.id)}
          onCancel={() => setEnding(undefined)}
          onDone={() => {
            toasts.done('View ended.');
            setEnding(undefined);
            void queries.invalidateQueries({ queryKey: queryKeys.sessions });
          }}
        >
          <p>
            {ending.userName} loses the picture of {ending.cameraName} at once, and is told that an
            administrator ended it.
          </p>
        </ConfirmDialog>
      )}
    </Page>
  );
}
