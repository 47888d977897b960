// Enters: what FFmpeg is to read. Leaves: the frames of what it publishes to us, over loopback, into a sink.
// Not its job: what is read, and trying again.
import type { ReasonCode } from '@vedette/contracts';
import type { FrameSink } from '@vedette/media-types';
import type { LoopbackPort } from '../loopback/loopback-port.ts';
import type { FfmpegJob } from './ffmpeg-job.ts';
import type { FfmpegJobs } from './ffmpeg-jobs.ts';

export interface PublishedJobOptions {
  readonly jobs: Pick<FfmpegJobs, 'run'>;
  readonly loopback: Pick<LoopbackPort, 'receive'>;
  /** Where the time line of the run stands, ticks of 90 kHz; undefined: it begins. */
  readonly firstTicks: number | undefined;
  /** FFmpeg announced what it sends. */
  readonly onPlaying: () => void;
  readonly onWaiting: (reason: ReasonCode) => void;
}

type Received = ReturnType<LoopbackPort['receive']>;

/** After all inputs and codecs; the address is good for one process, so that others reading it does not matter. */
function outputArguments(url: string): readonly string[] {
  return [
    // Sound is not collected for longer than a frame, and a track that falls silent does not hold up the other.
    ...['-muxdelay', '0.02', '-max_interleave_delta', '200000', '-flush_packets', '1'],
    ...['-f', 'rtsp', '-rtsp_transport', 'tcp', url],
  ];
}

export class PublishedJob {
  readonly #options: PublishedJobOptions;
  #received: Received | undefined;

  constructor(options: PublishedJobOptions) {
    this.#options = options;
  }

  get lastTicks(): number | undefined {
    return this.#received?.lastTicks ?? this.#options.firstTicks;
  }

  get packetsLost(): number {
    return this.#received?.packetsLost ?? 0;
  }

  /**
   * Resolves when the job came to its end or the signal aborted, with its process gone.
   * @throws SourceError
   */
  async run(job: FfmpegJob, sink: FrameSink, signal: AbortSignal): Promise<void> {
    const { jobs, loopback, firstTicks, onPlaying, onWaiting } = this.#options;
    const over = new AbortController();
    const received = loopback.receive({
      sink,
      firstTicks,
      onPublishing: onPlaying,
      signal: AbortSignal.any([signal, over.signal]),
    });
    this.#received = received;
    try {
      await jobs.run(
        {
          ...job,
          args: [...job.args, ...outputArguments(received.url)],
          secrets: [...(job.secrets ?? []), received.url],
          onQueued: () => onWaiting('ffmpeg_queued'),
        },
        signal,
      );
    } finally {
      over.abort();
      await received.ended;
    }
  }
}

/** Reading one of our own streams, before `-i`: what it is was told by its description, so nothing is looked for long. */
export const LOOPBACK_INPUT: readonly string[] = [
  ...['-protocol_whitelist', 'rtsp,rtp,tcp,udp', '-f', 'rtsp', '-rtsp_transport', 'tcp'],
  ...['-probesize', '32768', '-analyzeduration', '0', '-fpsprobesize', '0', '-max_delay', '0'],
];
