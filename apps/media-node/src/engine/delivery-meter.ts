import type { ViewStats } from './view-registry.ts';

type Counts = Pick<ViewStats, 'bytesSent' | 'framesSent' | 'framesDropped' | 'packetsLost' | 'progress'>;
type Delivered = Omit<Required<Counts>, 'progress'> & { readonly pictureSeconds: number };

/** After a longer silence the time is reckoned from the pictures: nobody may have asked, or none may have come. */
const PICTURE_LASTS_MS = 2000;

const NOTHING: Counts = { bytesSent: 0, framesSent: 0, framesDropped: 0, packetsLost: 0 };

/** What one view was sent, over all connections it had, and for how long pictures came. Fed by being read. */
export class DeliveryMeter {
  #past = NOTHING;
  /** Pictures, or what grows with them. */
  #progress = 0;
  /** On the monotonic clock; undefined before the first picture. */
  #progressAtMs: number | undefined;
  #pictureMs = 0;

  /** A connection of the view is gone; what it was sent stays. */
  left(stats: Counts): void {
    this.#past = sum(this.#past, stats);
  }

  /** With the connections that are there now. */
  read(stats: readonly Counts[], nowMs: number): Delivered {
    const { progress: counted, ...counts } = stats.reduce(sum, this.#past);
    const progress = counted ?? counts.framesSent;
    if (progress > this.#progress) {
      const mean = this.#progress === 0 ? 0 : this.#pictureMs / this.#progress;
      const most = Math.max(PICTURE_LASTS_MS, (progress - this.#progress) * mean);
      this.#pictureMs += Math.min(nowMs - (this.#progressAtMs ?? nowMs), most);
      this.#progress = progress;
      this.#progressAtMs = nowMs;
    }
    return { ...counts, pictureSeconds: this.#pictureMs / 1000 };
  }
}

function sum(a: Counts, b: Counts): Counts {
  return {
    bytesSent: a.bytesSent + b.bytesSent,
    framesSent: a.framesSent + b.framesSent,
    framesDropped: a.framesDropped + b.framesDropped,
    packetsLost: a.packetsLost + b.packetsLost,
    progress: (a.progress ?? a.framesSent) + (b.progress ?? b.framesSent),
  };
}
