import { useQueryClient } from '@tanstack/react-query';
import type { NodeId, NodeView } from '@vedette/contracts';
import { Server } from 'lucide-react';
import { useState } from 'react';
import { useCameraList, useNodes, useStreams } from '../../api/queries.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { useApi } from '../../api/services.ts';
import { NoPermissionPage } from '../../shell/no-permission-page.tsx';
import { useMay } from '../../shell/use-may.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { LoadState } from '../../ui/load-state.tsx';
import { Page } from '../../ui/page.tsx';
import { NodeTable } from './node-table.tsx';
import { RehearsalDialog } from './rehearsal-dialog.tsx';
import { StreamTable } from './stream-table.tsx';

/** The machines that carry the media, and what runs on them. */
export default function NodesPage() {
  return useMay('node.read') ? <Nodes /> : <NoPermissionPage />;
}

function Nodes() {
  const api = useApi();
  const queries = useQueryClient();
  const mayManage = useMay('node.manage');
  const [rehearsing, setRehearsing] = useState<NodeId>();
  const [draining, setDraining] = useState<NodeView>();
  const nodes = useNodes();
  const streams = useStreams();
  const cameras = useCameraList('');
  const names = new Map(cameras.data?.pages.flatMap(({ items }) => items.map(({ id, name }) => [id, name])));
  return (
    <Page title="Nodes" testId="nodes" summary={nodes.data !== undefined && String(nodes.data.items.length)}>
      <LoadState query={nodes}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState icon={Server} title="No media node is connected" testId="nodes-empty">
              <p>Without one nobody can watch. Start one with `vedette node`, or wait for it to come back.</p>
            </EmptyState>
          ) : (
            <NodeTable
              nodes={items}
              onDrain={mayManage ? setDraining : undefined}
              onRehearse={({ id }) => setRehearsing(id)}
            />
          )
        }
      </LoadState>
      {streams.data !== undefined && streams.data.items.length > 0 && (
        <section className="mt-8">
          <h2 className="px-6 pb-2 text-base font-semibold">Streams</h2>
          <StreamTable streams={streams.data.items} names={names} />
        </section>
      )}
      {rehearsing !== undefined && (
        <RehearsalDialog node={rehearsing} onClose={() => setRehearsing(undefined)} />
      )}
      {draining !== undefined && (
        <ConfirmDialog
          title={draining.draining ? `Let ${draining.id} take streams again?` : `Drain ${draining.id}?`}
          action={draining.draining ? 'Take streams again' : 'Drain node'}
          run={() => api.drainNode(draining.id, !draining.draining)}
          onCancel={() => setDraining(undefined)}
          onDone={() => {
            setDraining(undefined);
            void queries.invalidateQueries({ queryKey: queryKeys.nodes });
          }}
        >
          <p>
            {draining.draining
              ? 'New streams may be placed there again. What was moved stays where it is.'
              : 'It takes no new streams. Each of its streams is started on another node before its viewers are told to move; nobody should see a gap. Stop the node when it has no streams left.'}
          </p>
        </ConfirmDialog>
      )}
    </Page>
  );
}
