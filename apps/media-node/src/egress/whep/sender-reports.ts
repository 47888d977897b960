// Enters: what was sent of one source, and when the camera captured it. Leaves: sender reports (RFC 3550 section
// 6.4.1), about one a second, that let a browser line sound up with pictures. They put capture time on our clock at
// the moment of the report, so that round trips can be told from them, too.
import { buildSenderReport } from '@vedette/rtp';
import type { Clock } from '@vedette/runtime';

export interface SenderReportsOptions {
  readonly ssrc: number;
  readonly cname: string;
  readonly clockRate: number;
  readonly clock: Clock;
  readonly send: (report: Uint8Array) => void;
}

const INTERVAL_MS = 1000;
/** Capture times further off than this are no clock at all: the moment of sending has to do. */
const MOST_OFF_MS = 10_000;

export class SenderReports {
  readonly #options: SenderReportsOptions;
  #packets = 0;
  #bytes = 0;
  #sentAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: SenderReportsOptions) {
    this.#options = options;
  }

  /** Timestamps and capture times stand in another relation from the next frame on. */
  remapped(): void {
    this.#sentAtMs = Number.NEGATIVE_INFINITY;
  }

  /** A frame was sent: `timestamp` is its RTP time, `capturedAtMs` its time since the Unix epoch. */
  sent(frame: {
    readonly timestamp: number;
    readonly capturedAtMs: number;
    readonly packets: number;
    readonly bytes: number;
  }): void {
    const { ssrc, cname, clockRate, clock, send } = this.#options;
    this.#packets += frame.packets;
    this.#bytes += frame.bytes;
    const now = clock.now();
    if (now - this.#sentAtMs < INTERVAL_MS) return;
    this.#sentAtMs = now;
    const wallClockMs = clock.wallNow();
    const age = wallClockMs - frame.capturedAtMs;
    const ticks = Math.abs(age) > MOST_OFF_MS ? 0 : Math.round((age * clockRate) / 1000);
    send(
      buildSenderReport({
        ssrc,
        cname,
        wallClockMs,
        rtpTimestamp: (frame.timestamp + ticks) >>> 0,
        packets: this.#packets,
        bytes: this.#bytes,
      }),
    );
  }
}
