import type { Clip } from '../clip/clip.ts';
import { H264_PAYLOAD_TYPE } from '../stream/h264-packetizer.ts';

export const TRACK = 'trackID=0';

/** The answer to DESCRIBE (RFC 8866, RFC 6184 section 8.2.1), control URLs relative to Content-Base. */
export function describeClip(options: {
  clip: Clip;
  title: string;
  host: string;
  sessionId: number;
}): string {
  const { clip, host } = options;
  const family = host.includes(':') ? 'IP6' : 'IP4';
  const parameterSets = [clip.sps, clip.pps].map((nal) => nal.toString('base64')).join(',');
  return [
    'v=0',
    `o=- ${options.sessionId} 1 IN ${family} ${host}`,
    `s=${options.title}`,
    `c=IN ${family} ${family === 'IP6' ? '::' : '0.0.0.0'}`,
    't=0 0',
    'a=tool:vedette-simulator',
    'a=range:npt=now-',
    'a=control:*',
    `m=video 0 RTP/AVP ${H264_PAYLOAD_TYPE}`,
    `b=AS:${clip.kilobits}`,
    `a=rtpmap:${H264_PAYLOAD_TYPE} H264/90000`,
    `a=fmtp:${H264_PAYLOAD_TYPE} packetization-mode=1;profile-level-id=${clip.facts.profileLevelId};sprop-parameter-sets=${parameterSets}`,
    `a=framerate:${clip.fps}`,
    `a=control:${TRACK}`,
    '',
  ].join('\r\n');
}
