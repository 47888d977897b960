import { type Log, newId } from '@vedette/runtime';
import { z } from 'zod';
import type { Announcement, ProcessBoard } from '../process-board.ts';
import type { RedisStore, StoreGap } from './redis-store.ts';

const HeldReply = z.tuple([z.literal('held'), z.string()]);
const AnnouncedReply = z.tuple([
  z.literal('announced'),
  z.array(z.tuple([z.string(), z.string()]).transform(([key, value]): Announcement => ({ key, value }))),
]);

/** For several control processes, each with one of these. */
export class RedisProcessBoard implements ProcessBoard {
  readonly #store: RedisStore;
  readonly #log: Log;
  /** In front of what it tells: everybody hears it, and it is not told to itself. */
  readonly #name = newId();

  constructor(options: { readonly store: RedisStore; readonly log: Log }) {
    this.#store = options.store;
    this.#log = options.log;
  }

  async announce(
    own: readonly Announcement[],
    when: { readonly untilMs: number; readonly nowMs: number },
  ): Promise<readonly Announcement[]> {
    return AnnouncedReply.parse(await this.#store.run('announce', { own, ...when }))[1];
  }

  async withdraw(keys: readonly string[]): Promise<void> {
    await this.#store.run('withdraw', { keys });
  }

  async holdLease(lease: Parameters<ProcessBoard['holdLease']>[0]): Promise<string> {
    return HeldReply.parse(await this.#store.run('hold-lease', lease))[1];
  }

  async releaseLease(name: string, owner: string): Promise<void> {
    await this.#store.run('release-lease', { name, owner });
  }

  tell(text: string): void {
    this.#store.tell(`${this.#name}\n${text}`).catch((err: unknown) => {
      this.#log.debug({ err }, 'other control processes could not be told');
    });
  }

  onTold(listener: (text: string) => void): () => void {
    return this.#store.onTold((message) => {
      const end = message.indexOf('\n');
      if (message.slice(0, end) !== this.#name) listener(message.slice(end + 1));
    });
  }

  onGap(listener: (gap: StoreGap) => void): () => void {
    return this.#store.onGap(listener);
  }
}
