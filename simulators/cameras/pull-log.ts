import type { ProfileName } from './rtsp/stream-path.ts';

/** One client that played one profile; ms since the Unix epoch. */
export interface Pull {
  readonly profile: ProfileName;
  /** Address that its connection came from. */
  readonly client: string;
  readonly fromMs: number;
  /** Null while it goes on. */
  readonly toMs: number | null;
}

/** Ended pulls that are remembered; a camera that is dialled each second forgets after an hour. */
const KEPT = 4000;

/** Who pulled a camera when, so that two at once are seen from the camera's side, however short. */
export class PullLog {
  readonly #wallNow: () => number;
  readonly #running = new Set<Omit<Pull, 'toMs'>>();
  readonly #ended: Pull[] = [];

  constructor(options: { readonly wallNow: () => number }) {
    this.#wallNow = options.wallNow;
  }

  /** A client plays from now on, until the answered function is called; calling that again does nothing. */
  begin(profile: ProfileName, client: string): () => void {
    const pull = { profile, client, fromMs: this.#wallNow() };
    this.#running.add(pull);
    return () => {
      if (!this.#running.delete(pull)) return;
      this.#ended.push({ ...pull, toMs: this.#wallNow() });
      if (this.#ended.length > KEPT) this.#ended.shift();
    };
  }

  /** Those that run, and those that ended at `ms` or later. */
  since(ms: number): readonly Pull[] {
    const running = [...this.#running].map((pull) => ({ ...pull, toMs: null }));
    return [...this.#ended.filter(({ toMs }) => (toMs ?? 0) >= ms), ...running];
  }
}
