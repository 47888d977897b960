// What a camera says of its media: tolerant by the line, never by the whole. Never throws.
// Not its job: which media is played (choose-media.ts).
import type { VideoCodec } from '@vedette/media-types';
import type { AudioFormat } from '@vedette/rtp';
import { audioFormat } from './sdp-audio.ts';

/** One media section of a camera's SDP (RFC 8866), as far as we use it. */
export interface SdpMedia {
  /** `video`, `audio`, `application`, or what the camera made up. */
  readonly kind: string;
  readonly payloadType: number;
  /** Of video; undefined for what is not played as it is. */
  readonly codec: VideoCodec | undefined;
  /** Of audio; undefined for what is not played. */
  readonly audio: AudioFormat | undefined;
  /** As the camera names it, for people. */
  readonly encoding: string;
  readonly clockRate: number;
  readonly control: string | undefined;
  /** Raw NAL units from fmtp. */
  readonly parameterSets: readonly Uint8Array[];
  /** `sendonly` sections are the camera's ears: back channels. */
  readonly direction: string | undefined;
  /** What describes its payload (rtpmap, fmtp, framerate, …), for who hands the packets on. */
  readonly lines: readonly string[];
}

export interface Sdp {
  readonly control: string | undefined;
  readonly media: readonly SdpMedia[];
}

interface RtpMap {
  readonly payloadType: number;
  readonly encoding: string;
  readonly clockRate: number;
  readonly channels: number;
}

const VIDEO_CLOCK_RATE = 90_000;
/** Sizes and rates that the payload of JPEG has no room for. */
const OF_THE_PICTURE = /^a=(?:framerate|x-framerate|x-dimensions):/i;
const MAX_MEDIA = 16;
const MAX_LINES = 2000;
/** Payload types that need no rtpmap (RFC 3551 table 4 and 5). */
const STATIC_TYPES: Readonly<Record<number, Omit<RtpMap, 'payloadType'>>> = {
  0: { encoding: 'PCMU', clockRate: 8000, channels: 1 },
  3: { encoding: 'GSM', clockRate: 8000, channels: 1 },
  4: { encoding: 'G723', clockRate: 8000, channels: 1 },
  8: { encoding: 'PCMA', clockRate: 8000, channels: 1 },
  9: { encoding: 'G722', clockRate: 8000, channels: 1 },
  10: { encoding: 'L16', clockRate: 44_100, channels: 2 },
  11: { encoding: 'L16', clockRate: 44_100, channels: 1 },
  14: { encoding: 'MPA', clockRate: 90_000, channels: 1 },
  26: { encoding: 'JPEG', clockRate: 90_000, channels: 1 },
  31: { encoding: 'H261', clockRate: 90_000, channels: 1 },
  32: { encoding: 'MPV', clockRate: 90_000, channels: 1 },
  33: { encoding: 'MP2T', clockRate: 90_000, channels: 1 },
};

/** Reads line by line and skips what it does not understand: cameras leave out, repeat and misspell. */
export function parseSdp(text: string): Sdp {
  const sections: string[][] = [[]];
  for (const raw of text.split(/\r\n|\n|\r/, MAX_LINES)) {
    const line = raw.trim();
    if (line.startsWith('m=')) sections.push([]);
    if (line !== '') sections.at(-1)?.push(line);
  }
  const [session = [], ...rest] = sections;
  return {
    control: attribute(session, 'control'),
    media: rest.slice(0, MAX_MEDIA).flatMap((section) => {
      const media = readMedia(section);
      return media === undefined ? [] : [media];
    }),
  };
}

function attribute(section: readonly string[], name: string): string | undefined {
  const prefix = `a=${name}:`;
  return section
    .find((line) => line.toLowerCase().startsWith(prefix))
    ?.slice(prefix.length)
    .trim();
}

function readMedia(section: readonly string[]): SdpMedia | undefined {
  const [word = '', , , ...formats] = (section[0] ?? '').slice(2).trim().split(/\s+/);
  const kind = word.toLowerCase();
  const types = formats.map(Number).filter((type) => Number.isInteger(type) && type >= 0 && type <= 127);
  const described = types.map((payloadType) => describe(kind, rtpMap(section, payloadType), section));
  const media = described.find((one) => one.codec !== undefined || one.audio !== undefined) ?? described[0];
  if (kind === '' || media === undefined) return undefined;
  const direction = section.find((line) => /^a=(?:sendonly|recvonly|sendrecv|inactive)$/i.test(line));
  return { ...media, control: attribute(section, 'control'), direction: direction?.slice(2).toLowerCase() };
}

function rtpMap(section: readonly string[], payloadType: number): RtpMap {
  for (const line of section) {
    const [, type, encoding = '', clockRate, channels] =
      /^a=rtpmap:\s*(\d+)\s+([^/\s]+)(?:\s*\/\s*(\d{1,9}))?(?:\s*\/\s*(\d{1,9}))?/i.exec(line) ?? [];
    if (type !== undefined && Number(type) === payloadType)
      return {
        payloadType,
        encoding,
        clockRate: Number(clockRate ?? 0),
        channels: Number(channels ?? 1) || 1,
      };
  }
  const known = STATIC_TYPES[payloadType] ?? { encoding: '', clockRate: 0, channels: 1 };
  return { payloadType, ...known };
}

function describe(
  kind: string,
  map: RtpMap,
  section: readonly string[],
): Omit<SdpMedia, 'control' | 'direction'> {
  const { payloadType, encoding, channels } = map;
  const own = new RegExp(`^a=(?:rtpmap|fmtp|framesize):\\s*${payloadType}(?!\\d)`, 'i');
  const lines = section.filter((line) => own.test(line) || OF_THE_PICTURE.test(line));
  const fmtp = lines.find((line) => /^a=fmtp/i.test(line)) ?? '';
  const codec = kind === 'video' ? videoCodec(encoding) : undefined;
  const audio =
    kind === 'audio'
      ? audioFormat({ encoding, clockRate: map.clockRate, channels, fmtp: parameters(fmtp) })
      : undefined;
  return {
    kind,
    payloadType,
    codec,
    audio,
    encoding: encoding === '' ? `payload type ${payloadType}` : encoding,
    clockRate: audio?.rtpClockRate ?? (map.clockRate || VIDEO_CLOCK_RATE),
    parameterSets: codec === undefined ? [] : parameterSets(fmtp),
    lines,
  };
}

function videoCodec(encoding: string): VideoCodec | undefined {
  switch (encoding.toUpperCase()) {
    case 'H264':
      return 'h264';
    case 'H265':
    case 'HEVC':
      return 'h265';
    default:
      return undefined;
  }
}

/** `name=value` pairs of an fmtp line; names in small letters, whatever the camera's taste. */
function parameters(fmtp: string): Map<string, string> {
  const pairs = fmtp.replace(/^a=fmtp:\s*\d+\s*/i, '').split(';');
  return new Map(
    pairs.flatMap((pair) => {
      const at = pair.indexOf('=');
      return at < 1 ? [] : [[pair.slice(0, at).trim().toLowerCase(), pair.slice(at + 1).trim()] as const];
    }),
  );
}

function parameterSets(fmtp: string): Uint8Array[] {
  const sets: Uint8Array[] = [];
  for (const [, value = ''] of fmtp.matchAll(/sprop-(?:parameter-sets|vps|sps|pps)\s*=\s*([^;\s]+)/gi)) {
    for (const item of value.split(',')) {
      const set = Buffer.from(item, 'base64');
      if (set.length > 1) sets.push(set);
    }
  }
  return sets;
}
