import type { ConnectionStats } from './media-connection.ts';
import type { PlayerStats } from './player-stats.ts';

export interface StatsSample {
  readonly nowMs: number;
  readonly connection: ConnectionStats;
  /** The video element's own count. */
  readonly framesShown: number;
}

type Rates = Pick<PlayerStats, 'framesPerSecond' | 'bitsPerSecond'>;

/** Turns the totals of two samples into rates; null for the first one. */
export class StatsMeter {
  #last: StatsSample | undefined;

  rates(sample: StatsSample): Rates {
    const last = this.#last;
    this.#last = sample;
    const seconds = last === undefined ? 0 : (sample.nowMs - last.nowMs) / 1000;
    if (last === undefined || seconds <= 0) return { framesPerSecond: null, bitsPerSecond: null };
    const bytes = difference(sample.connection.bytesReceived, last.connection.bytesReceived);
    const decoded = difference(sample.connection.framesDecoded, last.connection.framesDecoded);
    const frames = decoded ?? sample.framesShown - last.framesShown;
    return {
      framesPerSecond: frames / seconds,
      bitsPerSecond: bytes === null ? null : (bytes * 8) / seconds,
    };
  }
}

function difference(now: number | null, before: number | null): number | null {
  return now === null || before === null ? null : Math.max(0, now - before);
}
