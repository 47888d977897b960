import { RtspError } from './rtsp-error.ts';
import type { SdpMedia } from './sdp.ts';

/** The first video that can be played. Throws RtspError `codec_unsupported` with what the camera offers instead. */
export function chooseVideo(media: readonly SdpMedia[]): SdpMedia {
  const videos = media.filter((one) => one.kind === 'video');
  // `sendonly` is a back channel, unless the camera writes it everywhere.
  const incoming = videos.filter((one) => one.direction !== 'sendonly');
  const candidates = incoming.length > 0 ? incoming : videos;
  const playable = candidates.find((one) => one.codec !== undefined);
  if (playable !== undefined) return playable;
  const offered = candidates.map((one) => one.encoding).join(', ');
  throw new RtspError(
    'codec_unsupported',
    'describe',
    offered === '' ? 'The camera offers no video.' : `The camera offers ${offered}, which is not supported.`,
  );
}
