import { Buffer } from 'node:buffer';
import { type AdtsFrame, parseAacConfig, parseAdtsFrame } from '@vedette/bitstream';

const RATES = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350,
];
const LIMIT_BYTES = 65_536;

/** Makes the header of 7 bytes (ISO 13818-7 section 6.2) for frames of one AudioSpecificConfig; null when ADTS cannot say it. */
export function adtsHeader(config: Uint8Array): ((payloadBytes: number) => Uint8Array) | null {
  const facts = parseAacConfig(config);
  const rate = facts === null ? -1 : RATES.indexOf(facts.sampleRate);
  if (facts === null || rate < 0) return null;
  // SBR and PS are announced inside the frames; the core is AAC-LC.
  const profile = facts.objectType >= 1 && facts.objectType <= 4 ? facts.objectType - 1 : 1;
  const channels = facts.channels === 8 ? 7 : facts.channels;
  return (payloadBytes) => {
    const length = payloadBytes + 7;
    return Uint8Array.of(
      0xff,
      0xf1,
      (profile << 6) | (rate << 2) | (channels >> 2),
      ((channels & 3) << 6) | (length >> 11),
      (length >> 3) & 0xff,
      ((length & 7) << 5) | 0x1f,
      0xfc,
    );
  };
}

/** Takes the AAC frames out of an ADTS stream that comes in pieces. */
export class AdtsReader {
  readonly #onFrame: (frame: Uint8Array, facts: AdtsFrame) => void;
  #rest: Buffer = Buffer.alloc(0);

  constructor(onFrame: (frame: Uint8Array, facts: AdtsFrame) => void) {
    this.#onFrame = onFrame;
  }

  push(bytes: Uint8Array): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    let at = 0;
    while (at + 7 <= this.#rest.length) {
      const facts = parseAdtsFrame(this.#rest, at);
      if (facts === null) {
        at += 1;
        continue;
      }
      if (at + facts.frameBytes > this.#rest.length) break;
      this.#onFrame(
        new Uint8Array(this.#rest.subarray(at + facts.headerBytes, at + facts.frameBytes)),
        facts,
      );
      at += facts.frameBytes;
    }
    this.#rest = this.#rest.subarray(at);
    if (this.#rest.length > LIMIT_BYTES) this.#rest = Buffer.alloc(0);
  }
}
