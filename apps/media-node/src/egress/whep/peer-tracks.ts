// The library's side of a plan: one track for each kind that is sent, and one that only carries our own reports.
import { randomInt } from 'node:crypto';
import nodeDataChannel from 'node-datachannel';
import type { AnswerPlan } from './answer-plan.ts';
import { type AnswerSources, REPORTS_MID } from './answer-sdp.ts';

type PeerConnection = InstanceType<typeof nodeDataChannel.PeerConnection>;
type MediaTrack = InstanceType<typeof nodeDataChannel.Track>;

export interface PeerTracks {
  readonly video: MediaTrack | undefined;
  readonly audio: MediaTrack | undefined;
  /**
   * Of no kind to the browser, which never hears of it. A track whose packets the library makes takes no RTCP of
   * ours; one without a handler takes any, and all of them leave by the same transport.
   */
  readonly reports: MediaTrack;
  readonly sources: AnswerSources;
  close(): void;
}

/** After the remote description is set. */
export function addTracks(connection: PeerConnection, plan: AnswerPlan): PeerTracks {
  const cname = `v${randomInt(2 ** 32).toString(36)}`;
  const videoSsrc = randomInt(1, 2 ** 31);
  const audioSsrc = randomInt(2 ** 31, 2 ** 32);
  const sources: AnswerSources = { cname, videoSsrc, audioSsrc };
  const video = plan.video === undefined ? undefined : addVideo(connection, plan.video, sources);
  const audio = plan.audio === undefined ? undefined : addAudio(connection, plan.audio, sources);
  const silent = new nodeDataChannel.Audio(REPORTS_MID, 'Inactive');
  silent.addAudioCodec(0, 'PCMU');
  const reports = connection.addTrack(silent);
  return {
    video,
    audio,
    reports,
    sources,
    close: () => {
      for (const track of [video, audio, reports]) track?.close();
    },
  };
}

function addVideo(
  connection: PeerConnection,
  plan: NonNullable<AnswerPlan['video']>,
  { cname, videoSsrc }: AnswerSources,
): MediaTrack {
  const video = new nodeDataChannel.Video(plan.mid, 'SendOnly');
  for (const { codec, payloadType, fmtp } of plan.formats) {
    if (codec === 'h264') video.addH264Codec(payloadType, fmtp);
    else video.addH265Codec(payloadType);
  }
  // Declared, because feedback for an unknown source never reaches onMessage.
  video.addSSRC(videoSsrc, cname);
  return connection.addTrack(video);
}

function addAudio(
  connection: PeerConnection,
  plan: NonNullable<AnswerPlan['audio']>,
  { cname, audioSsrc }: AnswerSources,
): MediaTrack {
  const audio = new nodeDataChannel.Audio(plan.mid, 'SendOnly');
  for (const { codec, payloadType } of plan.formats) {
    if (codec === 'opus') audio.addOpusCodec(payloadType);
    else audio.addAudioCodec(payloadType, codec.toUpperCase());
  }
  audio.addSSRC(audioSsrc, cname);
  return connection.addTrack(audio);
}
