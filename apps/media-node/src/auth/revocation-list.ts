import type { RevokedView, SessionId } from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';

/** Entries above this are forgotten, oldest first; an hour of one node's views is far below it. */
const MAX_ENTRIES = 100_000;

/** Views that may not go on or come back, each until its time. */
export class RevocationList {
  readonly #clock: Pick<Clock, 'wallNow'>;
  readonly #until = new Map<SessionId, number>();

  constructor(options: { readonly clock: Pick<Clock, 'wallNow'> }) {
    this.#clock = options.clock;
  }

  add(views: readonly RevokedView[]): void {
    for (const { sessionId, untilMs } of views) {
      this.#until.delete(sessionId);
      this.#until.set(sessionId, untilMs);
    }
    const now = this.#clock.wallNow();
    for (const [sessionId, untilMs] of this.#until) {
      if (untilMs > now && this.#until.size <= MAX_ENTRIES) break;
      this.#until.delete(sessionId);
    }
  }

  has(sessionId: SessionId): boolean {
    const untilMs = this.#until.get(sessionId);
    return untilMs !== undefined && untilMs > this.#clock.wallNow();
  }
}
