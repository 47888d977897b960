import { BitReader } from './bit-reader.ts';

/** What an AudioSpecificConfig says (ISO 14496-3 section 1.6.2.1). */
export interface AacConfig {
  /** 2 is AAC LC, 5 SBR, 29 SBR and PS. */
  readonly objectType: number;
  /** Samples a second of the core coder: SBR doubles what is heard, never the length of a frame in time. */
  readonly sampleRate: number;
  readonly channels: number;
  /** Samples of one frame at `sampleRate`. */
  readonly samplesPerFrame: number;
}

const RATES = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350,
];
/** By channelConfiguration; 0 means that the stream says it elsewhere. */
const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 8];

/** Null when it is no AudioSpecificConfig. */
export function parseAacConfig(data: Uint8Array): AacConfig | null {
  const reader = new BitReader(data);
  let objectType = readObjectType(reader);
  const sampleRate = readRate(reader);
  const channels = CHANNELS[reader.bits(4)];
  const outerType = objectType;
  if (objectType === 5 || objectType === 29) {
    readRate(reader);
    objectType = readObjectType(reader);
  }
  // Only these have a GASpecificConfig, whose first bit is frameLengthFlag.
  const isShort = [1, 2, 3, 4, 6, 17, 19, 20, 23].includes(objectType) && reader.flag();
  if (reader.overrun || objectType === 0 || sampleRate === undefined || channels === undefined) return null;
  return {
    objectType: outerType,
    sampleRate,
    channels: channels === 0 ? 2 : channels,
    samplesPerFrame: objectType === 23 ? (isShort ? 480 : 512) : isShort ? 960 : 1024,
  };
}

/** An AudioSpecificConfig of two bytes; five where the rate is none of the usual ones. */
export function buildAacConfig(config: {
  readonly objectType: number;
  readonly sampleRate: number;
  readonly channels: number;
}): Uint8Array {
  const index = RATES.indexOf(config.sampleRate);
  const channels = Math.max(0, CHANNELS.indexOf(config.channels));
  if (index >= 0) {
    const bits = (config.objectType << 11) | (index << 7) | (channels << 3);
    return Uint8Array.of(bits >> 8, bits & 0xff);
  }
  const rate = config.sampleRate;
  return Uint8Array.of(
    (config.objectType << 3) | 7,
    0x80 | ((rate >> 17) & 0x7f),
    (rate >> 9) & 0xff,
    (rate >> 1) & 0xff,
    ((rate & 1) << 7) | (channels << 3),
  );
}

function readObjectType(reader: BitReader): number {
  const type = reader.bits(5);
  return type === 31 ? 32 + reader.bits(6) : type;
}

function readRate(reader: BitReader): number | undefined {
  const index = reader.bits(4);
  return index === 15 ? reader.bits(24) || undefined : RATES[index];
}

/** Samples a second of a samplingFrequencyIndex; undefined for the reserved ones. */
export function aacRate(index: number): number | undefined {
  return RATES[index];
}
