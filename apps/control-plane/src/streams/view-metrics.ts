import type { Metrics } from '@vedette/runtime';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { NodeDirectory } from '../nodes/node-directory.ts';
import { addNodeMetrics } from '../nodes/node-metrics.ts';
import type { SharedState } from '../state/shared-state.ts';
import type { StreamServiceOptions } from './stream-service.ts';

/** Counts starts; reads views, streams and nodes when somebody asks. */
export function addViewMetrics(options: {
  readonly metrics: Metrics;
  readonly state: Pick<SharedState, 'views' | 'streams'>;
  readonly directory: Pick<NodeDirectory, 'list' | 'ready'>;
}): StreamServiceOptions['onStart'] {
  const { directory, metrics, state } = options;
  const registers = [metrics];
  const starts = new Counter({
    name: 'vedette_starts_total',
    help: 'Requests to watch a camera, by how they came out',
    labelNames: ['code', 'protocol'],
    registers,
  });
  const seconds = new Histogram({
    name: 'vedette_start_seconds',
    help: 'From the request to the answer',
    labelNames: ['code'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers,
  });
  new Gauge({
    name: 'vedette_views',
    help: 'Views that are granted or connected',
    labelNames: ['protocol', 'state'],
    registers,
    async collect() {
      this.reset();
      for (const view of await state.views({})) this.inc({ protocol: view.protocol, state: view.state });
    },
  });
  new Gauge({
    name: 'vedette_streams',
    help: 'Streams that should run, by the health that their node reports',
    labelNames: ['health', 'nodeId'],
    registers,
    async collect() {
      this.reset();
      const health = new Map<string, string>();
      for (const { hello, report } of directory.list()) {
        for (const stream of report?.streams ?? [])
          health.set(`${hello.nodeId} ${stream.path}`, stream.health);
      }
      for (const { nodeId, path } of await state.streams()) {
        this.inc({ health: health.get(`${nodeId} ${path}`) ?? 'connecting', nodeId });
      }
    },
  });
  new Gauge({
    name: 'vedette_nodes',
    help: 'Media nodes by state',
    labelNames: ['state'],
    registers,
    collect() {
      this.reset();
      for (const state of ['connected', 'suspect', 'lost'] as const) this.set({ state }, 0);
      for (const node of directory.list()) this.inc({ state: node.state });
    },
  });
  addNodeMetrics(options);
  return ({ code, elapsedMs, protocol }) => {
    starts.inc({ code, protocol });
    seconds.observe({ code }, elapsedMs / 1000);
  };
}
