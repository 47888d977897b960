import { aacRate, buildAacConfig } from './aac-config.ts';

/** One frame of an ADTS stream (ISO 13818-7 section 6.2). */
export interface AdtsFrame {
  /** Bytes before the AAC data. */
  readonly headerBytes: number;
  /** Header included. */
  readonly frameBytes: number;
  readonly sampleRate: number;
  readonly channels: number;
  /** The AudioSpecificConfig that says the same. */
  readonly config: Uint8Array;
}

/** Null when no ADTS header with a usable length begins at `at`; whether the whole frame is there is not looked at. */
export function parseAdtsFrame(data: Uint8Array, at = 0): AdtsFrame | null {
  if (at + 7 > data.length) return null;
  const byte = (index: number) => data[at + index] ?? 0;
  if (byte(0) !== 0xff || (byte(1) & 0xf6) !== 0xf0) return null;
  const headerBytes = (byte(1) & 1) === 1 ? 7 : 9;
  const sampleRate = aacRate((byte(2) >> 2) & 0x0f);
  const channelConfig = ((byte(2) & 1) << 2) | (byte(3) >> 6);
  const frameBytes = ((byte(3) & 3) << 11) | (byte(4) << 3) | (byte(5) >> 5);
  if (sampleRate === undefined || frameBytes < headerBytes) return null;
  const channels = channelConfig === 0 ? 2 : channelConfig === 7 ? 8 : channelConfig;
  const config = buildAacConfig({ objectType: (byte(2) >> 6) + 1, sampleRate, channels });
  return { headerBytes, frameBytes, sampleRate, channels, config };
}
