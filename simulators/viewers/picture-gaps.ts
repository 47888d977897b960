/** A time in which a viewer saw no new picture; ms since the Unix epoch. */
export interface PictureGap {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Finds the pauses between one viewer's pictures. What comes before its first picture is no pause. */
export class PictureGaps {
  readonly #longerThanMs: number;
  #lastMs: number | undefined;

  constructor(options: { readonly longerThanMs: number }) {
    this.#longerThanMs = options.longerThanMs;
  }

  /** Undefined before the first. */
  get lastMs(): number | undefined {
    return this.#lastMs;
  }

  /** A picture came; answers the pause that it ended, if that was one. */
  picture(nowMs: number): PictureGap | undefined {
    const fromMs = this.#lastMs;
    this.#lastMs = nowMs;
    return fromMs !== undefined && nowMs - fromMs > this.#longerThanMs ? { fromMs, toMs: nowMs } : undefined;
  }

  isDark(nowMs: number): boolean {
    return this.#lastMs === undefined || nowMs - this.#lastMs > this.#longerThanMs;
  }
}
