/** Beyond this much waiting, a viewer is behind for good: it skips to the next key frame. */
const MAX_QUEUE_MS = 1000;

/** Keeps count of what waits in a viewer's paced queue, which itself cannot be asked. */
export class SendBudget {
  readonly #bytesPerMs: number;
  readonly #maxBytes: number;
  #queued = 0;
  #at = 0;

  constructor(paceBitsPerSecond: number) {
    this.#bytesPerMs = paceBitsPerSecond / 8000;
    this.#maxBytes = this.#bytesPerMs * MAX_QUEUE_MS;
  }

  /** True when `bytes` may be queued now, and then counts them. */
  take(bytes: number, nowMs: number): boolean {
    this.#queued = Math.max(0, this.#queued - (nowMs - this.#at) * this.#bytesPerMs);
    this.#at = nowMs;
    if (this.#queued > 0 && this.#queued + bytes > this.#maxBytes) return false;
    this.#queued += bytes;
    return true;
  }
}
