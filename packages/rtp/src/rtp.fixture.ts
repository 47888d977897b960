import { addEmulationPrevention, splitLengthPrefixed } from '@vedette/bitstream';
import type { EncodedFrame, VideoTrack } from '@vedette/media-types';
import { VideoReceiver, type VideoReceiverOptions } from './video-receiver.ts';

/** 1280x720, Baseline, 15 frames a second. */
export const SPS = Uint8Array.from(
  Buffer.from('6742c01fd9005005bbff0003000410000003001000000301e0f18324', 'hex'),
);
/** 320x180, Main. */
export const OTHER_SPS = Uint8Array.from(
  Buffer.from('674d400bd901419f9fff000300041000000300100000030100f142a4', 'hex'),
);
export const PPS = Uint8Array.from(Buffer.from('68cb83cb20', 'hex'));
export const SEI = Uint8Array.of(6, 5, 2, 1, 2, 0x80);
export const AUD = Uint8Array.of(9, 0x10);

/** A slice whose content tells which it is. `first`: it begins its picture. */
export function slice(kind: 'idr' | 'p', seed: number, bytes = 40, first = true): Uint8Array {
  const content = Uint8Array.from({ length: bytes }, (_, i) => (seed * 31 + i * 7) & 0xff);
  // first_mb_in_slice, then slice_type 7 (I) or 5 (P), then pps 0, as exp-Golomb codes.
  const header = kind === 'idr' ? [0x88, 0x80] : [0x9a, 0x80];
  if (!first) header[0] = 0x20;
  return Uint8Array.of(
    kind === 'idr' ? 0x65 : 0x41,
    ...addEmulationPrevention(Uint8Array.of(...header, ...content)),
    0x80,
  );
}

export function rtp(options: {
  sequence: number;
  timestamp: number;
  payload: Uint8Array;
  marker?: boolean;
  payloadType?: number;
  ssrc?: number;
}): Uint8Array {
  const header = Buffer.alloc(12);
  header[0] = 0x80;
  header[1] = (options.marker ? 0x80 : 0) | (options.payloadType ?? 96);
  header.writeUInt16BE(options.sequence & 0xffff, 2);
  header.writeUInt32BE(options.timestamp >>> 0, 4);
  header.writeUInt32BE(options.ssrc ?? 0x1234, 8);
  return Buffer.concat([header, options.payload]);
}

export function fragments(nal: Uint8Array, size: number): Uint8Array[] {
  const [header = 0, ...rest] = nal;
  const out: Uint8Array[] = [];
  for (let at = 0; at < rest.length; at += size) {
    const start = at === 0 ? 0x80 : 0;
    const end = at + size >= rest.length ? 0x40 : 0;
    out.push(
      Uint8Array.of((header & 0xe0) | 28, start | end | (header & 0x1f), ...rest.slice(at, at + size)),
    );
  }
  return out;
}

export function aggregate(nals: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.of(24, ...nals.flatMap((nal) => [nal.length >> 8, nal.length & 0xff, ...nal]));
}

/** Sends access units the way a well-behaved camera does; each test bends one thing. */
export class Camera {
  sequence = 65_500;
  timestamp = 0xffff_f000;
  readonly packets: Uint8Array[] = [];

  send(
    payloads: readonly Uint8Array[],
    options: { marker?: boolean | 'never'; advance?: number } = {},
  ): this {
    payloads.forEach((payload, i) => {
      const last = i === payloads.length - 1;
      const marker = options.marker === 'never' ? false : options.marker === true || last;
      this.packets.push(rtp({ sequence: this.sequence, timestamp: this.timestamp, payload, marker }));
      this.sequence = (this.sequence + 1) & 0xffff;
    });
    this.timestamp = (this.timestamp + (options.advance ?? 6000)) >>> 0;
    return this;
  }
}

export class Reception {
  readonly tracks: VideoTrack[] = [];
  readonly frames: EncodedFrame[] = [];
  readonly receiver: VideoReceiver;
  nowMs = 1000;

  constructor(options: Partial<VideoReceiverOptions> = {}) {
    this.receiver = new VideoReceiver({
      trackId: 1,
      codec: 'h264',
      payloadType: 96,
      clockRate: 90_000,
      firstTicks: 90_000,
      unordered: false,
      ssrc: 7,
      onTrack: (track) => this.tracks.push(track),
      onFrame: (frame) => this.frames.push(frame),
      ...options,
    });
  }

  feed(packets: readonly Uint8Array[], stepMs = 5): this {
    for (const packet of packets) {
      this.receiver.packet(packet, this.nowMs, 1_700_000_000_000 + this.nowMs);
      this.nowMs += stepMs;
    }
    return this;
  }

  /** NAL units of each frame, as hex. */
  get nals(): string[][] {
    return this.frames.map((frame) => hex(splitLengthPrefixed(frame.data)));
  }
}

export function hex(nals: readonly Uint8Array[]): string[] {
  return nals.map((nal) => Buffer.from(nal).toString('hex'));
}
