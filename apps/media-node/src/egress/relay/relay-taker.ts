import type { ServerHttp2Stream } from 'node:http2';
import type { CloseReason, EncodedFrame, Subscriber, Track } from '@vedette/media-types';
import type { Clock } from '@vedette/runtime';
import { SubscriberQueue, type SubscriberQueueStats } from '../../hub/subscriber-queue.ts';
import {
  endRecord,
  frameRecord,
  type RelayedState,
  stateRecord,
  tracksRecord,
} from '../../relay/relay-records.ts';

/** Since it came. */
export interface RelaySent extends SubscriberQueueStats {
  readonly bytes: number;
  readonly frames: number;
  /** Waiting for the line now. */
  readonly bytesQueued: number;
}

export interface RelayTakerOptions {
  /** One of a node and path: who asks again takes the place of his earlier self. */
  readonly id: string;
  readonly stream: ServerHttp2Stream;
  readonly clock: Pick<Clock, 'now'>;
}

/** A whole GOP is replayed into it, which the hub bounds at 8 MB. */
const LIMITS = { limitBytes: 16 * 1024 * 1024, limitFrames: 16_384 };
/** Media that has waited longer than this is not live any more: the line does not bear it, whole GOPs are left out. */
const BEHIND_MS = 2000;
/** The replay at the beginning may take longer, as it ends by catching up. */
const CATCHING_UP_MS = 10_000;

/** Another node that takes one stream of this one; a line that is too slow costs it GOPs and us nothing. */
export class RelayTaker implements Subscriber {
  readonly id: string;
  readonly #stream: ServerHttp2Stream;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #queue = new SubscriberQueue(LIMITS);
  #isBlocked = false;
  /** Since when something has been waiting all the time. */
  #behindSince: number | undefined;
  #patienceMs = CATCHING_UP_MS;
  #bytesSent = 0;
  #framesSent = 0;

  constructor({ clock, id, stream }: RelayTakerOptions) {
    this.id = id;
    this.#stream = stream;
    this.#clock = clock;
    stream.on('drain', () => this.#drained());
  }

  get sent(): RelaySent {
    const { bytes } = this.#queue;
    return { bytes: this.#bytesSent, frames: this.#framesSent, bytesQueued: bytes, ...this.#queue.stats() };
  }

  /** How the stream's own source is. */
  state(state: RelayedState): void {
    this.#write(stateRecord(state));
  }

  tracks(tracks: readonly Track[]): void {
    this.#queue.clear();
    this.#write(tracksRecord(tracks));
  }

  frame(frame: EncodedFrame): void {
    if (this.#isBlocked) {
      const now = this.#clock.now();
      this.#behindSince ??= now;
      if (now - this.#behindSince > this.#patienceMs) {
        this.#queue.skip();
        this.#behindSince = now;
        this.#patienceMs = BEHIND_MS;
      }
    }
    if (this.#queue.push(frame)) this.#pump();
  }

  close(_reason: CloseReason): void {
    this.#queue.clear();
    this.#write(endRecord());
    if (!this.#stream.destroyed) this.#stream.end();
  }

  #drained(): void {
    this.#isBlocked = false;
    this.#pump();
  }

  #pump(): void {
    while (!this.#isBlocked) {
      const frame = this.#queue.shift();
      if (frame === undefined) {
        this.#behindSince = undefined;
        this.#patienceMs = BEHIND_MS;
        return;
      }
      this.#framesSent += 1;
      this.#write(frameRecord(frame));
    }
  }

  #write(bytes: Buffer): void {
    if (this.#stream.destroyed || this.#stream.writableEnded) return;
    this.#bytesSent += bytes.length;
    if (!this.#stream.write(bytes)) this.#isBlocked = true;
  }
}
