/** What FFmpeg said last of its work (`-progress`). */
export interface Progress {
  readonly frame: number;
  readonly fps: number;
  /** Media time over wall time; 1 is real time. Null while unknown. */
  readonly speed: number | null;
  /** Media time written, ms; null while unknown. */
  readonly outTimeMs: number | null;
  readonly bytes: number | null;
  readonly ended: boolean;
}

/** A block is about 300 bytes; what grows beyond this without an end is no progress report. */
const LIMIT_CHARS = 16_384;

/** Reads the blocks of `key=value` lines that `-progress` writes; each ends with a line `progress=`. */
export class ProgressReader {
  readonly #onProgress: (progress: Progress) => void;
  #rest = '';
  #block = new Map<string, string>();

  constructor(onProgress: (progress: Progress) => void) {
    this.#onProgress = onProgress;
  }

  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = (lines.pop() ?? '').slice(-LIMIT_CHARS);
    for (const line of lines) this.#line(line);
  }

  #line(line: string): void {
    const at = line.indexOf('=');
    if (at < 0) return;
    const key = line.slice(0, at);
    const value = line.slice(at + 1).trim();
    if (key !== 'progress') {
      if (this.#block.size < 64) this.#block.set(key, value);
      return;
    }
    const number = (name: string) => {
      const parsed = Number.parseFloat(this.#block.get(name) ?? '');
      return Number.isFinite(parsed) ? parsed : null;
    };
    // out_time_ms holds microseconds as well, in every version (an old mistake of FFmpeg's that is kept).
    const microseconds = number('out_time_us') ?? number('out_time_ms');
    this.#onProgress({
      frame: number('frame') ?? 0,
      fps: number('fps') ?? 0,
      speed: number('speed'),
      outTimeMs: microseconds === null ? null : microseconds / 1000,
      bytes: number('total_size'),
      ended: value === 'end',
    });
    this.#block = new Map();
  }
}
