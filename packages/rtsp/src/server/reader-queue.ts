// Frames as packets for one reader in, as many out as its way takes. Bounded: a reader that is too slow loses all that
// waits, and each section goes on at its next key frame. Pure. Not its job: sockets, timers.
import type { PacketBatch, ReaderStats } from './rtsp-handler.ts';

export interface ReaderQueueOptions {
  /** False when no more is taken until `ready` is called. */
  readonly send: (batch: PacketBatch) => boolean;
  readonly maxBytes: number;
}

export class ReaderQueue {
  readonly #options: ReaderQueueOptions;
  /** Sections that the reader can decode: they went on without a gap since a key frame. */
  readonly #begun = new Set<number>();
  #waiting: PacketBatch[] = [];
  #bytes = 0;
  #isReady = true;
  #bytesSent = 0;
  #framesSent = 0;
  #framesDropped = 0;

  constructor(options: ReaderQueueOptions) {
    this.#options = options;
  }

  get waitingBytes(): number {
    return this.#bytes;
  }

  stats(): ReaderStats {
    return { bytesSent: this.#bytesSent, framesSent: this.#framesSent, framesDropped: this.#framesDropped };
  }

  push(batch: PacketBatch): void {
    const bytes = batch.framed.length;
    if (this.#waiting.length > 0 && this.#bytes + bytes > this.#options.maxBytes) this.clear();
    if (!batch.key && !this.#begun.has(batch.media)) {
      this.#framesDropped += 1;
      return;
    }
    this.#begun.add(batch.media);
    if (this.#isReady) this.#send(batch);
    else {
      this.#waiting.push(batch);
      this.#bytes += bytes;
    }
  }

  /** The way takes more. */
  ready(): void {
    this.#isReady = true;
    let sent = 0;
    for (const batch of this.#waiting) {
      if (!this.#isReady) break;
      this.#send(batch);
      this.#bytes -= batch.framed.length;
      sent += 1;
    }
    this.#waiting.splice(0, sent);
  }

  /** Forgets what waits. */
  clear(): void {
    this.#framesDropped += this.#waiting.length;
    this.#waiting = [];
    this.#bytes = 0;
    this.#begun.clear();
  }

  #send(batch: PacketBatch): void {
    this.#bytesSent += batch.framed.length;
    this.#framesSent += 1;
    this.#isReady = this.#options.send(batch);
  }
}
