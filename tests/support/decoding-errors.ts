import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { splitLengthPrefixed } from '@vedette/bitstream';
import type { EncodedFrame } from '@vedette/media-types';

/** What FFmpeg says while it decodes the frames: nothing when all is well. */
export async function decodingErrors(
  codec: 'h264' | 'h265',
  frames: readonly EncodedFrame[],
): Promise<string> {
  const bytes = frames.flatMap(({ data }) =>
    splitLengthPrefixed(data).flatMap((nal) => [Buffer.of(0, 0, 0, 1), nal]),
  );
  const format = codec === 'h264' ? 'h264' : 'hevc';
  const ffmpeg = spawn('ffmpeg', ['-v', 'error', '-f', format, '-i', '-', '-f', 'null', '-'], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let said = '';
  ffmpeg.stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  ffmpeg.stdin.end(Buffer.concat(bytes));
  await once(ffmpeg, 'close');
  return said;
}
