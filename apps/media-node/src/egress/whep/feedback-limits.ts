/** A browser with heavy loss sends some fifty reports a second. */
const MESSAGES_PER_SECOND = 500;
/** More than a stream of 20 Mbit/s has packets. */
const RETRANSMISSIONS_PER_SECOND = 2500;

/** How much a viewer may ask of us: beyond, it costs its own view and nobody else's. */
export class FeedbackLimits {
  #second = Number.NEGATIVE_INFINITY;
  #messages = 0;
  #retransmissions = 0;

  /** False when so many came that reading them would take time from other viewers. */
  message(nowMs: number): boolean {
    this.#roll(nowMs);
    this.#messages += 1;
    return this.#messages <= MESSAGES_PER_SECOND;
  }

  /** False when more packets were asked for again than any stream has. */
  retransmissions(count: number, nowMs: number): boolean {
    this.#roll(nowMs);
    this.#retransmissions += count;
    return this.#retransmissions <= RETRANSMISSIONS_PER_SECOND;
  }

  #roll(nowMs: number): void {
    if (nowMs - this.#second < 1000) return;
    this.#second = nowMs;
    this.#messages = 0;
    this.#retransmissions = 0;
  }
}
