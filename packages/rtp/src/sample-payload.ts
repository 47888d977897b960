import { opusSamples } from '@vedette/bitstream';
import type { AudioFormat } from './audio-format.ts';
import type { AudioFacts, AudioPiece, AudioUnpacker } from './audio-payload.ts';
import type { RtpPacket } from './rtp-packet.ts';

const NOTHING: readonly AudioPiece[] = [];

/** Codecs whose packet is the frame: G.711, G.722, G.726, L16 (RFC 3551 section 4.5) and Opus (RFC 7587). */
export class SamplePayload implements AudioUnpacker {
  readonly facts: AudioFacts;
  readonly damaged = 0;
  readonly #samplesOf: (payload: Uint8Array) => number;
  #skipped = 0;

  constructor(format: AudioFormat) {
    this.facts = {
      sampleRate: format.sampleRate ?? format.rtpClockRate,
      channels: format.channels,
      config: format.config,
    };
    this.#samplesOf = samplesOf(format);
  }

  get skipped(): number {
    return this.#skipped;
  }

  packet({ payload }: RtpPacket): readonly AudioPiece[] {
    const samples = this.#samplesOf(payload);
    if (samples > 0) return [{ data: payload, offset: 0, samples }];
    this.#skipped += 1;
    return NOTHING;
  }
}

function samplesOf({ codec, channels, samples }: AudioFormat): (payload: Uint8Array) => number {
  if (codec === 'opus') return opusSamples;
  const bits = codec === 'g722' ? 4 : (samples?.bits ?? 8);
  return (payload) => Math.floor((payload.length * 8) / (bits * channels));
}
