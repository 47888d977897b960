import { Server } from 'lucide-react';
import { useCameraList, useNodes, useStreams } from '../../api/queries.ts';
import { NoPermissionPage } from '../../shell/no-permission-page.tsx';
import { useMay } from '../../shell/use-may.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { LoadState } from '../../ui/load-state.tsx';
import { Page } from '../../ui/page.tsx';
import { NodeTable } from './node-table.tsx';
import { StreamTable } from './stream-table.tsx';

/** The machines that carry the media, and what runs on them. */
export default function NodesPage() {
  return useMay('node.read') ? <Nodes /> : <NoPermissionPage />;
}

function Nodes() {
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
            <NodeTable nodes={items} />
          )
        }
      </LoadState>
      {streams.data !== undefined && streams.data.items.length > 0 && (
        <section className="mt-8">
          <h2 className="px-6 pb-2 text-base font-semibold">Streams</h2>
          <StreamTable streams={streams.data.items} names={names} />
        </section>
      )}
    </Page>
  );
}
