// Enters: the paths that MediaMTX should have, whole, as often as that changes. Leaves: calls of its API until it has them.
// MediaMTX checks every path it has whenever one changes (0.055 ms each, one change at a time), so only what is wanted is
// there, what a viewer waits for comes first, and many at once go by one file where MediaMTX is ours.
import type { StreamPath } from '@vedette/contracts';
import { type Clock, type Log, VedetteError } from '@vedette/runtime';
import { ApiRefusal, type MediaMtxApi, type PathSettings } from './mediamtx-api.ts';

interface PathReconcilerOptions {
  readonly api: Pick<MediaMtxApi, 'path' | 'removePath' | 'setPath'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly onChange: () => void;
  /** Tells MediaMTX all paths in one step. */
  readonly setAll?: ((paths: ReadonlyMap<StreamPath, PathSettings>) => Promise<void>) | undefined;
}

/** MediaMTX takes one at a time; a second and third wait there instead of here, so that it never idles. */
const AT_ONCE = 3;
/** From so many on, one file is quicker than its API. */
const MANY = 40;
const RETRY_MS = 1000;
const VISIBLE_WITHIN_MS = 3000;
const LOOK_MS = 5;

export class PathReconciler {
  readonly #options: PathReconcilerOptions;
  #wanted: ReadonlyMap<StreamPath, PathSettings> = new Map();
  /** As MediaMTX has them, by their settings as text. */
  readonly #have = new Map<StreamPath, string>();
  readonly #texts = new WeakMap<PathSettings, string>();
  readonly #busy = new Set<StreamPath>();
  /** Not to be tried again before, ms on the clock. */
  readonly #failed = new Map<StreamPath, { readonly untilMs: number; readonly why: string }>();
  readonly #urgent = new Set<StreamPath>();
  #waiting: { readonly path: StreamPath; readonly resolve: () => void }[] = [];
  #changingAll = false;
  #cancelRetry: (() => void) | undefined;
  #closed = false;
  #reachable = false;

  constructor(options: PathReconcilerOptions) {
    this.#options = options;
  }

  want(paths: ReadonlyMap<StreamPath, PathSettings>): void {
    this.#wanted = paths;
    for (const path of this.#failed.keys()) if (!paths.has(path)) this.#failed.delete(path);
    this.#work();
  }

  /** MediaMTX has it, as it should be. */
  has(path: StreamPath): boolean {
    const settings = this.#wanted.get(path);
    return settings !== undefined && this.#have.get(path) === this.#textOf(settings);
  }

  /** What MediaMTX said when it refused the path; undefined when it did not. */
  refusal(path: StreamPath): string | undefined {
    return this.#failed.get(path)?.why;
  }

  /** Resolves once MediaMTX has the path; it then goes before all others. Rejects with the signal's reason. */
  ready(path: StreamPath, signal: AbortSignal): Promise<void> {
    if (this.has(path)) return Promise.resolve();
    if (this.#closed) return Promise.reject(new VedetteError('unavailable'));
    this.#urgent.add(path);
    const { promise, reject, resolve } = Promise.withResolvers<void>();
    const waiting = { path, resolve };
    this.#waiting.push(waiting);
    const abort = () => {
      this.#waiting = this.#waiting.filter((other) => other !== waiting);
      if (!this.#waiting.some((other) => other.path === path)) this.#urgent.delete(path);
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    this.#work();
    return promise.finally(() => signal.removeEventListener('abort', abort));
  }

  /** What MediaMTX really has, of what is ours; anything may have happened to it meanwhile. */
  found(names: ReadonlySet<string>): void {
    this.#reachable = true;
    for (const path of this.#have.keys())
      if (!names.has(path) && !this.#busy.has(path)) this.#have.delete(path);
    for (const name of names) {
      const path = name as StreamPath;
      if (!this.#have.has(path) && !this.#busy.has(path)) this.#have.set(path, '');
    }
    this.#work();
  }

  /** MediaMTX is gone, and with it all paths; `found` says when it is back. */
  lost(): void {
    this.#reachable = false;
    this.#have.clear();
  }

  /** Nothing is begun any more. */
  close(): void {
    this.#closed = true;
    this.#cancelRetry?.();
    this.#waiting = [];
  }

  /** Settings are never changed, only replaced. */
  #textOf(settings: PathSettings): string {
    const text = this.#texts.get(settings) ?? JSON.stringify(settings);
    this.#texts.set(settings, text);
    return text;
  }

  #work(): void {
    if (this.#closed || !this.#reachable || this.#changingAll) return;
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    const now = this.#options.clock.now();
    const { setAll } = this.#options;
    const missing = [...this.#wanted].filter(([path]) => this.#isDue(path, now) && !this.has(path));
    const over = [...this.#have.keys()].filter((path) => this.#isDue(path, now) && !this.#wanted.has(path));
    if (setAll !== undefined && missing.length + over.length >= MANY) {
      if (this.#busy.size === 0) void this.#changeAll(setAll);
      return;
    }
    missing.sort(([a], [b]) => Number(this.#urgent.has(b)) - Number(this.#urgent.has(a)));
    for (const [path, settings] of missing) {
      if (this.#busy.size >= AT_ONCE) return;
      void this.#change(path, () => this.#add(path, settings));
    }
    for (const path of over) {
      if (this.#busy.size >= AT_ONCE) return;
      void this.#change(path, () => this.#remove(path));
    }
    if (this.#failed.size > 0) this.#retryLater();
  }

  #isDue(path: StreamPath, now: number): boolean {
    return !this.#busy.has(path) && (this.#failed.get(path)?.untilMs ?? 0) <= now;
  }

  async #change(path: StreamPath, make: () => Promise<void>): Promise<void> {
    this.#busy.add(path);
    try {
      await make();
      this.#failed.delete(path);
    } catch (error) {
      this.#noteFailure(path, error);
    }
    this.#busy.delete(path);
    this.#changed();
  }

  async #add(path: StreamPath, settings: PathSettings): Promise<void> {
    await this.#options.api.setPath(path, settings);
    await this.#visible([path]);
    this.#have.set(path, this.#textOf(settings));
  }

  async #remove(path: StreamPath): Promise<void> {
    await this.#options.api.removePath(path);
    this.#have.delete(path);
  }

  async #changeAll(setAll: NonNullable<PathReconcilerOptions['setAll']>): Promise<void> {
    this.#changingAll = true;
    const paths = this.#wanted;
    try {
      await setAll(paths);
      await this.#visible([...paths.keys()]);
      this.#have.clear();
      for (const [path, settings] of paths) this.#have.set(path, this.#textOf(settings));
    } catch (error) {
      for (const path of paths.keys()) if (!this.has(path)) this.#noteFailure(path, error);
    }
    this.#changingAll = false;
    this.#changed();
  }

  /** The API answers before the path is there. */
  async #visible(paths: readonly StreamPath[]): Promise<void> {
    const { api, clock } = this.#options;
    const until = clock.now() + VISIBLE_WITHIN_MS;
    for (const path of [paths[0], paths.at(-1)]) {
      if (path === undefined) return;
      while ((await api.path(path)) === undefined) {
        if (clock.now() > until)
          throw new VedetteError('unavailable', { detail: 'MediaMTX does not take it.' });
        await clock.sleep(LOOK_MS);
      }
    }
  }

  #noteFailure(path: StreamPath, error: unknown): void {
    const { clock, log } = this.#options;
    const why = error instanceof Error ? error.message : String(error);
    if (error instanceof ApiRefusal || this.#failed.get(path)?.why !== why)
      log.warn({ path, reason: why }, 'MediaMTX did not take a path; it is asked again');
    this.#failed.set(path, { untilMs: clock.now() + RETRY_MS, why });
  }

  #retryLater(): void {
    this.#cancelRetry ??= this.#options.clock.after(RETRY_MS, () => {
      this.#cancelRetry = undefined;
      this.#work();
    });
  }

  #changed(): void {
    this.#waiting = this.#waiting.filter(({ path, resolve }) => {
      if (!this.has(path)) return true;
      this.#urgent.delete(path);
      resolve();
      return false;
    });
    this.#options.onChange();
    this.#work();
  }
}
