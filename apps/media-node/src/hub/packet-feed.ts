// Frames of one stream in, RTP packets out to any number of readers: made once, however many read.
// Not its job: connections, who may read.
import { randomInt } from 'node:crypto';
import type { CloseReason, EncodedFrame, Subscriber, Track } from '@vedette/media-types';
import { buildSenderReport, RtpPacketizer } from '@vedette/rtp';
import {
  type Description,
  describeTracks,
  framePackets,
  type PacketBatch,
  type RtspReader,
} from '@vedette/rtsp';
import type { Clock } from '@vedette/runtime';
import type { StreamHub } from './stream-hub.ts';

interface Lane {
  readonly trackId: number;
  readonly media: number;
  readonly packetizer: RtpPacketizer;
  reportedAtMs: number;
}

export interface PacketFeedOptions {
  readonly id: string;
  readonly hub: Pick<StreamHub, 'subscribe' | 'unsubscribe' | 'currentTracks'>;
  readonly clock: Clock;
}

const REPORT_MS = 1000;
/** Of the current GOP, kept for readers who come. */
const MAX_KEPT_BYTES = 8 * 1024 * 1024;

export class PacketFeed implements Subscriber {
  readonly id: string;
  readonly #options: PacketFeedOptions;
  readonly #readers = new Set<RtspReader>();
  readonly #base = randomInt(2 ** 32);
  #description: Description | undefined;
  #lanes: readonly Lane[] = [];
  #hasVideo = false;
  #kept: PacketBatch[] = [];
  #keptBytes = 0;
  #subscribed = false;

  constructor(options: PacketFeedOptions) {
    this.id = options.id;
    this.#options = options;
  }

  /** Undefined while the tracks are not known. */
  describe(): Description | undefined {
    const tracks = this.#options.hub.currentTracks;
    if (this.#description === undefined && tracks.length > 0) this.#describe(tracks);
    return this.#description;
  }

  get readers(): number {
    return this.#readers.size;
  }

  /** The reader gets the current GOP and then live. The returned function ends that and may be repeated. */
  join(reader: RtspReader): () => void {
    const { hub } = this.#options;
    for (const batch of this.#kept) reader.rtp(batch);
    this.#readers.add(reader);
    if (!this.#subscribed) {
      this.#subscribed = true;
      hub.subscribe(this, 'gop');
    }
    return () => {
      this.#readers.delete(reader);
      if (this.#readers.size > 0 || !this.#subscribed) return;
      this.#subscribed = false;
      hub.unsubscribe(this.id);
      this.#forget();
    };
  }

  /** Readers were told of other tracks: they ask anew. */
  tracks(tracks: readonly Track[]): void {
    const before = this.#description?.sdp;
    this.#forget();
    this.#describe(tracks);
    if (before !== undefined && before !== this.#description?.sdp) this.#endReaders();
  }

  frame(frame: EncodedFrame): void {
    const lane = this.#lanes.find(({ trackId }) => trackId === frame.trackId);
    if (lane === undefined) return;
    const opens = frame.key && (frame.kind === 'video' || !this.#hasVideo);
    const batch = framePackets(lane.media, lane.packetizer.packetize(frame), opens || frame.kind === 'audio');
    this.#keep(batch, opens);
    const report = this.#reportOf(lane, frame);
    for (const reader of this.#readers) {
      if (report !== undefined) reader.rtcp(lane.media, report);
      reader.rtp(batch);
    }
  }

  close(_reason: CloseReason): void {
    this.#subscribed = false;
    this.#forget();
    this.#endReaders();
  }

  #describe(tracks: readonly Track[]): void {
    const description = describeTracks(tracks);
    this.#description = description;
    this.#hasVideo = tracks.some(({ kind }) => kind === 'video');
    this.#lanes = description.media.map(({ payloadType, track }, media) => {
      const before = this.#lanes[media]?.packetizer;
      return {
        trackId: track.id,
        media,
        reportedAtMs: Number.NEGATIVE_INFINITY,
        packetizer: new RtpPacketizer({
          track,
          payloadType,
          ssrc: before?.ssrc ?? randomInt(1, 2 ** 31),
          firstSequence: before?.nextSequence ?? randomInt(2 ** 15),
          timestampOffset: this.#base,
        }),
      };
    });
  }

  #keep(batch: PacketBatch, opens: boolean): void {
    if (opens) {
      this.#kept = [];
      this.#keptBytes = 0;
    } else if (this.#kept.length === 0) return;
    this.#kept.push(batch);
    this.#keptBytes += batch.framed.length;
    // Without its beginning the rest cannot be read: the next key frame is waited for.
    if (this.#keptBytes > MAX_KEPT_BYTES) this.#forget();
  }

  #reportOf(lane: Lane, frame: EncodedFrame): Uint8Array | undefined {
    const now = this.#options.clock.now();
    if (now - lane.reportedAtMs < REPORT_MS) return undefined;
    lane.reportedAtMs = now;
    const { packetizer } = lane;
    return buildSenderReport({
      ssrc: packetizer.ssrc,
      cname: 'vedette',
      wallClockMs: frame.wallClockMs,
      rtpTimestamp: packetizer.timestampOf(frame.ptsTicks),
      ...packetizer.sent,
    });
  }

  #forget(): void {
    this.#kept = [];
    this.#keptBytes = 0;
  }

  #endReaders(): void {
    const readers = [...this.#readers];
    this.#readers.clear();
    for (const reader of readers) reader.end();
  }
}
