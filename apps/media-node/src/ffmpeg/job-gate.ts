import { SourceError } from '../ingest/source-error.ts';

interface Waiting {
  readonly admit: () => void;
}

/** More than this many in line is a mistake, not a queue. */
const LIMIT_WAITING = 1000;

/** Lets so many jobs run at once; the rest wait in the order they came. */
export class JobGate {
  readonly #limit: number;
  #running = 0;
  #line: readonly Waiting[] = [];

  constructor(options: { readonly limit: number }) {
    this.#limit = options.limit;
  }

  get running(): number {
    return this.#running;
  }

  get queued(): number {
    return this.#line.length;
  }

  /**
   * Resolves with the function that gives the place back, which may be called again; rejects with the signal's
   * reason, or with SourceError when no place can be had. `onQueued` is called when there is none at once.
   */
  enter(signal: AbortSignal, onQueued: () => void): Promise<() => void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#limit === 0)
      return Promise.reject(
        new SourceError('ffmpeg_missing', 'queue', 'FFmpeg is switched off on this node: FFMPEG_JOBS is 0.'),
      );
    if (this.#running < this.#limit) return Promise.resolve(this.#take());
    if (this.#line.length >= LIMIT_WAITING)
      return Promise.reject(new SourceError('ffmpeg_queued', 'queue', 'Too many streams wait for FFmpeg.'));
    onQueued();
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#line = this.#line.filter((other) => other !== waiting);
        reject(signal.reason);
      };
      const waiting: Waiting = {
        admit: () => {
          signal.removeEventListener('abort', abort);
          resolve(this.#take());
        },
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#line = [...this.#line, waiting];
    });
  }

  #take(): () => void {
    this.#running += 1;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#running -= 1;
      const [next, ...rest] = this.#line;
      this.#line = rest;
      next?.admit();
    };
  }
}
