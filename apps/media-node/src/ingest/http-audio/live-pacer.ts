import type { Clock } from '@vedette/runtime';

export interface LivePacerOptions<T> {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onItem: (item: T, wallClockMs: number) => void;
}

interface Waiting<T> {
  readonly item: T;
  readonly seconds: number;
}

/** How long the burst of a connect is looked at before its newest second is let through. */
const HOLD_MS = 400;
/** In this time after the first byte what has piled up is the past, later it is how the station sends. */
const BURST_MS = 3000;
const BURST_S = 2.5;
const KEPT_S = 1;
/** Of the kept second so much goes out at once, so that somebody who waits hears soon. */
const HEAD_START_S = 0.5;
/** What never fell below this while it was watched goes out a little faster than it plays: the delay melts unheard. */
const COMFORTABLE_S = 1;
const WATCH_MS = 10_000;
const FASTER = 1.02;
/** With so much waiting, reading from the station pauses. */
const FULL_S = 10;

/**
 * Lets sound through at the pace at which it plays. Stations send ten seconds at once on a connect, and often in
 * lumps afterwards: the burst is cut to its newest second, so that live stays live; lumps are evened out.
 */
export class LivePacer<T> {
  readonly #options: LivePacerOptions<T>;
  #queue: Waiting<T>[] = [];
  #queuedSeconds = 0;
  #beganMs: number | undefined;
  /** Monotonic, ms: when the next item is due; undefined while the burst is held. */
  #dueMs: number | undefined;
  #isWaiting = false;
  /** Least that waited since `#watchedSinceMs`. */
  #lowSeconds = Number.POSITIVE_INFINITY;
  #watchedSinceMs = 0;
  #pace = 1;
  #droppedSeconds = 0;
  #room: (() => void) | undefined;

  constructor(options: LivePacerOptions<T>) {
    this.#options = options;
  }

  get queuedSeconds(): number {
    return this.#queuedSeconds;
  }

  /** Sound of the first burst that nobody will hear. */
  get droppedSeconds(): number {
    return this.#droppedSeconds;
  }

  push(item: T, seconds: number): void {
    const { clock } = this.#options;
    const now = clock.now();
    this.#beganMs ??= now;
    this.#queue.push({ item, seconds });
    this.#queuedSeconds += seconds;
    if (now - this.#beganMs < BURST_MS && this.#queuedSeconds > BURST_S) this.#dropPast();
    if (this.#isWaiting) return;
    if (this.#dueMs === undefined) this.#wait(HOLD_MS);
    else this.#step();
  }

  /** Resolves once more may be pushed; rejects when the signal aborts. */
  async room(): Promise<void> {
    const { signal } = this.#options;
    signal.throwIfAborted();
    if (this.#queuedSeconds < FULL_S) return;
    const room = Promise.withResolvers<void>();
    const abort = () => room.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    this.#room = room.resolve;
    await room.promise.finally(() => signal.removeEventListener('abort', abort));
  }

  #dropPast(): void {
    let drop = 0;
    for (; drop + 1 < this.#queue.length; drop += 1) {
      const seconds = this.#queue[drop]?.seconds ?? 0;
      if (this.#queuedSeconds - seconds < KEPT_S) break;
      this.#queuedSeconds -= seconds;
      this.#droppedSeconds += seconds;
    }
    this.#queue = this.#queue.slice(drop);
  }

  #wait(ms: number): void {
    const { clock, signal } = this.#options;
    this.#isWaiting = true;
    clock.after(ms, () => {
      this.#isWaiting = false;
      if (!signal.aborted) this.#step();
    });
  }

  #step(): void {
    const { clock, onItem } = this.#options;
    const now = clock.now();
    if (this.#dueMs === undefined) {
      this.#dueMs = now - HEAD_START_S * 1000;
      this.#watchedSinceMs = now;
      this.#dropPast();
    }
    let sent = 0;
    for (; sent < this.#queue.length; sent += 1) {
      const waiting = this.#queue[sent];
      if (waiting === undefined || this.#dueMs > now) break;
      const lateMs = now - this.#dueMs;
      // The station was silent for a while: what comes now plays from now on.
      if (lateMs > HEAD_START_S * 1000) this.#dueMs = now;
      onItem(waiting.item, clock.wallNow() - (now - this.#dueMs));
      this.#queuedSeconds -= waiting.seconds;
      this.#dueMs += (waiting.seconds * 1000) / this.#pace;
    }
    if (sent > 0) this.#queue = this.#queue.slice(sent);
    this.#watch(now);
    if (this.#queuedSeconds < FULL_S) this.#room?.();
    if (this.#queue.length > 0) this.#wait(Math.max(1, this.#dueMs - now));
  }

  #watch(now: number): void {
    this.#lowSeconds = Math.min(this.#lowSeconds, this.#queuedSeconds);
    if (now - this.#watchedSinceMs < WATCH_MS) return;
    this.#pace = this.#lowSeconds > COMFORTABLE_S ? FASTER : 1;
    this.#watchedSinceMs = now;
    this.#lowSeconds = Number.POSITIVE_INFINITY;
  }
}
