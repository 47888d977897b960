import type { SdpMedia } from '@vedette/rtsp';

/** A session description of one video section, for who is handed the camera's packets as they are (RFC 8866). */
export function relaySdp(media: SdpMedia): string {
  const lines = [
    'v=0',
    'o=- 0 0 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=video 0 RTP/AVP ${media.payloadType}`,
    ...media.lines,
  ];
  return `${lines.join('\r\n')}\r\n`;
}
