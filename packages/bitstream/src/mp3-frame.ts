/** One frame of MPEG audio, layer III (ISO 11172-3 section 2.4.1.3, ISO 13818-3). */
export interface Mp3Frame {
  /** Header included. */
  readonly frameBytes: number;
  readonly sampleRate: number;
  readonly channels: number;
  readonly samples: number;
}

const RATES = [44_100, 48_000, 32_000];
const KBITS_MPEG1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const KBITS_MPEG2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const LAYER_3 = 1;

/** Null when no layer III header begins at `at`; whether the whole frame is there is not looked at. */
export function parseMp3Frame(data: Uint8Array, at = 0): Mp3Frame | null {
  if (at + 4 > data.length) return null;
  const byte = (index: number) => data[at + index] ?? 0;
  if (byte(0) !== 0xff || (byte(1) & 0xe0) !== 0xe0 || ((byte(1) >> 1) & 3) !== LAYER_3) return null;
  // 3 is MPEG-1, 2 MPEG-2, 0 MPEG-2.5 with a quarter of the rate.
  const version = (byte(1) >> 3) & 3;
  const rate = RATES[(byte(2) >> 2) & 3];
  const kbits = (version === 3 ? KBITS_MPEG1 : KBITS_MPEG2)[byte(2) >> 4];
  if (version === 1 || rate === undefined || kbits === undefined || kbits === 0) return null;
  const sampleRate = rate / (version === 3 ? 1 : version === 2 ? 2 : 4);
  const samples = version === 3 ? 1152 : 576;
  const padding = (byte(2) >> 1) & 1;
  return {
    frameBytes: Math.floor((samples * kbits * 125) / sampleRate) + padding,
    sampleRate,
    channels: byte(3) >> 6 === 3 ? 1 : 2,
    samples,
  };
}
