// Enters: an offer, what we say to each of its sections, and what the WebRTC library says of its transport. Leaves:
// the answer as the other side should see it, written from scratch: the library would answer with whatever was
// offered. Pure. Not its job: choosing what is sent or received.
import type { Offer, OfferedSection } from './offer.ts';

export interface AnswerNetwork {
  /** The one UDP port of this node. */
  readonly udpPort: number;
  /** Further addresses under which viewers reach that port. */
  readonly publicHosts: readonly string[];
}

export interface AnswerParts {
  readonly offer: Offer;
  /** Lines of a section that is used, from its `m=` on; undefined for one that is not. */
  readonly media: (section: OfferedSection) => readonly string[] | undefined;
  /** Identifies the session (RFC 8866 section 5.2). */
  readonly sessionNumber: number;
  /** The library's own answer: ICE credentials, fingerprint and candidates are taken from it. */
  readonly librarySdp: string;
  readonly network: AnswerNetwork;
}

export interface AnsweredFormat {
  readonly payloadType: number;
  /** Lower case. */
  readonly codec: string;
  /** Empty when there is none. */
  readonly fmtp: string;
}

/** Priority of a host candidate below the real ones: type preference 126, local preference 1 (RFC 8445 section 5.1.2). */
const PUBLIC_HOST_PRIORITY = 126 * 2 ** 24 + 1 * 2 ** 8 + 255;
const RTPMAPS: ReadonlyMap<string, string> = new Map([
  ['h264', 'H264/90000'],
  ['h265', 'H265/90000'],
  ['opus', 'opus/48000/2'],
  ['pcmu', 'PCMU/8000'],
  ['pcma', 'PCMA/8000'],
  ['g722', 'G722/8000'],
]);

/** `codec/rate/channels` as in `a=rtpmap`, of the codecs that we speak. */
export function rtpmapOf(codec: string): string | undefined {
  return RTPMAPS.get(codec);
}

/** The offer in the words that the library needs: who offers, where it is, and the sections that are used. */
export function libraryOffer(offer: Offer, sections: readonly string[]): string {
  return joinLines([
    'v=0',
    'o=- 0 0 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=ice-ufrag:${offer.ufrag}`,
    `a=ice-pwd:${offer.password}`,
    `a=fingerprint:${offer.fingerprint}`,
    `a=setup:${offer.setup}`,
    ...sections,
    ...offer.candidates.map((candidate) => `a=${candidate}`),
  ]);
}

/** One section of such an offer. */
export function librarySection(options: {
  readonly kind: 'video' | 'audio';
  readonly mid: string;
  readonly direction: 'recvonly' | 'sendonly' | 'inactive';
  readonly formats: readonly { readonly payloadType: number; readonly codec: string }[];
}): string[] {
  const { kind, mid, direction, formats } = options;
  return [
    `m=${kind} 9 UDP/TLS/RTP/SAVPF ${formats.map((format) => format.payloadType).join(' ')}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${mid}`,
    `a=${direction}`,
    'a=rtcp-mux',
    ...formats.map((format) => `a=rtpmap:${format.payloadType} ${RTPMAPS.get(format.codec) ?? format.codec}`),
  ];
}

export function writeAnswer({ offer, media, sessionNumber, librarySdp, network }: AnswerParts): string {
  const transport = ['ice-ufrag', 'ice-pwd', 'fingerprint', 'setup'].flatMap((name) => {
    const line = new RegExp(`^a=${name}:.*$`, 'm').exec(librarySdp)?.[0].trim();
    return line === undefined ? [] : [line];
  });
  const candidates = [
    ...[...librarySdp.matchAll(/^a=candidate:.*?(?=\r?$)/gm)].map((match) => match[0]),
    ...publicHosts(network),
    'a=end-of-candidates',
  ];
  const bundled = offer.sections.filter((section) => section.kind !== 'other').map((section) => section.mid);
  // RFC 8843 section 7.3: the transport of the bundle is told in the section that the offer put first.
  const first = bundled[0];
  return joinLines([
    'v=0',
    `o=- ${sessionNumber} 1 IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    `a=group:BUNDLE ${bundled.join(' ')}`,
    'a=msid-semantic: WMS *',
    ...offer.sections.flatMap((section) => {
      if (section.kind === 'other') return declined(section);
      const used = media(section) ?? openSection(section, section.formats.slice(0, 1), 'inactive');
      return [...used, ...transport, ...(section.mid === first ? candidates : [])];
    }),
  ]);
}

/** How a section of an answer begins, up to its formats. */
export function openSection(
  section: OfferedSection,
  formats: readonly AnsweredFormat[],
  direction: 'sendonly' | 'recvonly' | 'inactive',
): string[] {
  const map = (format: { payloadType: number; codec: string }) => {
    const known = RTPMAPS.get(format.codec);
    const offered = section.formats.find((candidate) => candidate.payloadType === format.payloadType);
    const channels = offered !== undefined && offered.channels > 1 ? `/${offered.channels}` : '';
    return `a=rtpmap:${format.payloadType} ${known ?? `${format.codec}/${offered?.clockRate ?? 90_000}${channels}`}`;
  };
  const payloads = formats.map((format) => format.payloadType).join(' ');
  return [
    `m=${section.type} 9 ${section.protocol} ${payloads === '' ? (section.payloads.split(' ')[0] ?? '0') : payloads}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${section.mid}`,
    `a=${direction}`,
    'a=rtcp-mux',
    'a=rtcp-mux-only',
    ...formats.flatMap((format) => [
      map(format),
      ...(format.fmtp === '' ? [] : [`a=fmtp:${format.payloadType} ${format.fmtp}`]),
    ]),
  ];
}

/** RFC 8829 section 5.3.1: port zero, outside of the bundle. */
function declined(section: OfferedSection): string[] {
  return [
    `m=${section.type} 0 ${section.protocol} ${section.payloads}`.trimEnd(),
    'c=IN IP4 0.0.0.0',
    ...(section.mid === '' ? [] : [`a=mid:${section.mid}`]),
    'a=inactive',
  ];
}

function publicHosts(network: AnswerNetwork): string[] {
  return network.publicHosts.map(
    (host, index) =>
      `a=candidate:p${index} 1 UDP ${PUBLIC_HOST_PRIORITY - index} ${host} ${network.udpPort} typ host`,
  );
}

function joinLines(all: readonly string[]): string {
  return `${all.join('\r\n')}\r\n`;
}
