// Enters: a browser's offer and a stream's tracks. Leaves: which sections we send in, with which payload types; or
// why nothing fits. Pure. Not its job: ICE, fingerprints, and writing the answer (answer-sdp.ts).
import { parseH265Sps } from '@vedette/bitstream';
import type { AudioTrack, Track, VideoCodec, VideoTrack } from '@vedette/media-types';
import { VedetteError } from '@vedette/runtime';
import type { Offer, OfferedFormat, OfferedSection } from '../../webrtc/offer.ts';

/** What browsers take as it is, by RTP. */
export type WebrtcAudioCodec = 'opus' | 'pcmu' | 'pcma' | 'g722';

export interface VideoFormat {
  readonly codec: VideoCodec;
  readonly payloadType: number;
  /** fmtp of the answer, without the payload type. */
  readonly fmtp: string;
}

export interface AudioFormat {
  readonly codec: WebrtcAudioCodec;
  readonly payloadType: number;
  /** Empty when the codec has none. */
  readonly fmtp: string;
}

/** Several formats where the stream is not known yet: the first frame tells which of them is sent. */
export interface AnswerPlan {
  readonly video:
    | {
        readonly mid: string;
        readonly formats: readonly VideoFormat[];
        readonly playoutDelayId: number | undefined;
      }
    | undefined;
  readonly audio: { readonly mid: string; readonly formats: readonly AudioFormat[] } | undefined;
}

/** Constrained baseline: what every browser decodes, and takes higher profiles under. */
const BASELINE = '42e0';
const PASSED_THROUGH: readonly WebrtcAudioCodec[] = ['opus', 'pcmu', 'pcma', 'g722'];

/**
 * Chooses for a stream of `tracks`; empty while they are not known, which promises nothing about them.
 * Throws VedetteError `no_common_codec` when the browser can take neither picture nor, of a stream without one, sound.
 */
export function planAnswer(offer: Offer, tracks: readonly Track[]): AnswerPlan {
  const videoTrack = tracks.find((track) => track.kind === 'video');
  const audioTrack = tracks.find((track) => track.kind === 'audio');
  const wantsVideo = offer.sections.find((section) => section.kind === 'video' && section.receives);
  const wantsAudio = offer.sections.find((section) => section.kind === 'audio' && section.receives);
  const video = planVideo(wantsVideo, videoTrack, tracks.length === 0);
  const audio = planAudio(wantsAudio, audioTrack);
  const hasPicture = videoTrack !== undefined || tracks.length === 0;
  // Who asks for sound alone gets it; who asks for a picture is not put off with sound.
  if (hasPicture && wantsVideo !== undefined && video === undefined)
    throw new VedetteError('no_common_codec');
  if (video === undefined && audio === undefined) throw new VedetteError('no_common_codec');
  // Sound that has to be made comes late: the browser must be free to hold pictures back for it.
  const maybeLate = audio !== undefined && (audioTrack === undefined || !isPassedThrough(audioTrack));
  return { video: video && maybeLate ? { ...video, playoutDelayId: undefined } : video, audio };
}

/** Whether browsers take this sound as it is. */
export function isPassedThrough(
  track: AudioTrack,
): track is AudioTrack & { readonly codec: WebrtcAudioCodec } {
  if (track.codec === 'opus') return true;
  if (track.codec === 'g722') return track.channels === 1;
  return (
    (track.codec === 'pcmu' || track.codec === 'pcma') && track.clockRate === 8000 && track.channels === 1
  );
}

function planVideo(
  section: OfferedSection | undefined,
  track: VideoTrack | undefined,
  unknown: boolean,
): AnswerPlan['video'] {
  if (section === undefined || (track === undefined && !unknown)) return undefined;
  const formats: VideoFormat[] = [];
  if (track?.codec !== 'h265') {
    const best = bestH264(section.formats, track);
    if (best !== undefined) formats.push(best);
  }
  if (track?.codec !== 'h264') {
    const best = bestH265(section.formats, track);
    if (best !== undefined) formats.push(best);
  }
  if (formats.length === 0) return undefined;
  return { mid: section.mid, formats, playoutDelayId: section.playoutDelayId };
}

/** Same profile as the camera first, then constrained baseline, which browsers decode everything under, then any. */
function bestH264(formats: readonly OfferedFormat[], track: VideoTrack | undefined): VideoFormat | undefined {
  const profile = h264Profile(track);
  const candidates = formats
    // RFC 6184: without it only single NAL units could be sent, which no key frame fits into.
    .filter((format) => format.codec === 'h264' && format.parameters['packetization-mode'] === '1')
    .map((format) => ({ ...format, profile: format.parameters['profile-level-id'] ?? '42e01f' }));
  const best =
    candidates.find((candidate) => profile !== undefined && candidate.profile.slice(0, 4) === profile) ??
    candidates.find(
      (candidate) => profile !== undefined && candidate.profile.slice(0, 2) === profile.slice(0, 2),
    ) ??
    candidates.find((candidate) => candidate.profile.startsWith(BASELINE)) ??
    candidates[0];
  if (best === undefined) return undefined;
  return {
    codec: 'h264',
    payloadType: best.payloadType,
    fmtp: `level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=${best.profile}`,
  };
}

/** profile_idc and constraint flags as hex, from the SPS itself: what a camera's SDP says is often wrong. */
function h264Profile(track: VideoTrack | undefined): string | undefined {
  const sps = track?.parameterSets.sps;
  if (sps === undefined || sps.length < 4) return undefined;
  return Buffer.from(sps.subarray(1, 3)).toString('hex');
}

/** Profile, tier and transmission mode have to match; levels are what browsers make up (Chrome offers 93 to 180). */
function bestH265(formats: readonly OfferedFormat[], track: VideoTrack | undefined): VideoFormat | undefined {
  const sps = track === undefined ? null : parseH265Sps(track.parameterSets.sps);
  const candidates = formats.filter(
    (format) => format.codec === 'h265' && (format.parameters['tx-mode'] ?? 'srst') === 'srst',
  );
  const profileOf = (format: OfferedFormat) => format.parameters['profile-id'] ?? '1';
  const tierOf = (format: OfferedFormat) => format.parameters['tier-flag'] ?? '0';
  const best =
    sps === null
      ? (candidates.find((format) => profileOf(format) === '1') ?? candidates[0])
      : candidates.find(
          (format) =>
            profileOf(format) === String(sps.profileIdc) && (!sps.highTier || tierOf(format) === '1'),
        );
  if (best === undefined) return undefined;
  return { codec: 'h265', payloadType: best.payloadType, fmtp: best.fmtp };
}

/** The track's own codec, or Opus that it is made into; all of them while the track is not known. */
function planAudio(section: OfferedSection | undefined, track: AudioTrack | undefined): AnswerPlan['audio'] {
  if (section === undefined) return undefined;
  const offered = PASSED_THROUGH.flatMap((codec) => {
    const format = section.formats.find((candidate) => candidate.codec === codec && fits(codec, candidate));
    if (format === undefined) return [];
    const fmtp = codec === 'opus' ? opusParameters(format, track) : '';
    return [{ codec, payloadType: format.payloadType, fmtp }];
  });
  const own =
    track !== undefined && isPassedThrough(track)
      ? offered.find((format) => format.codec === track.codec)
      : undefined;
  const opus = offered.find((format) => format.codec === 'opus');
  const formats = track === undefined ? offered : [own ?? opus].filter((format) => format !== undefined);
  return formats.length === 0 ? undefined : { mid: section.mid, formats };
}

function fits(codec: WebrtcAudioCodec, format: OfferedFormat): boolean {
  // RFC 7587 section 7: always 48000 and 2; RFC 3551 section 4.5.2: 8000 for G.722, too.
  return codec === 'opus' ? format.clockRate === 48_000 : format.clockRate === 8000 && format.channels === 1;
}

function opusParameters(offered: OfferedFormat, track: AudioTrack | undefined): string {
  const stereo = track === undefined ? offered.parameters.stereo === '1' : track.channels === 2;
  return stereo ? 'minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1' : 'minptime=10;useinbandfec=1';
}
