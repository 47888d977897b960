import type { NodeReport, StreamPath } from '@vedette/contracts';

/** B-frames come within a few pictures; a stream that has brought so many has none. */
const PROBATION = 100;
const MAX_STREAMS = 20_000;

/** Which streams had B-frames when they last ran. */
export class BFrameMemory {
  readonly #paths = new Set<StreamPath>();

  has(path: StreamPath): boolean {
    return this.#paths.has(path);
  }

  reported({ streams }: Pick<NodeReport, 'streams'>): void {
    for (const { framesIn, hasBFrames, health, path } of streams) {
      if (health !== 'live') continue;
      if (hasBFrames === true) {
        if (this.#paths.size >= MAX_STREAMS) this.#paths.clear();
        this.#paths.add(path);
      } else if (framesIn >= PROBATION) this.#paths.delete(path);
    }
  }
}
