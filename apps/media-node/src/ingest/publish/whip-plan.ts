// Enters: an encoder's offer. Leaves: which of its media we take, and the answer; or why nothing fits. Pure.
import { type ChosenMedia, chooseMedia, parseSdp } from '@vedette/rtsp';
import { VedetteError } from '@vedette/runtime';
import type { Offer, OfferedFormat, OfferedSection } from '../../webrtc/offer.ts';
import {
  type AnswerNetwork,
  libraryOffer,
  librarySection,
  openSection,
  rtpmapOf,
  writeAnswer,
} from '../../webrtc/write-answer.ts';

interface Taken {
  readonly mid: string;
  readonly format: OfferedFormat;
  readonly sources: readonly number[];
}

export interface WhipPlan {
  readonly video: Taken | undefined;
  readonly audio: Taken | undefined;
  /** The same in the words of the receivers. */
  readonly media: ChosenMedia;
}

const AUDIO_CODECS = ['opus', 'pcmu', 'pcma', 'g722'] as const;

/** Throws VedetteError `no_common_codec`. */
export function planWhip(offer: Offer): WhipPlan {
  const video = take(offer, 'video', (formats) =>
    formats.find((format) => format.codec === 'h264' && format.parameters['packetization-mode'] === '1'),
  );
  const sound = take(offer, 'audio', (formats) =>
    AUDIO_CODECS.map((codec) => formats.find((format) => format.codec === codec)).find(
      (format) => format !== undefined,
    ),
  );
  // Of two sections without declared sources nobody could tell which packet belongs to which.
  const ambiguous =
    video !== undefined && sound !== undefined && sound.sources.length + video.sources.length === 0;
  const audio = ambiguous ? undefined : sound;
  if (video === undefined && audio === undefined) throw new VedetteError('no_common_codec');
  return { video, audio, media: chosen(video, audio) };
}

export function whipLibraryOffer(offer: Offer, { video, audio }: WhipPlan): string {
  const section = (kind: 'video' | 'audio', taken: Taken | undefined) =>
    taken === undefined
      ? []
      : [
          ...librarySection({ kind, mid: taken.mid, direction: 'sendonly', formats: [taken.format] }),
          ...taken.sources.map((source) => `a=ssrc:${source} cname:publisher`),
        ];
  return libraryOffer(offer, [...section('video', video), ...section('audio', audio)]);
}

export function writeWhipAnswer(parts: {
  readonly offer: Offer;
  readonly plan: WhipPlan;
  readonly librarySdp: string;
  readonly network: AnswerNetwork;
}): string {
  const { offer, plan, librarySdp, network } = parts;
  return writeAnswer({
    offer,
    media: (section) => mediaOf(section, plan),
    sessionNumber: 1,
    librarySdp,
    network,
  });
}

function take(
  offer: Offer,
  kind: 'video' | 'audio',
  choose: (formats: readonly OfferedFormat[]) => OfferedFormat | undefined,
): Taken | undefined {
  const section = offer.sections.find((one) => one.kind === kind && one.sends);
  const format = section === undefined ? undefined : choose(section.formats);
  if (section === undefined || format === undefined) return undefined;
  return { mid: section.mid, format, sources: section.sources };
}

function mediaOf(section: OfferedSection, { video, audio }: WhipPlan): string[] | undefined {
  if (section.mid === video?.mid) {
    const { payloadType } = video.format;
    return [
      ...openSection(section, [video.format], 'recvonly'),
      `a=rtcp-fb:${payloadType} nack pli`,
      `a=rtcp-fb:${payloadType} ccm fir`,
      `a=rtcp-fb:${payloadType} goog-remb`,
    ];
  }
  return section.mid === audio?.mid ? openSection(section, [audio.format], 'recvonly') : undefined;
}

function chosen(video: Taken | undefined, audio: Taken | undefined): ChosenMedia {
  const section = (kind: 'video' | 'audio', taken: Taken | undefined) =>
    taken === undefined
      ? []
      : [
          `m=${kind} 0 RTP/AVP ${taken.format.payloadType}`,
          `a=rtpmap:${taken.format.payloadType} ${rtpmapOf(taken.format.codec) ?? ''}`,
          ...(taken.format.fmtp === '' ? [] : [`a=fmtp:${taken.format.payloadType} ${taken.format.fmtp}`]),
        ];
  const sdp = ['v=0', 's=-', 't=0 0', ...section('video', video), ...section('audio', audio), ''];
  try {
    return chooseMedia(parseSdp(sdp.join('\r\n')).media, { anyVideo: false });
  } catch (cause) {
    throw new VedetteError('no_common_codec', { cause });
  }
}
