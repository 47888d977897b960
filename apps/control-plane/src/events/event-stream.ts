import { Readable } from 'node:stream';
import type { LiveEvent } from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';

const HEARTBEAT_MS = 15_000;
/** How long a browser waits before it connects again. */
const RETRY_MS = 2000;
/** A client with this much unread is cut off: it connects again and reads the lists afresh. */
const MAX_UNREAD_BYTES = 1024 * 1024;

/** An event as server-sent events write it (WHATWG HTML section 9.2). */
export function encodeEvent(event: LiveEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** What one client has yet to read, bounded, with a heartbeat in quiet times. */
export class EventStream extends Readable {
  readonly #clock: Pick<Clock, 'after'>;
  #cancel: () => void = () => undefined;
  #over = false;

  constructor(options: { readonly clock: Pick<Clock, 'after'> }) {
    super({ highWaterMark: MAX_UNREAD_BYTES });
    this.#clock = options.clock;
    this.tell(`retry: ${RETRY_MS}\n\n`);
  }

  tell(text: string): void {
    if (this.#over || this.destroyed) return;
    this.#cancel();
    this.#cancel = this.#clock.after(HEARTBEAT_MS, () => this.tell(': still here\n\n'));
    if (!this.push(text)) this.destroy();
  }

  /** Ends it; the browser connects again, and is asked who it is. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancel();
    this.push(null);
  }

  override _read(): void {}

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#cancel();
    done(error);
  }
}
