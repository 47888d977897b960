// Enters: packets of a video codec that is not played as it is. Leaves: H.264 of the same pictures.
// Not its job: reading those packets (FFmpeg does), trying again.
import type { TranscodeVideo } from '../../ingest/rtsp/transcode-video.ts';
import { SourceError } from '../../ingest/source-error.ts';
import type { LoopbackPort } from '../../loopback/loopback-port.ts';
import type { FfmpegJobs } from '../ffmpeg-jobs.ts';
import { LOOPBACK_INPUT, PublishedJob } from '../published-job.ts';
import { h264Arguments } from './h264-encoder.ts';
import type { H264Encoders } from './h264-encoders.ts';

export interface TranscodeVideoTools {
  readonly jobs: Pick<FfmpegJobs, 'run'>;
  readonly loopback: LoopbackPort;
  readonly encoders: Pick<H264Encoders, 'choose' | 'failed'>;
}

const STALL_MS = 10_000;
/** As large as the camera sends it, up to what a wall shows. */
const LIMITS = { height: 1080, frameRate: 30, bitsPerSecond: 4_000_000 };

export function createTranscodeVideo({ jobs, loopback, encoders }: TranscodeVideoTools): TranscodeVideo {
  return ({ sdp, sink, firstTicks, signal }) => {
    const over = new AbortController();
    const relay = loopback.relay({ sdp, signal: AbortSignal.any([signal, over.signal]) });
    const ignore = () => undefined;
    const job = new PublishedJob({ jobs, loopback, firstTicks, onPlaying: ignore, onWaiting: ignore });
    const run = async () => {
      const encoder = await encoders.choose();
      try {
        const args = [
          ...encoder.device,
          '-threads',
          '1',
          ...LOOPBACK_INPUT,
          '-i',
          relay.url,
          '-map',
          '0:v:0',
        ];
        await job.run(
          {
            name: 'video',
            args: [...args, ...h264Arguments(encoder, LIMITS)],
            secrets: [relay.url],
            stdin: { kind: 'none' },
            stall: { ms: STALL_MS, from: 'start' },
          },
          sink,
          signal,
        );
      } catch (error) {
        encoders.failed(encoder, error);
        throw error;
      } finally {
        over.abort();
      }
      if (!signal.aborted)
        throw new SourceError('ffmpeg_failed', 'transcode', 'FFmpeg gave no more pictures.');
    };
    return {
      rtp: (data) => relay.rtp(data),
      rtcp: (data) => relay.rtcp(data),
      ended: run(),
      get lastTicks() {
        return job.lastTicks;
      },
    };
  };
}
