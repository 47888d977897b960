import type { Clock } from '@vedette/runtime';

/**
 * Keeps what a slow camera sends in order while the delay changes: each action runs after its delay, never
 * before the one ahead of it. With no delay and nothing waiting it runs at once.
 */
export class DelayedOutput {
  readonly #clock: Clock;
  readonly #delayMs: () => number;
  #waiting: { dueMs: number; action: () => void }[] = [];
  #cancel: (() => void) | undefined;

  constructor(options: { clock: Clock; delayMs: () => number }) {
    this.#clock = options.clock;
    this.#delayMs = options.delayMs;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  run(action: () => void): void {
    const delay = this.#delayMs();
    if (delay === 0 && this.#waiting.length === 0) {
      action();
      return;
    }
    const dueMs = Math.max(this.#clock.now() + delay, this.#waiting.at(-1)?.dueMs ?? 0);
    this.#waiting.push({ dueMs, action });
    this.#arm();
  }

  close(): void {
    this.#waiting = [];
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(): void {
    const first = this.#waiting[0];
    if (first === undefined || this.#cancel !== undefined) return;
    this.#cancel = this.#clock.after(Math.max(0, first.dueMs - this.#clock.now()), () => {
      this.#cancel = undefined;
      const now = this.#clock.now();
      while (this.#waiting[0] !== undefined && this.#waiting[0].dueMs <= now) this.#waiting.shift()?.action();
      this.#arm();
    });
  }
}
