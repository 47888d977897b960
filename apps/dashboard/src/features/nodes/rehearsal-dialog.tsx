import type { NodeId, Rehearsal } from '@vedette/contracts';
import { useRehearsal } from '../../api/queries.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { LoadState } from '../../ui/load-state.tsx';
import { Cell, HeadCell, Table } from '../../ui/table.tsx';

/** What would become of everything on a node that died now; as it is while the dialog is open. */
export function RehearsalDialog(props: { readonly node: NodeId; readonly onClose: () => void }) {
  const rehearsal = useRehearsal(props.node);
  return (
    <Dialog title={`If ${props.node} died now`} shape="wide" onClose={props.onClose} testId="rehearsal">
      <LoadState query={rehearsal}>{(told) => <Told {...told} />}</LoadState>
    </Dialog>
  );
}

function Told({ nodes, streams, views, withinSeconds }: Rehearsal) {
  if (streams.length === 0) return <p className="text-muted">Nothing runs there: nobody would notice.</p>;
  return (
    <div className="flex flex-col gap-5">
      <dl className="grid grid-cols-4 gap-4" data-testid="rehearsal-summary">
        <Count words="views move" count={views.move} tone="" />
        <Count words="get HLS instead" count={views.degrade} tone={views.degrade > 0 ? 'text-warn' : ''} />
        <Count words="lose the picture" count={views.fail} tone={views.fail > 0 ? 'text-bad' : ''} />
        <Count
          words="until pictures are back"
          count={withinSeconds === null ? '–' : `${withinSeconds} s`}
          tone=""
        />
      </dl>
      <Table>
        <thead>
          <tr>
            <HeadCell>Camera</HeadCell>
            <HeadCell numeric>Views</HeadCell>
            <HeadCell>What becomes of it</HeadCell>
          </tr>
        </thead>
        <tbody>
          {streams.map(({ cameraName, path, profile, views: of, why }) => (
            <tr key={path}>
              <Cell className="font-medium">
                {cameraName} <span className="text-faint">{profile}</span>
              </Cell>
              <Cell numeric>{of.move + of.degrade + of.fail}</Cell>
              <Cell className={of.fail > 0 ? 'text-bad' : of.degrade > 0 ? 'text-warn' : 'text-muted'}>
                {why}
              </Cell>
            </tr>
          ))}
        </tbody>
      </Table>
      {nodes.length > 0 && (
        <Table>
          <thead>
            <tr>
              <HeadCell>Takes over</HeadCell>
              <HeadCell numeric>Streams</HeadCell>
              <HeadCell numeric>WebRTC views</HeadCell>
            </tr>
          </thead>
          <tbody>
            {nodes.map(({ id, streams: s, webrtcViews: w }) => (
              <tr key={id}>
                <Cell className="font-medium">{id}</Cell>
                <Cell numeric>
                  {s.now} → {s.after}
                </Cell>
                <Cell numeric className={w.after >= w.max ? 'text-warn' : ''}>
                  {w.now} → {w.after} of {w.max}
                </Cell>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </div>
  );
}

function Count(props: { readonly words: string; readonly count: number | string; readonly tone: string }) {
  return (
    <div className="flex flex-col-reverse">
      <dt className="text-xs text-faint">{props.words}</dt>
      <dd className={`text-xl font-semibold tabular-nums ${props.tone}`}>{props.count}</dd>
    </div>
  );
}
