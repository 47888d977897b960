import { ErrorReply } from '@redis/client';
import { type Clock, VedetteError } from '@vedette/runtime';
import { z } from 'zod';
import { answeredWithin } from './answered-within.ts';
import type { LuaScript } from './lua-scripts.ts';
import type { RedisAddress } from './redis-address.ts';
import { makeClient, type RedisClient, type ServerPlace } from './redis-client.ts';

/** Answers that mean: this is not the server to talk to, or not any more. */
const ELSEWHERE = new Set(['MOVED', 'ASK', 'READONLY', 'MASTERDOWN', 'CLUSTERDOWN']);
/** Answers that mean: not now. */
const NOT_NOW = new Set(['LOADING', 'BUSY', 'OOM', 'MISCONF', 'NOREPLICAS', 'TRYAGAIN']);
const REFUSALS = new Set(['WRONGPASS', 'NOAUTH', 'NOPERM']);
const OUT_OF_REACH = 'Redis, which control processes share, is out of reach.';
const BEAT_MS = 1000;
const MISSED_BEATS = 2;

const ScanReply = z.tuple([z.string(), z.string().array()]);

interface RedisPairOptions {
  readonly address: RedisAddress;
  readonly place: ServerPlace;
  readonly clock: Clock;
  /** No answer within it is a failure. */
  readonly answerMs: number;
}

/** Two connections to one server, for commands and for listening; when one breaks or falls silent, both end. */
export class RedisPair {
  readonly #options: RedisPairOptions;
  readonly #commands: RedisClient;
  readonly #listening: RedisClient;
  readonly #broken = Promise.withResolvers<unknown>();
  #missedBeats = 0;
  #stopBeating: () => void = () => undefined;
  #isOver = false;

  private constructor(options: RedisPairOptions) {
    const { address, place } = options;
    this.#options = options;
    this.#commands = makeClient(place, address.tls, address);
    this.#listening = makeClient(place, address.tls, address);
    for (const client of [this.#commands, this.#listening]) client.on('error', (error) => this.end(error));
  }

  static async open(options: RedisPairOptions): Promise<RedisPair> {
    const pair = new RedisPair(options);
    try {
      await pair.#bounded(Promise.all([pair.#commands.connect(), pair.#listening.connect()]), 2);
      if (options.address.kind === 'sentinel') await pair.#checkRole();
    } catch (error) {
      pair.end(error);
      throw new VedetteError('unavailable', {
        detail: isRefusal(error) ? 'Redis refuses the user or the password.' : OUT_OF_REACH,
        retryAfterSeconds: 1,
        cause: error,
      });
    }
    pair.#beat();
    return pair;
  }

  /** Resolves with the reason when it has ended. */
  get broken(): Promise<unknown> {
    return this.#broken.promise;
  }

  /** Throws `unavailable`, or `internal_error` for what the script itself did wrong. */
  async run(script: LuaScript, key: string, args: readonly string[]): Promise<unknown> {
    try {
      return await this.#bounded(this.#runOrLoad(script, ['1', key, ...args]));
    } catch (error) {
      if (isElsewhere(error)) this.end(error);
      throw failureOf(error);
    }
  }

  async publish(channel: string, message: string): Promise<void> {
    try {
      await this.#bounded(this.#commands.publish(channel, message));
    } catch (error) {
      throw failureOf(error);
    }
  }

  async removeKeys(prefix: string): Promise<void> {
    for (let cursor = '0'; ; ) {
      const asked = ['SCAN', cursor, 'MATCH', `${prefix}*`, 'COUNT', '1000'];
      const [next, keys] = ScanReply.parse(await this.#ask(asked));
      if (keys.length > 0) await this.#ask(['UNLINK', ...keys]);
      if (next === '0') return;
      cursor = next;
    }
  }

  /** Whether it would make room by forgetting some of what we keep, which is of use only as a whole. */
  async mayForget(): Promise<boolean> {
    const info = z.string().parse(await this.#ask(['INFO', 'memory']));
    return /^maxmemory:[1-9]/m.test(info) && /^maxmemory_policy:allkeys/m.test(info);
  }

  async subscribe(channel: string, listener: (message: string) => void): Promise<void> {
    try {
      await this.#bounded(this.#listening.subscribe(channel, listener));
    } catch (error) {
      this.end(error);
      throw failureOf(error);
    }
  }

  end(reason: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopBeating();
    this.#commands.destroy();
    this.#listening.destroy();
    this.#broken.resolve(reason);
  }

  async #ask(command: readonly string[]): Promise<unknown> {
    try {
      return await this.#bounded(this.#commands.sendCommand([...command]));
    } catch (error) {
      throw failureOf(error);
    }
  }

  async #runOrLoad(script: LuaScript, rest: readonly string[]): Promise<unknown> {
    try {
      return await this.#commands.sendCommand(['EVALSHA', script.sha1, ...rest]);
    } catch (error) {
      if (firstWord(error) !== 'NOSCRIPT') throw error;
      return this.#commands.sendCommand(['EVAL', script.source, ...rest]);
    }
  }

  /** Sentinels may name a master that has just stepped down. */
  async #checkRole(): Promise<void> {
    const [role] = z
      .tuple([z.string()], z.unknown())
      .parse(await this.#bounded(this.#commands.sendCommand(['ROLE'])));
    if (role !== 'master') throw new VedetteError('unavailable', { detail: 'Redis is not the master.' });
  }

  /** A connection that was cut without a word looks like one that nobody uses. */
  #beat(): void {
    this.#stopBeating = this.#options.clock.after(BEAT_MS, async () => {
      try {
        await this.#bounded(Promise.all([this.#commands.ping(), this.#listening.ping()]));
        this.#missedBeats = 0;
      } catch (error) {
        this.#missedBeats += 1;
        if (this.#missedBeats >= MISSED_BEATS) this.end(error);
      }
      if (!this.#isOver) this.#beat();
    });
  }

  #bounded<T>(work: Promise<T>, times = 1): Promise<T> {
    const { answerMs, clock } = this.#options;
    return answeredWithin(work, answerMs * times, clock);
  }
}

function firstWord(error: unknown): string {
  return error instanceof ErrorReply ? (error.message.split(' ', 1)[0] ?? '') : '';
}

function isElsewhere(error: unknown): boolean {
  return ELSEWHERE.has(firstWord(error));
}

function isRefusal(error: unknown): boolean {
  return REFUSALS.has(firstWord(error));
}

function failureOf(error: unknown): VedetteError {
  if (error instanceof VedetteError) return error;
  const word = firstWord(error);
  if (!(error instanceof ErrorReply) || ELSEWHERE.has(word) || NOT_NOW.has(word) || isRefusal(error)) {
    return new VedetteError('unavailable', { detail: OUT_OF_REACH, retryAfterSeconds: 1, cause: error });
  }
  return new VedetteError('internal_error', { cause: error });
}
