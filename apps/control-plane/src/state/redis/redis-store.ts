// Enters: requests to scripts. Leaves: their answers, if they are about the state as it was known to be.
// Not its job: what a script does, how Redis is reached.
import { type Clock, type Log, newId, VedetteError } from '@vedette/runtime';
import { z } from 'zod';
import { type LuaScript, readLuaScripts, type ScriptName } from './lua-scripts.ts';
import type { RedisConnection } from './redis-connection.ts';

interface RedisStoreOptions {
  readonly connection: RedisConnection;
  /** Several systems may share a Redis. Letters, digits, dashes; may be empty. */
  readonly prefix: string;
  readonly clock: Pick<Clock, 'wallNow'>;
  readonly log: Log;
}

/** `emptied`: nothing is left of what was shared. `missed`: messages may have been. */
export type StoreGap = 'missed' | 'emptied';
type Listener = (message: string) => void;

const Reply = z.array(z.unknown()).nonempty();
const Joined = z.tuple([z.string(), z.string()]);

/**
 * One system's keys. They all begin with the same hash tag, so that a cluster keeps them on one shard, and with a
 * generation: a random name that is gone when Redis was emptied. Each script is told the generation that its caller
 * knows, and does nothing when that is not the one that is there.
 */
export class RedisStore {
  readonly #options: RedisStoreOptions;
  readonly #scripts = readLuaScripts();
  readonly #prefix: string;
  readonly #desired = new Set<Listener>();
  readonly #told = new Set<Listener>();
  readonly #gaps = new Set<(gap: StoreGap) => void>();
  #generation: string | undefined;
  #joining: Promise<void> | undefined;
  /** The highest that this process has had as an answer. */
  #fence = 0;
  #order = 0;

  constructor(options: RedisStoreOptions) {
    this.#options = options;
    this.#prefix = `{vedette}${options.prefix}:`;
  }

  /** Joins what is there, or begins it; hears from then on. Throws `unavailable`. */
  static async open(options: RedisStoreOptions): Promise<RedisStore> {
    const store = new RedisStore(options);
    const { connection } = options;
    await store.#join();
    await connection.subscribe(store.#key('desired'), (message) => callAll(store.#desired, message));
    await connection.subscribe(store.#key('told'), (message) => callAll(store.#told, message));
    connection.onReconnected(() => void store.#reconnected());
    return store;
  }

  /**
   * Throws `unavailable` when Redis does not answer, and when it was emptied: then `onGap` comes first, so
   * that nobody goes on with half of it.
   */
  async run(name: ScriptName, request: object): Promise<readonly unknown[]> {
    const generation = this.#generation ?? '';
    const args = [generation, JSON.stringify(request)];
    const reply = Reply.parse(
      await this.#options.connection.run(this.#script(name), this.#key('generation'), args),
    );
    if (reply[0] !== 'emptied') return reply;
    if (this.#generation === generation) await this.#join();
    throw new VedetteError('unavailable', {
      detail: 'What is shared between control processes was lost, and is being taken over from the nodes.',
      retryAfterSeconds: 1,
    });
  }

  /** A store that comes back without them has lost what was answered, and is left for a new generation. */
  saw(answered: { readonly fence?: number; readonly order?: number }): void {
    this.#fence = Math.max(this.#fence, answered.fence ?? 0);
    this.#order = Math.max(this.#order, answered.order ?? 0);
  }

  async tell(text: string): Promise<void> {
    await this.#options.connection.publish(this.#key('told'), text);
  }

  /** What any process, this one too, has told since it was opened; except while it was cut off, see `onGap`. */
  onTold(listener: Listener): () => void {
    return added(this.#told, listener);
  }

  /** Names of nodes, between blanks; heard as `onTold`. */
  onDesired(listener: Listener): () => void {
    return added(this.#desired, listener);
  }

  onGap(listener: (gap: StoreGap) => void): () => void {
    return added(this.#gaps, listener);
  }

  async #reconnected(): Promise<void> {
    try {
      await this.#join();
    } catch (err) {
      // The next call finds out what there is.
      this.#options.log.warn({ err }, 'Redis does not say what it holds');
    }
    this.#gap('missed');
  }

  /** One at a time, however many calls find the generation gone. */
  async #join(): Promise<void> {
    this.#joining ??= this.#joinNow().finally(() => {
      this.#joining = undefined;
    });
    await this.#joining;
  }

  async #joinNow(): Promise<void> {
    const { clock, connection, log } = this.#options;
    const before = this.#generation;
    const args = [newId(), ...[clock.wallNow(), this.#fence, this.#order].map(String), before ?? ''];
    const [joined, replaced] = Joined.parse(
      await connection.run(this.#script('join'), this.#key('generation'), args),
    );
    this.#generation = joined;
    if (replaced !== '') {
      connection.removeKeys(this.#key(`${replaced}:`)).catch((err: unknown) => {
        log.warn({ err }, 'what is left of an earlier generation stays in Redis');
      });
    }
    if (before !== undefined && before !== joined) this.#gap('emptied');
  }

  #gap(gap: StoreGap): void {
    this.#options.log.warn({ gap }, 'what control processes share may not be whole');
    callAll(this.#gaps, gap);
  }

  #key(name: string): string {
    return this.#prefix + name;
  }

  #script(name: ScriptName): LuaScript {
    const script = this.#scripts.get(name);
    if (script === undefined) throw new Error(`there is no script ${name}`);
    return script;
  }
}

function added<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function callAll<T>(listeners: ReadonlySet<(about: T) => void>, about: T): void {
  for (const listener of listeners) listener(about);
}
