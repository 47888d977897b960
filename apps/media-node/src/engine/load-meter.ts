import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { NodeLoad } from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';

/** Running totals and counts, as the engine knows them. */
export interface Traffic {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly webrtcViewers: number;
  readonly hlsViewers: number;
  readonly rtspViewers: number;
  readonly ffmpeg: { readonly running: number; readonly queued: number };
  /** Of a process that does this node's work, over its life and now. */
  readonly helper?: { readonly cpuSeconds: number; readonly memoryBytes: number } | undefined;
}

const NS_PER_MS = 1e6;

/** Turns running totals into what happened since the last reading; meant to be read about once a second. */
export class LoadMeter implements Disposable {
  readonly #clock: Clock;
  readonly #delay = monitorEventLoopDelay({ resolution: 10 });
  #at: number;
  #cpu = process.cpuUsage();
  #helperCpuSeconds = 0;
  #bytesIn = 0;
  #bytesOut = 0;

  constructor(options: { clock: Clock }) {
    this.#clock = options.clock;
    this.#at = options.clock.now();
    this.#delay.enable();
  }

  read(traffic: Traffic): NodeLoad {
    const now = this.#clock.now();
    const seconds = Math.max(0.001, (now - this.#at) / 1000);
    const cpu = process.cpuUsage(this.#cpu);
    const helper = traffic.helper ?? { cpuSeconds: 0, memoryBytes: 0 };
    // It may have been started anew.
    const helperSeconds = Math.max(0, helper.cpuSeconds - this.#helperCpuSeconds);
    this.#helperCpuSeconds = helper.cpuSeconds;
    const load: NodeLoad = {
      cpu: ((cpu.user + cpu.system) / 1e6 + helperSeconds) / seconds,
      memoryBytes: process.memoryUsage.rss() + helper.memoryBytes,
      // Totals shrink when a viewer leaves; a reading is never negative.
      egressBitsPerSecond: (Math.max(0, traffic.bytesOut - this.#bytesOut) * 8) / seconds,
      ingressBitsPerSecond: (Math.max(0, traffic.bytesIn - this.#bytesIn) * 8) / seconds,
      eventLoopDelayP99Ms: Math.max(0, this.#delay.percentile(99) / NS_PER_MS - 10),
      webrtcViewers: traffic.webrtcViewers,
      hlsViewers: traffic.hlsViewers,
      rtspViewers: traffic.rtspViewers,
      ffmpeg: traffic.ffmpeg,
    };
    this.#at = now;
    this.#cpu = process.cpuUsage();
    this.#bytesIn = traffic.bytesIn;
    this.#bytesOut = traffic.bytesOut;
    this.#delay.reset();
    return load;
  }

  [Symbol.dispose](): void {
    this.#delay.disable();
  }
}
