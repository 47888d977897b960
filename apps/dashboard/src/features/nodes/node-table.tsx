import type { NodeView } from '@vedette/contracts';
import { formatBitRate } from '../../format/format-bit-rate.ts';
import { formatBytes } from '../../format/format-bytes.ts';
import { Button } from '../../ui/button.tsx';
import { LoadBar } from '../../ui/load-bar.tsx';
import { Since } from '../../ui/since.tsx';
import { type MarkShape, StateMark, type Tone } from '../../ui/state-mark.tsx';
import { Cell, HeadCell, Table } from '../../ui/table.tsx';

const STATES: Readonly<
  Record<NodeView['state'], { readonly word: string; readonly tone: Tone; readonly shape: MarkShape }>
> = {
  connected: { word: 'Connected', tone: 'good', shape: 'dot' },
  suspect: { word: 'Suspect', tone: 'warn', shape: 'triangle' },
  lost: { word: 'Lost', tone: 'bad', shape: 'cross' },
};

export function NodeTable({
  nodes,
  onDrain,
  onRehearse,
}: {
  readonly nodes: readonly NodeView[];
  /** Undefined where the person may not. */
  readonly onDrain: ((node: NodeView) => void) | undefined;
  readonly onRehearse: (node: NodeView) => void;
}) {
  return (
    <Table>
      <thead>
        <tr>
          <HeadCell>State</HeadCell>
          <HeadCell>Node</HeadCell>
          <HeadCell>Processor</HeadCell>
          <HeadCell numeric>Memory</HeadCell>
          <HeadCell numeric>In</HeadCell>
          <HeadCell numeric>Out</HeadCell>
          <HeadCell numeric>Streams</HeadCell>
          <HeadCell numeric>WebRTC</HeadCell>
          <HeadCell numeric>HLS</HeadCell>
          <HeadCell numeric>Loop delay p99</HeadCell>
          <HeadCell numeric>Connected</HeadCell>
          <HeadCell>
            <span className="sr-only">Actions</span>
          </HeadCell>
        </tr>
      </thead>
      <tbody>
        {nodes.map((node) => (
          <NodeRow key={node.id} node={node} onDrain={onDrain} onRehearse={onRehearse} />
        ))}
      </tbody>
    </Table>
  );
}

function NodeRow({
  node,
  onDrain,
  onRehearse,
}: Omit<Parameters<typeof NodeTable>[0], 'nodes'> & { readonly node: NodeView }) {
  const { word, tone, shape } = STATES[node.state];
  const { load } = node;
  const labels = Object.entries(node.labels).map(([key, value]) => `${key}=${value}`);
  return (
    <tr data-testid={`node-${node.id}`} data-state={node.state} className="hover:bg-hover">
      <Cell className="w-36">
        <span className="flex items-center gap-2">
          <StateMark shape={shape} tone={tone} className="size-2.5" />
          {node.draining ? 'Draining' : word}
        </span>
      </Cell>
      <Cell className="py-2">
        <p className="font-medium">{node.id}</p>
        <p className="text-xs text-faint">
          {[node.publicUrl, `version ${node.version}`, ...labels].join(' · ')}
        </p>
      </Cell>
      <Cell>{load !== null && <LoadBar share={load.cpu} label={`${load.cpu.toFixed(2)} core`} />}</Cell>
      <Cell numeric>{load !== null && formatBytes(load.memoryBytes)}</Cell>
      <Cell numeric>{load !== null && formatBitRate(load.ingressBitsPerSecond)}</Cell>
      <Cell numeric>{load !== null && formatBitRate(load.egressBitsPerSecond)}</Cell>
      <Cell numeric>{node.streams}</Cell>
      <Cell numeric>{load?.webrtcViewers}</Cell>
      <Cell numeric>{load?.hlsViewers}</Cell>
      <Cell numeric className={load !== null && load.eventLoopDelayP99Ms > 50 ? 'text-warn' : ''}>
        {load !== null && `${load.eventLoopDelayP99Ms.toFixed(1)} ms`}
      </Cell>
      <Cell numeric className="text-muted">
        {node.connectedAt !== null ? (
          <Since at={node.connectedAt} />
        ) : (
          node.lastReportAt !== null && (
            <>
              heard <Since at={node.lastReportAt} /> ago
            </>
          )
        )}
      </Cell>
      <Cell numeric>
        <span className="flex justify-end gap-1">
          <Button
            kind="quiet"
            className="h-7 whitespace-nowrap"
            aria-label={`What if ${node.id} died now?`}
            onClick={() => onRehearse(node)}
            data-testid={`node-rehearse-${node.id}`}
          >
            What if?
          </Button>
          {onDrain !== undefined && node.state === 'connected' && (
            <Button
              kind="quiet"
              className="h-7"
              aria-label={node.draining ? `Let ${node.id} take streams again` : `Drain ${node.id}`}
              onClick={() => onDrain(node)}
              data-testid={`node-drain-${node.id}`}
            >
              {node.draining ? 'Resume' : 'Drain'}
            </Button>
          )}
        </span>
      </Cell>
    </tr>
  );
}
