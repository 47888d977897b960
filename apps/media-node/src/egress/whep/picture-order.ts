import type { EncodedFrame } from '@vedette/media-types';

/**
 * Tells B-frames by what they do: a picture that is shown before one that was sent earlier. What an SPS allows says
 * little, many cameras allow what they never do. Over WebRTC, which has no decode times, such pictures judder.
 */
export class PictureOrder {
  #latest = Number.NEGATIVE_INFINITY;

  /** True when the frame is shown before an earlier one. */
  reordered(frame: EncodedFrame): boolean {
    if (frame.kind !== 'video') return false;
    if (frame.ptsTicks < this.#latest) return true;
    this.#latest = frame.ptsTicks;
    return false;
  }

  /** The stream begins anew. */
  reset(): void {
    this.#latest = Number.NEGATIVE_INFINITY;
  }
}

/** Whether the frames, in decode order, are shown in another. */
export function hasReorderedPictures(frames: readonly EncodedFrame[]): boolean {
  const order = new PictureOrder();
  return frames.some((frame) => order.reordered(frame));
}
