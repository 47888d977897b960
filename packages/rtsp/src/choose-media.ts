import { RtspError } from './rtsp-error.ts';
import type { SdpMedia } from './sdp.ts';

export type MediaKind = 'video' | 'audio';

/** What is set up; at least one of the two is there. */
export interface ChosenMedia {
  readonly video: SdpMedia | undefined;
  readonly audio: SdpMedia | undefined;
}

/**
 * The first video and the first audio that can be played; metadata, text and what is unknown are left alone.
 * `anyVideo`: where no video can be played, one of another codec is taken. Throws RtspError `codec_unsupported` with
 * what the camera offers instead: a camera whose picture cannot be shown is not passed off as a microphone.
 */
export function chooseMedia(
  media: readonly SdpMedia[],
  options: { readonly anyVideo: boolean },
): ChosenMedia {
  // `sendonly` is a back channel, unless the camera writes it everywhere.
  const incoming = media.filter((one) => one.direction !== 'sendonly');
  const candidates = incoming.length > 0 ? incoming : media;
  const videos = candidates.filter((one) => one.kind === 'video');
  const audio = candidates.find((one) => one.audio !== undefined);
  const playable = videos.find((one) => one.codec !== undefined);
  const video = playable ?? (options.anyVideo ? videos.find(isDescribed) : undefined);
  if (video !== undefined || (videos.length === 0 && audio !== undefined)) return { video, audio };
  const offered = videos.map((one) => one.encoding).join(', ');
  throw new RtspError(
    'codec_unsupported',
    'describe',
    offered === ''
      ? 'The camera offers no video or sound that can be played.'
      : `The camera offers ${offered}, which is not supported.`,
  );
}

/** Its codec has a name: by an rtpmap, or by a payload type that needs none (RFC 3551 section 6). */
function isDescribed(media: SdpMedia): boolean {
  return media.payloadType < 35 || media.lines.some((line) => /^a=rtpmap/i.test(line));
}
