// Enters: that this process runs, looked at a few times a second and before each frame. Leaves: that it stood still
// for longer than its lease (stopped, starved, swapped out): then control has given its streams to others.
import type { Clock } from '@vedette/runtime';

interface StandstillWatchOptions {
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly leaseMs: number;
  /** It stood still for so long, and has only just begun to run again. */
  readonly onWoke: (stoodStillMs: number) => void;
}

const LOOK_MS = 250;

export class StandstillWatch {
  readonly #options: StandstillWatchOptions;
  #ranAtMs: number | undefined;
  #cancel: () => void = () => undefined;

  constructor(options: StandstillWatchOptions) {
    this.#options = options;
  }

  /** Before this nothing is noticed: a process that starts has nothing to lose. */
  start(): void {
    this.#ranAtMs = this.#options.clock.now();
    this.#look();
  }

  /** What waits in sockets is read before timers run: whoever handles it asks first. Cheap. */
  check(): void {
    if (this.#ranAtMs === undefined) return;
    const { clock, leaseMs, onWoke } = this.#options;
    const now = clock.now();
    const sinceMs = now - this.#ranAtMs;
    this.#ranAtMs = now;
    if (sinceMs > leaseMs) onWoke(sinceMs);
  }

  close(): void {
    this.#cancel();
  }

  #look(): void {
    this.check();
    this.#cancel = this.#options.clock.after(LOOK_MS, () => this.#look());
  }
}
