import type { NodeView } from '@vedette/contracts';
import { formatBitRate } from '../../format/format-bit-rate.ts';
import { formatBytes } from '../../format/format-bytes.ts';
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

export function NodeTable({ nodes }: { readonly nodes: readonly NodeView[] }) {
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
        </tr>
      </thead>
      <tbody>
        {nodes.map((node) => (
          <NodeRow key={node.id} node={node} />
        ))}
      </tbody>
    </Table>
  );
}

function NodeRow({ node }: { readonly node: NodeView }) {
  const { word, tone, shape } = STATES[node.state];
  const { load } = node;
  const labels = Object.entries(node.labels).map(([key, value]) => `${key}=${value}`);
  return (
    <tr data-testid={`node-${node.id}`} data-state={node.state} className="hover:bg-hover">
      <Cell className="w-36">
        <span className="flex items-center gap-2">
          <StateMark shape={shape} tone={tone} className="size-2.5" />
          {word}
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
    </tr>
  );
}
