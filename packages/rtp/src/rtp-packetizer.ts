// Frames of one track in, RTP packets out. Pure. Not its job: who gets them, and when.
import type { EncodedFrame, Track } from '@vedette/media-types';

export interface RtpPacketizerOptions {
  readonly track: Track;
  readonly payloadType: number;
  readonly ssrc: number;
  readonly firstSequence: number;
  /** RTP timestamp of media time zero. */
  readonly timestampOffset: number;
}

/** A payload that fits every path without fragments. */
const MAX_PAYLOAD = 1400;
const HEADER = 12;
const MARKER = 0x80;
const VIDEO_CLOCK = 90_000;

/** Ticks a second of a track in RTP: MP3 and G.722 count otherwise than their samples (RFC 3551 sections 4.5.2, 4.5.13). */
export function rtpClockRate(track: Track): number {
  if (track.kind === 'video') return VIDEO_CLOCK;
  switch (track.codec) {
    case 'mp3':
      return VIDEO_CLOCK;
    case 'g722':
      return 8000;
    case 'opus':
      return 48_000;
    case 'aac':
    case 'pcmu':
    case 'pcma':
    case 'g726':
    case 'l16':
      return track.clockRate;
  }
}

export class RtpPacketizer {
  readonly #options: RtpPacketizerOptions;
  readonly #scale: number;
  #sequence: number;
  #timestamp: number;
  #packets = 0;
  #bytes = 0;
  #out: Buffer[] = [];

  constructor(options: RtpPacketizerOptions) {
    this.#options = options;
    this.#scale = rtpClockRate(options.track) / options.track.clockRate;
    this.#sequence = options.firstSequence & 0xffff;
    this.#timestamp = options.timestampOffset >>> 0;
  }

  get ssrc(): number {
    return this.#options.ssrc;
  }

  /** Of the next packet. */
  get nextSequence(): number {
    return this.#sequence;
  }

  /** Sent so far: whole packets, and bytes of their payloads, as sender reports count (RFC 3550 section 6.4.1). */
  get sent(): { readonly packets: number; readonly bytes: number } {
    return { packets: this.#packets, bytes: this.#bytes };
  }

  timestampOf(ptsTicks: number): number {
    return (this.#options.timestampOffset + Math.round(ptsTicks * this.#scale)) >>> 0;
  }

  /** The packets of a frame, in order; the marker ends a picture. */
  packetize(frame: EncodedFrame): Buffer[] {
    this.#timestamp = this.timestampOf(frame.ptsTicks);
    this.#out = [];
    const { track } = this.#options;
    if (track.kind === 'video') this.#video(frame.data, track.codec === 'h265');
    else {
      switch (track.codec) {
        case 'aac':
          this.#aac(frame.data);
          break;
        case 'mp3':
          this.#mp3(frame.data);
          break;
        case 'opus':
          this.#emit([frame.data], true);
          break;
        case 'pcmu':
        case 'pcma':
        case 'g722':
          this.#samples(frame.data, track.codec === 'g722' ? 1 : track.channels, 1);
          break;
        case 'g726': {
          const bits = track.samples?.bits ?? 4;
          // Eight samples fill whole bytes, whatever their bits.
          this.#samples(frame.data, bits * track.channels, 8);
          break;
        }
        case 'l16':
          this.#samples(bigEndian(frame.data, track.samples?.littleEndian === true), 2 * track.channels, 1);
          break;
      }
    }
    const out = this.#out;
    this.#out = [];
    return out;
  }

  /** RFC 6184 section 5.8 and RFC 7798 section 4.4.3; every NAL unit by itself, large ones in fragments. */
  #video(data: Uint8Array, isH265: boolean): void {
    const head = isH265 ? 2 : 1;
    let at = 0;
    while (at + 4 <= data.length) {
      const length = readLength(data, at);
      const nal = data.subarray(at + 4, at + 4 + length);
      at += 4 + length;
      if (nal.length <= head) continue;
      if (nal.length <= MAX_PAYLOAD) this.#emit([nal], false);
      else this.#fragments(nal, isH265);
    }
    // Not by the last unit: one that is only a header (end of sequence) is left out.
    const last = this.#out.at(-1);
    if (last !== undefined) last[1] = (last[1] ?? 0) | MARKER;
  }

  #fragments(nal: Uint8Array, isH265: boolean): void {
    const first = nal[0] ?? 0;
    const head = isH265 ? 2 : 1;
    const type = isH265 ? (first >> 1) & 0x3f : first & 0x1f;
    const room = MAX_PAYLOAD - head - 1;
    for (let at = head; at < nal.length; at += room) {
      const end = Math.min(nal.length, at + room);
      const flags = (at === head ? 0x80 : 0) | (end === nal.length ? 0x40 : 0);
      const prefix = isH265
        ? Uint8Array.of((first & 0x81) | (49 << 1), nal[1] ?? 0, flags | type)
        : Uint8Array.of((first & 0xe0) | 28, flags | type);
      this.#emit([prefix, nal.subarray(at, end)], false);
    }
  }

  /** RFC 3640 section 3.3.6, AAC-hbr: one access unit a packet, or one in fragments that all tell its whole size. */
  #aac(data: Uint8Array): void {
    const room = MAX_PAYLOAD - 4;
    const header = Uint8Array.of(0, 16, (data.length >> 5) & 0xff, (data.length & 0x1f) << 3);
    for (let at = 0; at < data.length; at += room) {
      const end = Math.min(data.length, at + room);
      this.#emit([header, data.subarray(at, end)], end === data.length);
    }
  }

  /** RFC 2250 section 3.5. */
  #mp3(data: Uint8Array): void {
    const room = MAX_PAYLOAD - 4;
    for (let at = 0; at < data.length; at += room) {
      const header = Uint8Array.of(0, 0, at >> 8, at & 0xff);
      this.#emit([header, data.subarray(at, Math.min(data.length, at + room))], at === 0);
    }
  }

  /** `unitBytes` hold `unitTicks`; packets are cut between units. */
  #samples(data: Uint8Array, unitBytes: number, unitTicks: number): void {
    const room = Math.max(unitBytes, MAX_PAYLOAD - (MAX_PAYLOAD % unitBytes));
    const base = this.#timestamp;
    for (let at = 0; at < data.length; at += room) {
      this.#timestamp = (base + (at / unitBytes) * unitTicks) >>> 0;
      this.#emit([data.subarray(at, Math.min(data.length, at + room))], false);
    }
  }

  #emit(parts: readonly Uint8Array[], marker: boolean): void {
    let length = HEADER;
    for (const part of parts) length += part.length;
    const packet = Buffer.allocUnsafe(length);
    packet[0] = 0x80;
    packet[1] = (marker ? MARKER : 0) | this.#options.payloadType;
    packet.writeUInt16BE(this.#sequence, 2);
    packet.writeUInt32BE(this.#timestamp, 4);
    packet.writeUInt32BE(this.#options.ssrc >>> 0, 8);
    let at = HEADER;
    for (const part of parts) {
      packet.set(part, at);
      at += part.length;
    }
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#packets += 1;
    this.#bytes += length - HEADER;
    this.#out.push(packet);
  }
}

function readLength(data: Uint8Array, at: number): number {
  return (
    (((data[at] ?? 0) << 24) |
      ((data[at + 1] ?? 0) << 16) |
      ((data[at + 2] ?? 0) << 8) |
      (data[at + 3] ?? 0)) >>>
    0
  );
}

function bigEndian(data: Uint8Array, isLittleEndian: boolean): Uint8Array {
  if (!isLittleEndian) return data;
  return Buffer.from(data.subarray(0, data.length - (data.length % 2))).swap16();
}
