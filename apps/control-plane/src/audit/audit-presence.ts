// Enters: how many records this process has made. Leaves: that number in the database, again and again, so that others
// can tell records that have not come yet from records that were removed.
import type { Clock, Log } from '@vedette/runtime';
import type { AuditWriterStore } from './audit-writer-store.ts';

interface AuditPresenceOptions {
  readonly writer: string;
  /** Name of this machine. */
  readonly host: string;
  readonly store: Pick<AuditWriterStore, 'say'>;
  /** Records made so far, delivered or not. */
  readonly made: () => number;
  readonly clock: Pick<Clock, 'after' | 'wallNow'>;
  readonly log: Log;
}

const SAY_EVERY_MS = 20_000;
/** Whoever has said nothing for so long has ended without closing, or cannot reach the database. */
export const SILENT_AFTER_MS = 90_000;

export class AuditPresence {
  readonly #options: AuditPresenceOptions;
  #cancel: () => void = () => undefined;
  #closed = false;

  constructor(options: AuditPresenceOptions) {
    this.#options = options;
  }

  /** Rejects when the database is away. */
  async start(): Promise<void> {
    await this.#say(null);
    this.#later();
  }

  /** Of lives of this process that have delivered all they had, and of which there will be no more. */
  async closed(chains: readonly { readonly writer: string; readonly seq: number }[]): Promise<void> {
    const { clock, host, store } = this.#options;
    const now = new Date(clock.wallNow());
    for (const { seq, writer } of chains) await store.say({ writer, host, seq, seenAt: now, closedAt: now });
  }

  /** `isDelivered`: this process has nothing left that is not in the database. */
  async close(isDelivered: boolean): Promise<void> {
    this.#closed = true;
    this.#cancel();
    await this.#say(isDelivered ? new Date(this.#options.clock.wallNow()) : null).catch(() => undefined);
  }

  async #say(closedAt: Date | null): Promise<void> {
    const { clock, host, made, store, writer } = this.#options;
    await store.say({ writer, host, seq: made(), seenAt: new Date(clock.wallNow()), closedAt });
  }

  #later(): void {
    if (this.#closed) return;
    this.#cancel = this.#options.clock.after(SAY_EVERY_MS, () => {
      this.#say(null)
        .catch((err: unknown) => this.#options.log.debug({ err }, 'where the audit stands could not be told'))
        .finally(() => this.#later());
    });
  }
}
