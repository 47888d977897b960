import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** What a simulated camera sends. */
export interface BenchClip {
  readonly size: string;
  readonly framesPerSecond: number;
  readonly kilobitsPerSecond: number;
}

export const COMMON_CLIP: BenchClip = { size: '1280x720', framesPerSecond: 15, kilobitsPerSecond: 1000 };

/** 16 s, a key frame every two seconds. */
export function makeClip(folder: string, clip = COMMON_CLIP): string {
  const { framesPerSecond, kilobitsPerSecond, size } = clip;
  const file = join(folder, 'bench.h264');
  const gop = 2 * framesPerSecond;
  const rate = `${kilobitsPerSecond}k`;
  const encode = `-c:v libx264 -preset veryfast -profile:v baseline -bf 0 -g ${gop} -keyint_min ${gop} -sc_threshold 0 -b:v ${rate} -maxrate ${rate} -bufsize ${rate}`;
  const picture = `testsrc2=s=${size}:r=${framesPerSecond},noise=c0s=8:c0f=t`;
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', picture, '-t', '16'],
    ...encode.split(' '),
    ...['-f', 'h264', file],
  ]);
  return file;
}
