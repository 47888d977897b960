import { splitLengthPrefixed } from '@vedette/bitstream';
import type { EncodedFrame, VideoCodec } from '@vedette/media-types';
import type { FfmpegJob } from '../../ffmpeg/ffmpeg-job.ts';
import type { FfmpegJobs } from '../../ffmpeg/ffmpeg-jobs.ts';

export interface PictureRequest {
  /** A key frame with its parameter sets. */
  readonly frame: EncodedFrame;
  readonly codec: VideoCodec;
  /** Pixels at most; nothing is enlarged. */
  readonly width: number;
  readonly signal: AbortSignal;
}

/** A JPEG of one key frame. Rejects when it cannot be made. */
export type DecodePicture = (request: PictureRequest) => Promise<Buffer>;

const START_CODE = Uint8Array.of(0, 0, 0, 1);
const DECODE_MS = 5000;
const LIMIT_BYTES = 4 * 1024 * 1024;

/** One process of FFmpeg a picture: bytes in by a pipe, bytes out by a pipe, nothing on disk. */
export function createDecodePicture(jobs: Pick<FfmpegJobs, 'run'>): DecodePicture {
  return async ({ frame, codec, width, signal }) => {
    const late = new AbortController();
    const chunks: Buffer[] = [];
    let bytes = 0;
    let timer: NodeJS.Timeout | undefined;
    const job: FfmpegJob = {
      name: 'snapshot',
      args: argsFor(codec, width),
      stdin: { kind: 'pipe' },
      stall: null,
      onStarted: (running) => {
        timer = setTimeout(() => late.abort(), DECODE_MS);
        running.stdout?.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > LIMIT_BYTES) late.abort();
          else chunks.push(chunk);
        });
        running.stdin?.end(annexB(frame));
      },
    };
    try {
      await jobs.run(job, AbortSignal.any([signal, late.signal]));
    } finally {
      clearTimeout(timer);
    }
    signal.throwIfAborted();
    if (late.signal.aborted || bytes === 0) throw new Error('FFmpeg made no picture of a key frame');
    return Buffer.concat(chunks);
  };
}

function argsFor(codec: VideoCodec, width: number): string[] {
  return [
    ...['-threads', '1', '-f', codec === 'h264' ? 'h264' : 'hevc', '-i', 'pipe:0', '-frames:v', '1'],
    ...['-vf', `scale=w='min(${width},iw)':h=-2:out_range=full,format=yuvj420p`],
    ...['-c:v', 'mjpeg', '-q:v', '5', '-f', 'image2pipe', 'pipe:1'],
  ];
}

function annexB(frame: EncodedFrame): Buffer {
  return Buffer.concat(splitLengthPrefixed(frame.data).flatMap((nal) => [START_CODE, nal]));
}
