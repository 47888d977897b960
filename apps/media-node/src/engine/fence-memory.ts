import type { DesiredStream, StreamPath } from '@vedette/contracts';

/** Beyond it the oldest of those that do not run are forgotten. */
const MAX_FENCES = 10_000;

/** The highest fence seen of each stream, dropped ones included, so that a late old message brings none back. */
export class FenceMemory {
  readonly #fences = new Map<StreamPath, number>();

  /** False when a higher one was seen; otherwise it is remembered. */
  passes(
    { fence, path }: Pick<DesiredStream, 'fence' | 'path'>,
    runs: (path: StreamPath) => boolean,
  ): boolean {
    if (fence < (this.#fences.get(path) ?? 0)) return false;
    this.#fences.delete(path);
    this.#fences.set(path, fence);
    if (this.#fences.size <= MAX_FENCES) return true;
    for (const known of this.#fences.keys()) {
      if (runs(known)) continue;
      this.#fences.delete(known);
      break;
    }
    return true;
  }
}
