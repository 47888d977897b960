import { NodeId } from '@vedette/contracts';
import { type Clock, type Log, silentLog, systemClock } from '@vedette/runtime';
import { NodeAgent } from '../../apps/media-node/src/agent/node-agent.ts';
import { SimulatedEngine } from './simulated-engine.ts';

export interface SimulatedNodeOptions {
  readonly controlUrl: string | readonly string[];
  readonly nodeToken: string;
  readonly nodeId?: string;
  readonly maxWebrtcViewers?: number;
  /** Of an earlier life, when the same engine goes on. */
  readonly engine?: SimulatedEngine;
  readonly clock?: Clock;
  readonly log?: Log;
}

/** A media node without media: the real link to control over a real connection, and a simulated engine. */
export class SimulatedNode {
  readonly engine: SimulatedEngine;
  readonly link: NodeAgent;
  jwks: unknown;

  constructor(options: SimulatedNodeOptions) {
    const clock = options.clock ?? systemClock;
    this.engine = options.engine ?? new SimulatedEngine({ now: () => clock.wallNow() });
    const nodeId = NodeId.parse(options.nodeId ?? 'node-1');
    this.link = new NodeAgent({
      engine: this.engine,
      keys: {
        update: async (jwks) => {
          this.jwks = jwks;
        },
      },
      revoked: { add: () => undefined },
      load: () => ({
        cpu: 0.1,
        memoryBytes: 100_000_000,
        egressBitsPerSecond: 0,
        ingressBitsPerSecond: 0,
        eventLoopDelayP99Ms: 1,
        webrtcViewers: this.engine.sessions.length,
        hlsViewers: 0,
        rtspViewers: 0,
        ffmpeg: { running: 0, queued: 0 },
      }),
      clock,
      log: options.log ?? silentLog(),
      controlUrls: [options.controlUrl].flat(),
      nodeToken: options.nodeToken,
      self: {
        nodeId,
        version: '0.0.0',
        publicUrl: `http://${nodeId}.test:8081`,
        labels: {},
        maxWebrtcViewers: options.maxWebrtcViewers ?? 1000,
      },
      onAllowedOrigins: () => undefined,
    });
    this.link.start();
  }

  close(): void {
    this.link.close();
  }
}
