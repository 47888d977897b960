import { BitReader, parseAacConfig, parseAdtsFrame } from '@vedette/bitstream';
import type { AacPayloadFormat } from './audio-format.ts';
import type { AudioFacts, AudioPiece, AudioUnpacker } from './audio-payload.ts';
import type { RtpPacket } from './rtp-packet.ts';

interface Fragments {
  readonly timestamp: number;
  readonly size: number;
  readonly pieces: Uint8Array[];
  bytes: number;
}

const NOTHING: readonly AudioPiece[] = [];
/** A frame of 8 channels holds 6144 bits each. */
const MAX_FRAME_BYTES = 8192;

/** Access units by their AU headers (RFC 3640 section 3.2): several a packet, or one in several packets. */
export class AacPayload implements AudioUnpacker {
  readonly #format: Extract<AacPayloadFormat, { kind: 'generic' }>;
  #facts: AudioFacts | undefined;
  #samplesPerFrame = 1024;
  #fragments: Fragments | undefined;
  #skipped = 0;
  #damaged = 0;

  constructor(options: {
    readonly format: Extract<AacPayloadFormat, { kind: 'generic' }>;
    readonly config: Uint8Array | undefined;
  }) {
    this.#format = options.format;
    if (options.config !== undefined) this.#useConfig(options.config);
  }

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
    if (this.#fragments !== undefined && (lostBefore > 0 || this.#fragments.timestamp !== packet.timestamp)) {
      this.#fragments = undefined;
      this.#damaged += 1;
    }
    const sizes = this.#sizes(payload);
    const headerBytes = 2 + Math.ceil((((payload[0] ?? 0) << 8) | (payload[1] ?? 0)) / 8);
    const rest = payload.subarray(headerBytes);
    const [first] = sizes;
    if (first === undefined || rest.length === 0) {
      this.#skipped += 1;
      return NOTHING;
    }
    if (sizes.length === 1 && (this.#fragments !== undefined || first > rest.length))
      return this.#fragment(packet.timestamp, first, rest);
    return this.#whole(sizes, rest);
  }

  /** Of the access units that the headers announce; empty when they make no sense. */
  #sizes(payload: Uint8Array): number[] {
    const { sizeLength, indexLength, indexDeltaLength } = this.#format;
    let bits = ((payload[0] ?? 0) << 8) | (payload[1] ?? 0);
    if (payload.length < 2 || 2 + Math.ceil(bits / 8) > payload.length) return [];
    const reader = new BitReader(payload.subarray(2));
    const sizes: number[] = [];
    for (let index = indexLength; bits >= sizeLength + index; index = indexDeltaLength) {
      sizes.push(reader.bits(sizeLength));
      reader.skip(index);
      bits -= sizeLength + index;
    }
    return sizes;
  }

  #whole(sizes: readonly number[], rest: Uint8Array): readonly AudioPiece[] {
    const pieces: AudioPiece[] = [];
    let at = 0;
    sizes.forEach((size, n) => {
      if (size === 0) return;
      if (at + size > rest.length) {
        this.#damaged += 1;
        at = rest.length;
        return;
      }
      const piece = this.#piece(rest.subarray(at, at + size), n);
      if (piece !== undefined) pieces.push(piece);
      at += size;
    });
    return pieces;
  }

  #fragment(timestamp: number, size: number, data: Uint8Array): readonly AudioPiece[] {
    this.#fragments ??= { timestamp, size, pieces: [], bytes: 0 };
    const fragments = this.#fragments;
    fragments.pieces.push(data);
    fragments.bytes += data.length;
    if (fragments.bytes < fragments.size && fragments.bytes <= MAX_FRAME_BYTES) return NOTHING;
    this.#fragments = undefined;
    if (fragments.bytes !== fragments.size) {
      this.#damaged += 1;
      return NOTHING;
    }
    const piece = this.#piece(joined(fragments.pieces, fragments.bytes), 0);
    return piece === undefined ? NOTHING : [piece];
  }

  /** Some cameras leave the ADTS header in the access unit: it goes, and what it says counts. */
  #piece(unit: Uint8Array, n: number): AudioPiece | undefined {
    const adts = parseAdtsFrame(unit);
    const place = { offset: n * this.#samplesPerFrame, samples: this.#samplesPerFrame };
    if (adts === null || adts.frameBytes !== unit.length) return { data: unit, ...place };
    if (this.#facts?.sampleRate !== adts.sampleRate || this.#facts.channels !== adts.channels)
      this.#useConfig(adts.config);
    const data = unit.subarray(adts.headerBytes);
    return data.length === 0 ? undefined : { data, ...place };
  }

  #useConfig(config: Uint8Array): void {
    const parsed = parseAacConfig(config);
    if (parsed === null) return;
    this.#samplesPerFrame = parsed.samplesPerFrame;
    this.#facts = { sampleRate: parsed.sampleRate, channels: parsed.channels, config };
  }
}

export function joined(pieces: readonly Uint8Array[], bytes: number): Uint8Array {
  const out = new Uint8Array(bytes);
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}
