// Enters: a plan, and what the WebRTC library says of its transport. Leaves: the answer as a browser should see it.
// Written from scratch, because the library would answer with whatever was offered. Pure.
import type { AnswerPlan, AudioFormat, VideoFormat } from './answer-plan.ts';
import type { Offer, OfferedSection } from './offer.ts';

export interface AnswerNetwork {
  /** The one UDP port of this node. */
  readonly udpPort: number;
  /** Further addresses under which viewers reach that port. */
  readonly publicHosts: readonly string[];
}

/** Who we are in RTP: one source for each kind, one name for all. */
export interface AnswerSources {
  readonly cname: string;
  readonly videoSsrc: number;
  readonly audioSsrc: number;
}

export interface AnswerParts {
  readonly offer: Offer;
  readonly plan: AnswerPlan;
  /** The library's own answer: ICE credentials, fingerprint and candidates are taken from it. */
  readonly librarySdp: string;
  readonly sources: AnswerSources;
  readonly network: AnswerNetwork;
}

/** Section of the library's offer that carries nothing but our sender reports, and that no browser ever sees. */
export const REPORTS_MID = 'vedette-reports';
/** Both tracks in one: what shows them keeps them in sync. */
const STREAM = 'vedette';
/** Priority of a host candidate below the real ones: type preference 126, local preference 1 (RFC 8445 section 5.1.2). */
const PUBLIC_HOST_PRIORITY = 126 * 2 ** 24 + 1 * 2 ** 8 + 255;
const RTPMAPS = {
  h264: 'H264/90000',
  h265: 'H265/90000',
  opus: 'opus/48000/2',
  pcmu: 'PCMU/8000',
  pcma: 'PCMA/8000',
  g722: 'G722/8000',
} as const;

/** The offer in the words that the library needs: the planned sections alone, and the one for reports. */
export function libraryOffer(offer: Offer, plan: AnswerPlan): string {
  const media = (kind: 'video' | 'audio', mid: string, formats: readonly (VideoFormat | AudioFormat)[]) => [
    `m=${kind} 9 UDP/TLS/RTP/SAVPF ${formats.map((format) => format.payloadType).join(' ')}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${mid}`,
    'a=recvonly',
    'a=rtcp-mux',
    ...formats.map((format) => `a=rtpmap:${format.payloadType} ${RTPMAPS[format.codec]}`),
  ];
  return lines([
    'v=0',
    'o=- 0 0 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=ice-ufrag:${offer.ufrag}`,
    `a=ice-pwd:${offer.password}`,
    `a=fingerprint:${offer.fingerprint}`,
    `a=setup:${offer.setup}`,
    ...(plan.video === undefined ? [] : media('video', plan.video.mid, plan.video.formats)),
    ...(plan.audio === undefined ? [] : media('audio', plan.audio.mid, plan.audio.formats)),
    'm=audio 9 UDP/TLS/RTP/SAVPF 0',
    'c=IN IP4 0.0.0.0',
    `a=mid:${REPORTS_MID}`,
    'a=inactive',
    'a=rtcp-mux',
    'a=rtpmap:0 PCMU/8000',
    ...offer.candidates.map((candidate) => `a=${candidate}`),
  ]);
}

export function writeAnswer(parts: AnswerParts): string {
  const { offer, librarySdp, network } = parts;
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
  return lines([
    'v=0',
    `o=- ${parts.sources.videoSsrc} 1 IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    `a=group:BUNDLE ${bundled.join(' ')}`,
    `a=msid-semantic: WMS ${STREAM}`,
    ...offer.sections.flatMap((section) => {
      if (section.kind === 'other') return declined(section);
      const head = mediaOf(section, parts);
      return [...head, ...transport, ...(section.mid === first ? candidates : [])];
    }),
  ]);
}

function mediaOf(section: OfferedSection, { plan, sources }: AnswerParts): string[] {
  const { video, audio } = plan;
  if (video !== undefined && section.mid === video.mid) {
    return [
      ...opening(section, video.formats, 'sendonly'),
      ...video.formats.flatMap(({ payloadType }) => [
        `a=rtcp-fb:${payloadType} nack`,
        `a=rtcp-fb:${payloadType} nack pli`,
        `a=rtcp-fb:${payloadType} ccm fir`,
      ]),
      ...(video.playoutDelayId === undefined
        ? []
        : [`a=extmap:${video.playoutDelayId} http://www.webrtc.org/experiments/rtp-hdrext/playout-delay`]),
      ...source('video', sources.videoSsrc, sources.cname),
    ];
  }
  if (audio !== undefined && section.mid === audio.mid) {
    return [
      ...opening(section, audio.formats, 'sendonly'),
      ...source('audio', sources.audioSsrc, sources.cname),
    ];
  }
  return opening(section, section.formats.slice(0, 1), 'inactive');
}

function opening(
  section: OfferedSection,
  formats: readonly { readonly payloadType: number; readonly codec: string; readonly fmtp: string }[],
  direction: 'sendonly' | 'inactive',
): string[] {
  const map = (format: { payloadType: number; codec: string }) => {
    const known = Object.entries(RTPMAPS).find(([codec]) => codec === format.codec)?.[1];
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

function source(kind: 'video' | 'audio', ssrc: number, cname: string): string[] {
  return [
    `a=msid:${STREAM} ${kind}`,
    `a=ssrc:${ssrc} cname:${cname}`,
    `a=ssrc:${ssrc} msid:${STREAM} ${kind}`,
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

function lines(all: readonly string[]): string {
  return `${all.join('\r\n')}\r\n`;
}
