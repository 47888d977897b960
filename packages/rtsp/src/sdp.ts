import type { VideoCodec } from '@vedette/media-types';

/** One media section of a camera's SDP (RFC 8866), as far as we use it. */
export interface SdpMedia {
  readonly kind: string;
  readonly payloadType: number;
  /** Undefined for what we do not play. */
  readonly codec: VideoCodec | undefined;
  /** As the camera names it, for people. */
  readonly encoding: string;
  readonly clockRate: number;
  readonly control: string | undefined;
  /** Raw NAL units from fmtp. */
  readonly parameterSets: readonly Uint8Array[];
  /** `sendonly` sections are the camera's ears: back channels. */
  readonly direction: string | undefined;
}

export interface Sdp {
  readonly control: string | undefined;
  readonly media: readonly SdpMedia[];
}

const DEFAULT_CLOCK_RATE = 90_000;
const MAX_MEDIA = 16;

/** Reads line by line and skips what it does not understand: cameras leave out, repeat and misspell. Never throws. */
export function parseSdp(text: string): Sdp {
  const sections: string[][] = [[]];
  for (const raw of text.split(/\r\n|\n|\r/)) {
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
  const [kind = '', , , first = ''] = (section[0] ?? '').slice(2).trim().split(/\s+/);
  const payloadType = Number(first);
  if (kind === '' || !Number.isInteger(payloadType) || payloadType < 0 || payloadType > 127) return undefined;
  const map = section
    .filter((line) => line.toLowerCase().startsWith('a=rtpmap:'))
    .map((line) => /^a=rtpmap:\s*(\d+)\s+([^/\s]+)(?:\/(\d+))?/i.exec(line))
    .find((match) => match !== null && Number(match[1]) === payloadType);
  const encoding = map?.[2] ?? '';
  const codec = codecOf(encoding);
  const fmtp = section.find((line) => new RegExp(`^a=fmtp:\\s*${payloadType}\\b`, 'i').test(line)) ?? '';
  return {
    kind: kind.toLowerCase(),
    payloadType,
    codec,
    encoding: encoding === '' ? `payload type ${payloadType}` : encoding,
    clockRate: Number(map?.[3]) || DEFAULT_CLOCK_RATE,
    control: attribute(section, 'control'),
    parameterSets: codec === undefined ? [] : parameterSets(fmtp),
    direction: ['sendonly', 'recvonly', 'sendrecv', 'inactive'].find((name) => section.includes(`a=${name}`)),
  };
}

function codecOf(encoding: string): VideoCodec | undefined {
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
