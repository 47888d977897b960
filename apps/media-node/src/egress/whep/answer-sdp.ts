// Enters: a plan, and what the WebRTC library says of its transport. Leaves: what the library is told of the offer, and
// the answer as a browser should see it. Pure. Not its job: the form of an answer (write-answer.ts).
import type { Offer, OfferedSection } from '../../webrtc/offer.ts';
import {
  type AnswerNetwork,
  libraryOffer,
  librarySection,
  openSection,
  writeAnswer,
} from '../../webrtc/write-answer.ts';
import type { AnswerPlan } from './answer-plan.ts';

/** Who we are in RTP: one source for each kind, one name for all. */
export interface AnswerSources {
  readonly cname: string;
  readonly videoSsrc: number;
  readonly audioSsrc: number;
}

export interface WhepAnswerParts {
  readonly offer: Offer;
  readonly plan: AnswerPlan;
  readonly librarySdp: string;
  readonly sources: AnswerSources;
  readonly network: AnswerNetwork;
}

/** Section of the library's offer that carries nothing but our sender reports, and that no browser ever sees. */
export const REPORTS_MID = 'vedette-reports';
/** Both tracks in one: what shows them keeps them in sync. */
const STREAM = 'vedette';

/** The planned sections alone, and the one for reports. */
export function plannedOffer(offer: Offer, { video, audio }: AnswerPlan): string {
  return libraryOffer(offer, [
    ...(video === undefined ? [] : librarySection({ ...video, kind: 'video', direction: 'recvonly' })),
    ...(audio === undefined ? [] : librarySection({ ...audio, kind: 'audio', direction: 'recvonly' })),
    ...librarySection({
      kind: 'audio',
      mid: REPORTS_MID,
      direction: 'inactive',
      formats: [{ payloadType: 0, codec: 'pcmu' }],
    }),
  ]);
}

export function writeWhepAnswer(parts: WhepAnswerParts): string {
  const { offer, librarySdp, network, sources } = parts;
  return writeAnswer({
    offer,
    media: (section) => mediaOf(section, parts),
    sessionNumber: sources.videoSsrc,
    librarySdp,
    network,
  });
}

function mediaOf(section: OfferedSection, { plan, sources }: WhepAnswerParts): string[] | undefined {
  const { video, audio } = plan;
  if (video !== undefined && section.mid === video.mid) {
    return [
      ...openSection(section, video.formats, 'sendonly'),
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
      ...openSection(section, audio.formats, 'sendonly'),
      ...source('audio', sources.audioSsrc, sources.cname),
    ];
  }
  return undefined;
}

function source(kind: 'video' | 'audio', ssrc: number, cname: string): string[] {
  return [
    `a=msid:${STREAM} ${kind}`,
    `a=ssrc:${ssrc} cname:${cname}`,
    `a=ssrc:${ssrc} msid:${STREAM} ${kind}`,
  ];
}
