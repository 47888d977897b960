// Enters: the text of an SDP offer. Leaves: what of it we read, or `invalid_offer`; and the same offer in the few
// words that the WebRTC library needs. Pure. Not its job: choosing (answer-plan.ts).
import { isIP } from 'node:net';
import { VedetteError } from '@vedette/runtime';
import { parse, parseParams } from 'sdp-transform';

export interface OfferedFormat {
  readonly payloadType: number;
  /** Lower case, as in `a=rtpmap`. */
  readonly codec: string;
  readonly clockRate: number;
  readonly channels: number;
  readonly fmtp: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface OfferedSection {
  readonly kind: 'video' | 'audio' | 'other';
  readonly mid: string;
  /** `m=` line and protocol as offered, for an answer that turns it down. */
  readonly type: string;
  readonly protocol: string;
  readonly payloads: string;
  /** The other side wants to receive here. */
  readonly receives: boolean;
  /** The other side wants to send here. */
  readonly sends: boolean;
  /** The sources (SSRC) that it said it sends. */
  readonly sources: readonly number[];
  readonly formats: readonly OfferedFormat[];
  /** Id of the playout-delay header extension, when it was offered. */
  readonly playoutDelayId: number | undefined;
}

export interface Offer {
  readonly sections: readonly OfferedSection[];
  readonly ufrag: string;
  readonly password: string;
  /** `sha-256 4E:DF:…`. */
  readonly fingerprint: string;
  readonly setup: string;
  /** `candidate:…` lines that we can use: UDP to an address, at most 30. */
  readonly candidates: readonly string[];
}

const PLAYOUT_DELAY = 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay';
/** The library's ICE checks no more than these. */
export const MAX_CANDIDATES = 30;
const MAX_SOURCES = 4;
/** RFC 3551 table 4: payload types that need no rtpmap. */
const STATIC_FORMATS: ReadonlyMap<number, string> = new Map([
  [0, 'pcmu'],
  [8, 'pcma'],
  [9, 'g722'],
]);

/** Throws VedetteError `invalid_offer`. */
export function readOffer(text: string): Offer {
  if (!/^v=0\r?\n/.test(text)) throw new VedetteError('invalid_offer');
  try {
    return read(text);
  } catch (cause) {
    throw cause instanceof VedetteError ? cause : new VedetteError('invalid_offer', { cause });
  }
}

/** A candidate as in `a=candidate:`, when it is one that we can send to: names are not looked up, TCP is not spoken. */
export function isUsableCandidate(candidate: string): boolean {
  const [, , transport, , address, port] = candidate.split(' ');
  return (
    candidate.startsWith('candidate:') &&
    transport?.toLowerCase() === 'udp' &&
    isIP(address ?? '') !== 0 &&
    /^\d{1,5}$/.test(port ?? '')
  );
}

function read(text: string): Offer {
  const offer = parse(text);
  if (offer.media.length === 0)
    throw new VedetteError('invalid_offer', { detail: 'The offer has no media.' });
  const transport = offer.media.find((media) => media.iceUfrag !== undefined) ?? offer;
  const ufrag = transport.iceUfrag ?? offer.iceUfrag;
  const password = transport.icePwd ?? offer.icePwd;
  const fingerprint =
    offer.fingerprint ?? offer.media.find((media) => media.fingerprint !== undefined)?.fingerprint;
  if (ufrag === undefined || password === undefined || fingerprint === undefined) {
    throw new VedetteError('invalid_offer', {
      detail: 'The offer has no ICE credentials or no fingerprint.',
    });
  }
  const sections = offer.media.map(section);
  if (new Set(sections.map(({ mid }) => mid)).size !== sections.length)
    throw new VedetteError('invalid_offer', {
      detail: 'Each media section needs an identification of its own.',
    });
  return {
    sections,
    ufrag: String(ufrag),
    password: String(password),
    fingerprint: `${fingerprint.type} ${fingerprint.hash}`,
    setup: String(offer.setup ?? offer.media.find((media) => media.setup !== undefined)?.setup ?? 'actpass'),
    candidates: [...text.matchAll(/^a=(candidate:.*?)\r?$/gm)]
      .map((match) => match[1] ?? '')
      .filter(isUsableCandidate)
      .slice(0, MAX_CANDIDATES),
  };
}

type Media = ReturnType<typeof parse>['media'][number];

function section(media: Media): OfferedSection {
  const kind = media.type === 'video' || media.type === 'audio' ? media.type : 'other';
  const { direction, port } = media;
  const usable = port !== 0 && media.mid !== undefined;
  return {
    kind: usable ? kind : 'other',
    mid: String(media.mid ?? ''),
    type: String(media.type),
    protocol: String(media.protocol),
    payloads: String(media.payloads ?? ''),
    receives: usable && (direction === undefined || direction === 'recvonly' || direction === 'sendrecv'),
    sends: usable && (direction === undefined || direction === 'sendonly' || direction === 'sendrecv'),
    sources: [...new Set((media.ssrcs ?? []).map(({ id }) => Number(id)))]
      .filter(isSource)
      .slice(0, MAX_SOURCES),
    formats: formats(media),
    playoutDelayId: extensionId(media),
  };
}

function extensionId(media: Media): number | undefined {
  const id: unknown = media.ext?.find((extension) => extension.uri === PLAYOUT_DELAY)?.value;
  return typeof id === 'number' && Number.isInteger(id) && id >= 1 && id <= 255 ? id : undefined;
}

function formats(media: Media): OfferedFormat[] {
  const found: OfferedFormat[] = [];
  for (const map of media.rtp ?? []) {
    // The reader makes numbers of whatever looks like one, also where its types say text.
    if (!isPayloadType(map.payload)) continue;
    const fmtp = String(media.fmtp?.find((line) => line.payload === map.payload)?.config ?? '');
    found.push({
      payloadType: map.payload,
      codec: String(map.codec).toLowerCase(),
      clockRate: Number(map.rate ?? 0),
      channels: Number(map.encoding ?? 1),
      fmtp,
      parameters: parametersOf(fmtp),
    });
  }
  if (media.type !== 'audio') return found;
  for (const text of String(media.payloads ?? '').split(' ')) {
    const payloadType = Number(text);
    const codec = text === '' ? undefined : STATIC_FORMATS.get(payloadType);
    if (codec === undefined || found.some((format) => format.payloadType === payloadType)) continue;
    found.push({ payloadType, codec, clockRate: 8000, channels: 1, fmtp: '', parameters: {} });
  }
  return found;
}

function parametersOf(fmtp: string): Record<string, string> {
  const entries = Object.entries(parseParams(fmtp));
  return Object.fromEntries(
    entries.map(([name, value]) => [name.toLowerCase(), String(value).toLowerCase()]),
  );
}

function isSource(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value < 2 ** 32;
}

function isPayloadType(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 127;
}
