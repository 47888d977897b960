import { parseMp3Frame } from '@vedette/bitstream';
import { joined } from './aac-payload.ts';
import type { AudioFacts, AudioPiece, AudioUnpacker } from './audio-payload.ts';
import type { RtpPacket } from './rtp-packet.ts';

const NOTHING: readonly AudioPiece[] = [];
/** 320 kbit/s at 32 kHz is 1440 bytes; freely formatted frames are not played. */
const MAX_FRAME_BYTES = 2880;
const HEADER_BYTES = 4;

/** Whole frames, or pieces of one, after a header with the offset of the piece (RFC 2250 section 3.5). */
export class Mp3Payload implements AudioUnpacker {
  #facts: AudioFacts | undefined;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #skipped = 0;
  #damaged = 0;

  get facts(): AudioFacts | undefined {
    return this.#facts;
  }

  get skipped(): number {
    return this.#skipped;
  }

  get damaged(): number {
    return this.#damaged;
  }

  packet(packet: RtpPacket, lostBefore: number): readonly AudioPiece[] {
    const { payload } = packet;
    const data = payload.subarray(HEADER_BYTES);
    if (data.length === 0) {
      this.#skipped += 1;
      return NOTHING;
    }
    const offset = ((payload[2] ?? 0) << 8) | (payload[3] ?? 0);
    if (lostBefore > 0 || offset !== this.#bytes) this.#forget();
    if (offset !== this.#bytes) return NOTHING;
    this.#pieces.push(data);
    this.#bytes += data.length;
    const whole = this.#pieces.length === 1 ? data : joined(this.#pieces, this.#bytes);
    const frames = this.#frames(whole);
    if (frames.length > 0 || this.#bytes > MAX_FRAME_BYTES || parseMp3Frame(whole) === null) {
      if (frames.length === 0) this.#skipped += 1;
      this.#pieces = [];
      this.#bytes = 0;
    }
    return frames;
  }

  /** A beginning without its end. */
  #forget(): void {
    if (this.#bytes > 0) this.#damaged += 1;
    this.#pieces = [];
    this.#bytes = 0;
  }

  #frames(data: Uint8Array): readonly AudioPiece[] {
    const pieces: AudioPiece[] = [];
    let offset = 0;
    for (let at = 0; at < data.length; ) {
      const frame = parseMp3Frame(data, at);
      if (frame === null || at + frame.frameBytes > data.length) break;
      if (this.#facts?.sampleRate !== frame.sampleRate || this.#facts.channels !== frame.channels)
        this.#facts = { sampleRate: frame.sampleRate, channels: frame.channels, config: undefined };
      pieces.push({ data: data.subarray(at, at + frame.frameBytes), offset, samples: frame.samples });
      offset += frame.samples;
      at += frame.frameBytes;
    }
    return pieces;
  }
}
