// Enters: commands, and who listens. Leaves: answers within a second, or `unavailable`.
// Nothing waits for a lost connection to come back: whoever asks is told, and asks again.
// Not its job: what is asked (redis-store.ts).
import { backoffMs, type Clock, fullJitter, type Log, VedetteError } from '@vedette/runtime';
import { locateRedis } from './locate-redis.ts';
import type { LuaScript } from './lua-scripts.ts';
import type { RedisAddress } from './redis-address.ts';
import { RedisPair } from './redis-pair.ts';

const RETRY = { baseMs: 100, capMs: 2000 };

export interface RedisConnectionOptions {
  readonly address: RedisAddress;
  readonly clock: Clock;
  readonly log: Log;
  /** A call that has no answer by then has failed. */
  readonly answerMs: number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

type Listener = (message: string) => void;

export class RedisConnection {
  readonly #options: RedisConnectionOptions;
  /** By channel. */
  readonly #listeners = new Map<string, Listener>();
  readonly #reconnected = new Set<() => void>();
  readonly #closing = new AbortController();
  #pair: RedisPair | undefined;

  private constructor(options: RedisConnectionOptions) {
    this.#options = options;
  }

  /** Connects, and keeps on doing so until closed. Throws `unavailable` when the first time fails. */
  static async open(options: RedisConnectionOptions): Promise<RedisConnection> {
    const connection = new RedisConnection(options);
    const first = await connection.#connect();
    void connection.#keep(first);
    return connection;
  }

  get isConnected(): boolean {
    return this.#pair !== undefined;
  }

  /** Called after every loss, once there is a connection again. */
  onReconnected(listener: () => void): void {
    this.#reconnected.add(listener);
  }

  async run(script: LuaScript, key: string, args: readonly string[]): Promise<unknown> {
    return this.#current().run(script, key, args);
  }

  async publish(channel: string, message: string): Promise<void> {
    await this.#current().publish(channel, message);
  }

  /** All that begin so; in portions, which hold up nobody for long. Throws `unavailable`. */
  async removeKeys(prefix: string): Promise<void> {
    await this.#current().removeKeys(prefix);
  }

  /** One listener a channel, for as long as the connection is kept; resolves when it hears. */
  async subscribe(channel: string, listener: Listener): Promise<void> {
    this.#listeners.set(channel, listener);
    await this.#current().subscribe(channel, listener);
  }

  close(): void {
    this.#closing.abort();
    this.#pair?.end('closed');
    this.#pair = undefined;
  }

  #current(): RedisPair {
    if (this.#pair !== undefined) return this.#pair;
    throw new VedetteError('unavailable', {
      detail: 'Redis, which control processes share, is out of reach.',
      retryAfterSeconds: 1,
    });
  }

  async #connect(): Promise<RedisPair> {
    const { address, answerMs, clock, log } = this.#options;
    const place = await locateRedis(address, clock);
    const pair = await RedisPair.open({ address, place, clock, answerMs });
    for (const [channel, listener] of this.#listeners) await pair.subscribe(channel, listener);
    if (await pair.mayForget().catch(() => false)) {
      log.error('Redis is set to evict keys when it is full: set maxmemory-policy to noeviction');
    }
    this.#pair = pair;
    return pair;
  }

  /** Until closed: waits for the connection to break, and makes another. */
  async #keep(first: RedisPair): Promise<void> {
    const { clock, log, random } = this.#options;
    const { signal } = this.#closing;
    let pair: RedisPair | undefined = first;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      if (pair !== undefined) {
        const err = await pair.broken;
        if (signal.aborted) return;
        this.#pair = undefined;
        attempt = 0;
        log.warn({ err }, 'connection to Redis lost');
      }
      await clock.sleep(fullJitter(backoffMs(attempt, RETRY), random), signal).catch(() => undefined);
      if (signal.aborted) return;
      pair = await this.#connect().catch((err: unknown) => {
        if (attempt === 0) log.warn({ err }, 'Redis is out of reach');
        return undefined;
      });
      if (pair === undefined) continue;
      if (signal.aborted) return pair.end('closed');
      log.info('connected to Redis again');
      for (const listener of this.#reconnected) listener();
    }
  }
}
