import type { Clock } from '@vedette/runtime';

export interface PacedDatagramsOptions {
  readonly clock: Clock;
  readonly send: (packet: Buffer) => void;
  /** All that was given is out. */
  readonly onReady: () => void;
}

/** 50 Mbit/s: a large picture goes out within a tenth of a second, and fits the usual receive buffer of a player. */
const STEP_BYTES = 64 * 1024;
const STEP_MS = 10;

/** Datagrams one after the other, so that a burst of them does not overflow who receives them. */
export class PacedDatagrams {
  readonly #options: PacedDatagramsOptions;
  #rest: readonly Buffer[] = [];
  #allowance = STEP_BYTES;
  #atMs: number;
  #cancel: (() => void) | undefined;

  constructor(options: PacedDatagramsOptions) {
    this.#options = options;
    this.#atMs = options.clock.now();
  }

  /** False when some wait: give no more until `onReady`. */
  send(packets: readonly Buffer[]): boolean {
    this.#rest = this.#rest.length === 0 ? packets : [...this.#rest, ...packets];
    this.#flush();
    return this.#rest.length === 0;
  }

  close(): void {
    this.#cancel?.();
    this.#rest = [];
  }

  #flush(): void {
    const { clock, send } = this.#options;
    const now = clock.now();
    this.#allowance = Math.min(STEP_BYTES, this.#allowance + ((now - this.#atMs) * STEP_BYTES) / STEP_MS);
    this.#atMs = now;
    let sent = 0;
    for (const packet of this.#rest) {
      if (this.#allowance <= 0) break;
      send(packet);
      this.#allowance -= packet.length;
      sent += 1;
    }
    this.#rest = this.#rest.slice(sent);
    if (this.#rest.length > 0 && this.#cancel === undefined) this.#later();
  }

  #later(): void {
    const { clock, onReady } = this.#options;
    this.#cancel = clock.after(STEP_MS, () => {
      this.#cancel = undefined;
      this.#flush();
      if (this.#rest.length === 0) onReady();
    });
  }
}
