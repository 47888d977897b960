import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** 16 s of 1 Mbit/s 720p15, a key frame every two seconds. */
export function makeClip(folder: string): string {
  const file = join(folder, 'bench.h264');
  const encode =
    '-c:v libx264 -preset veryfast -profile:v baseline -bf 0 -g 30 -keyint_min 30 -sc_threshold 0 -b:v 1M -maxrate 1M -bufsize 1M';
  const picture = 'testsrc2=s=1280x720:r=15,noise=c0s=8:c0f=t';
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', picture, '-t', '16'],
    ...encode.split(' '),
    ...['-f', 'h264', file],
  ]);
  return file;
}
