import type { EncodedFrame } from '@vedette/media-types';

export interface SubscriberQueueOptions {
  readonly limitBytes: number;
  readonly limitFrames: number;
}

/** Since the queue was made. */
export interface SubscriberQueueStats {
  readonly framesDropped: number;
  readonly bytesDropped: number;
  /** How often the reader fell so far behind that it was moved to a key frame. */
  readonly skips: number;
}

/** A frame that a viewer can start at; audio frames are all keys, but no place to resume a picture. */
const resumesPicture = (frame: EncodedFrame): boolean => frame.key && frame.kind === 'video';

/**
 * Bounded queue between the hub and a way out that waits for its socket. A reader that is too slow loses whole
 * GOPs, never a frame out of the middle of one: what it gets can always be decoded.
 */
export class SubscriberQueue {
  readonly #limitBytes: number;
  readonly #limitFrames: number;
  #frames: EncodedFrame[] = [];
  #head = 0;
  #bytes = 0;
  #waitingForKey = false;
  #framesDropped = 0;
  #bytesDropped = 0;
  #skips = 0;

  constructor(options: SubscriberQueueOptions) {
    this.#limitBytes = options.limitBytes;
    this.#limitFrames = options.limitFrames;
  }

  get length(): number {
    return this.#frames.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  stats(): SubscriberQueueStats {
    return { framesDropped: this.#framesDropped, bytesDropped: this.#bytesDropped, skips: this.#skips };
  }

  /** False when the frame was dropped. */
  push(frame: EncodedFrame): boolean {
    if (this.#waitingForKey) {
      if (!resumesPicture(frame)) {
        this.#count(frame);
        return false;
      }
      this.#waitingForKey = false;
    }
    if (!this.#fits(frame) && !this.#makeRoom(frame)) {
      this.#count(frame);
      return false;
    }
    this.#frames.push(frame);
    this.#bytes += frame.data.byteLength;
    return true;
  }

  shift(): EncodedFrame | undefined {
    const frame = this.#frames[this.#head];
    if (frame === undefined) return undefined;
    this.#head += 1;
    this.#bytes -= frame.data.byteLength;
    if (this.#head === this.#frames.length) {
      this.#frames = [];
      this.#head = 0;
    } else if (this.#head >= 256) {
      this.#frames.splice(0, this.#head);
      this.#head = 0;
    }
    return frame;
  }

  /** For a discontinuity: what is queued belongs to the old tracks. Counts as dropped. */
  clear(): void {
    this.#dropUntil(this.#frames.length);
  }

  /** For a reader who has fallen behind though there is room: the next frame is the newest key frame. */
  skip(): void {
    this.#skips += 1;
    for (let i = this.#frames.length - 1; i > this.#head; i -= 1) {
      const queued = this.#frames[i];
      if (queued === undefined || !resumesPicture(queued)) continue;
      this.#dropUntil(i);
      return;
    }
    this.#dropUntil(this.#frames.length);
    this.#waitingForKey = true;
  }

  #fits(frame: EncodedFrame): boolean {
    if (this.length === 0) return true; // one frame beyond the limit must pass, or nothing ever would
    return this.length < this.#limitFrames && this.#bytes + frame.data.byteLength <= this.#limitBytes;
  }

  /** True when the frame may follow what is left in the queue. */
  #makeRoom(frame: EncodedFrame): boolean {
    this.#skips += 1;
    if (resumesPicture(frame)) {
      this.#dropUntil(this.#frames.length);
      return true;
    }
    for (let i = this.#frames.length - 1; i > this.#head; i -= 1) {
      const queued = this.#frames[i];
      if (queued === undefined || !resumesPicture(queued)) continue;
      this.#dropUntil(i);
      if (this.#fits(frame)) return true;
      break;
    }
    // Even from its newest key frame on it is too much: the reader resumes at the next one.
    this.#dropUntil(this.#frames.length);
    this.#waitingForKey = true;
    return false;
  }

  #dropUntil(index: number): void {
    for (let i = this.#head; i < index; i += 1) {
      const frame = this.#frames[i];
      if (frame === undefined) continue;
      this.#bytes -= frame.data.byteLength;
      this.#count(frame);
    }
    this.#frames = this.#frames.slice(index);
    this.#head = 0;
  }

  #count(frame: EncodedFrame): void {
    this.#framesDropped += 1;
    this.#bytesDropped += frame.data.byteLength;
  }
}
