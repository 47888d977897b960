import type { StreamState } from '@vedette/contracts';
import type { Metrics } from '@vedette/runtime';
import { Gauge } from 'prom-client';
import type { ViewRegistry } from './engine/view-registry.ts';

/** What gauges read of an engine, whichever it is. */
export interface MeasuredEngine {
  streams(): readonly StreamState[];
  readonly views: Pick<ViewRegistry, 'bytesSent' | 'count' | 'viewersOf'>;
}

/** Registers gauges that read the engine at scrape; labels are cameras of this node, never views. */
export function registerEngineMetrics(registry: Metrics, engine: MeasuredEngine): void {
  const perStream = ['cameraId', 'profile'] as const;
  const gauge = (name: string, help: string, read: (stream: StreamState) => number) =>
    new Gauge({
      name: `vedette_stream_${name}`,
      help,
      labelNames: perStream,
      registers: [registry],
      collect() {
        this.reset();
        for (const stream of engine.streams())
          this.set({ cameraId: stream.cameraId, profile: stream.profile }, read(stream));
      },
    });
  gauge('bits_per_second', 'Bits a second from the camera', (stream) => stream.bitsPerSecond);
  gauge('frame_rate', 'Pictures a second from the camera', (stream) => stream.frameRate ?? 0);
  gauge('reconnects', 'Times the source was lost', (stream) => stream.reconnects);
  gauge('packets_lost', 'Packets that never came from the camera', (stream) => stream.packetsLost);
  gauge('viewers', 'Views of this stream on this node', (stream) => engine.views.viewersOf(stream.path));
  new Gauge({
    name: 'vedette_stream_state',
    help: '1 for the present health and reason of each stream',
    labelNames: [...perStream, 'health', 'reason'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { cameraId, profile, health, reason } of engine.streams())
        this.set({ cameraId, profile, health, reason }, 1);
    },
  });
  new Gauge({
    name: 'vedette_views',
    help: 'Views on this node by protocol',
    labelNames: ['protocol'],
    registers: [registry],
    collect() {
      for (const protocol of ['webrtc', 'hls'] as const) this.set({ protocol }, engine.views.count(protocol));
    },
  });
  new Gauge({
    name: 'vedette_egress_bytes',
    help: 'Bytes sent to the present viewers',
    registers: [registry],
    collect() {
      this.set(engine.views.bytesSent());
    },
  });
}
