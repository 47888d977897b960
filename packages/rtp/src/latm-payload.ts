import { parseAacConfig } from '@vedette/bitstream';
import { joined } from './aac-payload.ts';
import type { AudioFacts, AudioPiece, AudioUnpacker } from './audio-payload.ts';
import type { RtpPacket } from './rtp-packet.ts';

const NOTHING: readonly AudioPiece[] = [];
const MAX_BYTES = 16_384;

/** AAC as LATM with its configuration in the SDP: length, frame, and again until the marker (RFC 3016 section 4). */
export class LatmPayload implements AudioUnpacker {
  readonly facts: AudioFacts | undefined;
  readonly #samplesPerFrame: number;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #timestamp = 0;
  #incomplete = false;
  #skipped = 0;
  #damaged = 0;

  constructor(options: { readonly config: Uint8Array }) {
    const parsed = parseAacConfig(options.config);
    this.facts =
      parsed === null
        ? undefined
        : { sampleRate: parsed.sampleRate, channels: parsed.channels, config: options.config };
    this.#samplesPerFrame = parsed?.samplesPerFrame ?? 1024;
  }

  get skipped(): number {
    return this.#skipped;
  }

  get damaged(): number {
    return this.#damaged;
  }

  packet(packet: RtpPacket, lostBefore: number): readonly AudioPiece[] {
    const isNext = this.#bytes > 0 && packet.timestamp !== this.#timestamp;
    if (isNext || this.#bytes > MAX_BYTES) this.#clear(true);
    // The beginning of what follows a loss may be missing: only a marker tells where the next frame begins.
    if (lostBefore > 0 && !isNext) this.#incomplete = this.#bytes > 0;
    this.#timestamp = packet.timestamp;
    this.#pieces.push(packet.payload);
    this.#bytes += packet.payload.length;
    if (!packet.marker) return NOTHING;
    const data = this.#incomplete ? undefined : joined(this.#pieces, this.#bytes);
    this.#clear(this.#incomplete);
    return data === undefined ? NOTHING : this.#frames(data);
  }

  #clear(isDamaged: boolean): void {
    if (isDamaged) this.#damaged += 1;
    this.#pieces = [];
    this.#bytes = 0;
    this.#incomplete = false;
  }

  #frames(data: Uint8Array): readonly AudioPiece[] {
    const pieces: AudioPiece[] = [];
    for (let at = 0; at < data.length; ) {
      let size = 0;
      let byte = 255;
      while (byte === 255 && at < data.length) {
        byte = data[at] ?? 0;
        size += byte;
        at += 1;
      }
      if (size === 0 || at + size > data.length) {
        this.#skipped += 1;
        break;
      }
      const offset = pieces.length * this.#samplesPerFrame;
      pieces.push({ data: data.subarray(at, at + size), offset, samples: this.#samplesPerFrame });
      at += size;
    }
    return pieces;
  }
}
