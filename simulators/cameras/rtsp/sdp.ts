import type { Reel } from '../stream/reel.ts';
import { TRACKS } from './stream-path.ts';

/** The answer to DESCRIBE (RFC 8866), control URLs relative to Content-Base. */
export function describeStream(options: {
  readonly video: Reel;
  readonly sound: Reel | undefined;
  readonly title: string;
  readonly host: string;
  readonly sessionId: number;
}): string {
  const { video, sound, host } = options;
  const family = host.includes(':') ? 'IP6' : 'IP4';
  return [
    'v=0',
    `o=- ${options.sessionId} 1 IN ${family} ${host}`,
    `s=${options.title}`,
    `c=IN ${family} ${family === 'IP6' ? '::' : '0.0.0.0'}`,
    't=0 0',
    'a=tool:vedette-simulator',
    'a=range:npt=now-',
    'a=control:*',
    ...video.sdp,
    `a=control:${TRACKS.video}`,
    ...(sound === undefined ? [] : [...sound.sdp, `a=control:${TRACKS.sound}`]),
    '',
  ].join('\r\n');
}
