// What the rtpmap and fmtp of an audio section say. Not its job: lines and sections (sdp.ts).
import { buildAacConfig, parseAacConfig } from '@vedette/bitstream';
import type { AacPayloadFormat, AudioFormat } from '@vedette/rtp';

export interface AudioDescription {
  readonly encoding: string;
  /** As written; 0 where nothing was. */
  readonly clockRate: number;
  readonly channels: number;
  readonly fmtp: ReadonlyMap<string, string>;
}

const OPUS_RATE = 48_000;
const G722_RATE = 16_000;
const MPEG_CLOCK = 90_000;
const DEFAULT_RATE = 8000;
const MAX_CHANNELS = 8;
const MAX_RATE = 192_000;

/** Undefined for what is not played. */
export function audioFormat(description: AudioDescription): AudioFormat | undefined {
  const { clockRate, channels } = description;
  if (channels > MAX_CHANNELS || clockRate > MAX_RATE) return undefined;
  const rate = clockRate || DEFAULT_RATE;
  const plain = { rtpClockRate: rate, sampleRate: rate, channels };
  const name = description.encoding.toUpperCase();
  switch (name) {
    case 'PCMU':
      return { codec: 'pcmu', ...plain };
    case 'PCMA':
      return { codec: 'pcma', ...plain };
    case 'G722':
      // The RTP clock counts half the samples, by an old mistake that was kept (RFC 3551 section 4.5.2).
      return { codec: 'g722', rtpClockRate: 8000, sampleRate: G722_RATE, channels };
    case 'L16':
      return { codec: 'l16', ...plain, samples: { bits: 16, littleEndian: false } };
    case 'PCM':
      // Hikvision's own name.
      return { codec: 'l16', ...plain, samples: { bits: 16, littleEndian: true } };
    case 'OPUS':
      // `/48000/1` means two channels all the same (RFC 7587 section 7).
      return { codec: 'opus', rtpClockRate: OPUS_RATE, sampleRate: OPUS_RATE, channels: 2 };
    case 'MPA':
    case 'MP3':
      return { codec: 'mp3', rtpClockRate: MPEG_CLOCK, sampleRate: undefined, channels: 2 };
    case 'MPEG4-GENERIC':
      return genericAac(description);
    case 'MP4A-LATM':
      return latmAac(description);
    default:
      return g726(name, rate, channels);
  }
}

/** Bits are packed from the low end, but for the names that begin in AAL2 (RFC 3551 section 4.5.4). */
function g726(name: string, rate: number, channels: number): AudioFormat | undefined {
  const match = /^(AAL2-)?G726-(16|24|32|40)$/.exec(name);
  if (match === null) return undefined;
  const samples = { bits: Number(match[2]) / 8, littleEndian: match[1] === undefined };
  return { codec: 'g726', rtpClockRate: rate, sampleRate: rate, channels, samples };
}

function genericAac({ clockRate, channels, fmtp }: AudioDescription): AudioFormat | undefined {
  const mode = fmtp.get('mode')?.toLowerCase() ?? 'aac-hbr';
  if (mode.startsWith('celp')) return undefined;
  const isLow = mode === 'aac-lbr';
  const usual = isLow ? { size: 6, index: 2 } : { size: 13, index: 3 };
  const bits = (name: string, otherwise: number) => {
    const value = Number(fmtp.get(name) ?? Number.NaN);
    return Number.isInteger(value) && value >= 0 && value <= 16 ? value : otherwise;
  };
  const sizeLength = bits('sizelength', usual.size) || usual.size;
  const aac: AacPayloadFormat = {
    kind: 'generic',
    sizeLength,
    indexLength: bits('indexlength', usual.index),
    indexDeltaLength: bits('indexdeltalength', usual.index),
  };
  const given = /^[0-9a-f]{4,128}$/i.exec(fmtp.get('config')?.replaceAll('"', '') ?? '')?.[0];
  return aacFormat(
    given === undefined ? undefined : Uint8Array.from(Buffer.from(given, 'hex')),
    { clockRate, channels },
    aac,
  );
}

/** Only with its StreamMuxConfig in the SDP, and one frame a packet, as cameras send it (RFC 3016 section 5.1). */
function latmAac({ clockRate, channels, fmtp }: AudioDescription): AudioFormat | undefined {
  if (fmtp.get('cpresent') === '1') return undefined;
  const mux = Buffer.from(fmtp.get('config') ?? '', 'hex');
  // audioMuxVersion 0, one program, one layer: 15 bits before the AudioSpecificConfig.
  if (mux.length < 4 || mux.readUInt8(0) >> 7 === 1 || (mux.readUInt16BE(0) & 0x3ffe) !== 0) return undefined;
  const config = new Uint8Array(mux.length - 2);
  for (let i = 0; i < config.length; i += 1)
    config[i] = ((mux.readUInt8(i + 1) & 1) << 7) | (mux.readUInt8(i + 2) >> 1);
  return aacFormat(config, { clockRate, channels }, { kind: 'latm' });
}

function aacFormat(
  given: Uint8Array | undefined,
  said: { readonly clockRate: number; readonly channels: number },
  aac: AacPayloadFormat,
): AudioFormat | undefined {
  const rate = said.clockRate || OPUS_RATE;
  const built = buildAacConfig({ objectType: 2, sampleRate: rate, channels: said.channels });
  const readable = given !== undefined && parseAacConfig(given) !== null ? given : built;
  const parsed = parseAacConfig(readable);
  if (parsed === null) return undefined;
  return {
    codec: 'aac',
    rtpClockRate: rate,
    sampleRate: parsed.sampleRate,
    channels: parsed.channels,
    config: readable,
    aac,
  };
}
