import type { NodeReport } from '@vedette/contracts';
import type { Metrics } from '@vedette/runtime';
import { Gauge } from 'prom-client';
import { nodesWanted } from '../placement/capacity.ts';
import type { KnownNode, NodeDirectory } from './node-directory.ts';

/** As nodes measure themselves; what autoscaling and capacity planning look at. */
const NODE_GAUGES: Readonly<Record<string, readonly [help: string, read: (node: KnownNode) => number]>> = {
  vedette_node_cpu_cores: ['Processor time of the media process', ({ report }) => report?.load.cpu ?? 0],
  vedette_node_memory_bytes: ['Resident memory', ({ report }) => report?.load.memoryBytes ?? 0],
  vedette_node_egress_bits_per_second: [
    'Sent to viewers',
    ({ report }) => report?.load.egressBitsPerSecond ?? 0,
  ],
  vedette_node_ingress_bits_per_second: [
    'Received from cameras',
    ({ report }) => report?.load.ingressBitsPerSecond ?? 0,
  ],
  vedette_node_event_loop_delay_p99_ms: [
    'How late the media process is',
    ({ report }) => report?.load.eventLoopDelayP99Ms ?? 0,
  ],
  vedette_node_webrtc_viewers: ['WebRTC viewers', ({ report }) => report?.load.webrtcViewers ?? 0],
  vedette_node_hls_viewers: ['HLS viewers', ({ report }) => report?.load.hlsViewers ?? 0],
  vedette_node_pulls: [
    'Streams whose source is connected',
    ({ report }) => count(report, ({ health }) => health === 'live'),
  ],
  vedette_node_reconnects: [
    'Times that sources of what runs now were dialled anew',
    ({ report }) => (report?.streams ?? []).reduce((sum, { reconnects }) => sum + reconnects, 0),
  ],
  vedette_node_source_packets_lost: [
    'Packets lost on the way from the sources of what runs now',
    ({ report }) => (report?.streams ?? []).reduce((sum, { packetsLost }) => sum + packetsLost, 0),
  ],
};

function count(
  report: NodeReport | undefined,
  is: (stream: NodeReport['streams'][number]) => boolean,
): number {
  return (report?.streams ?? []).filter(is).length;
}

/** Read when somebody asks. */
export function addNodeMetrics(options: {
  readonly metrics: Metrics;
  readonly directory: Pick<NodeDirectory, 'list' | 'ready'>;
}): void {
  const { directory, metrics } = options;
  const registers = [metrics];
  new Gauge({
    name: 'vedette_nodes_wanted',
    help: 'Media nodes that the load of now needs, with one to spare; what an autoscaler follows',
    registers,
    collect() {
      const measured = directory
        .ready()
        .flatMap(({ hello: { maxWebrtcViewers }, report }) =>
          report === undefined ? [] : [{ load: report.load, maxWebrtcViewers }],
        );
      this.set(nodesWanted(measured));
    },
  });
  for (const [name, [help, read]] of Object.entries(NODE_GAUGES)) {
    new Gauge({
      name,
      help,
      labelNames: ['nodeId'],
      registers,
      collect() {
        this.reset();
        for (const node of directory.list())
          if (node.report !== undefined && node.state !== 'lost')
            this.set({ nodeId: node.hello.nodeId }, read(node));
      },
    });
  }
}
