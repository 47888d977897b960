// A media file or endless stream behind an HTTP address, played like a file on disk. FFmpeg reads it through our relay.
// Not its job: which hosts are allowed (the relay's dialer), radio (http-audio).
import type { StreamSource } from '@vedette/contracts';
import type { FrameSink } from '@vedette/media-types';
import type { FfmpegJobs } from '../../ffmpeg/ffmpeg-jobs.ts';
import { playMedia } from '../../ffmpeg/play-media.ts';
import { PublishedJob, type PublishedJobOptions } from '../../ffmpeg/published-job.ts';
import type { H264Encoders } from '../../ffmpeg/video/h264-encoders.ts';
import type { SupervisedSource } from '../source-supervisor.ts';
import type { HttpRelay } from './http-relay.ts';

export interface HttpSourceOptions extends PublishedJobOptions {
  readonly source: Extract<StreamSource, { kind: 'http' }>;
  readonly jobs: Pick<FfmpegJobs, 'run' | 'probe'>;
  readonly encoders: Pick<H264Encoders, 'choose' | 'failed'>;
  readonly relay: Pick<HttpRelay, 'offer'>;
}

export class HttpSource implements SupervisedSource {
  readonly #options: HttpSourceOptions;
  readonly #job: PublishedJob;

  constructor(options: HttpSourceOptions) {
    this.#options = options;
    this.#job = new PublishedJob(options);
  }

  get lastTicks(): number | undefined {
    return this.#job.lastTicks;
  }

  get packetsLost(): number {
    return this.#job.packetsLost;
  }

  async run(sink: FrameSink, signal: AbortSignal): Promise<void> {
    const { source, relay, jobs, encoders } = this.#options;
    const over = new AbortController();
    const offered = relay.offer({ ...source, signal: AbortSignal.any([signal, over.signal]) });
    try {
      await playMedia({
        jobs,
        encoders,
        job: this.#job,
        name: 'http',
        address: offered.address,
        protocols: 'http,tcp',
        loop: source.loop,
        sink,
        signal,
      });
    } catch (error) {
      // FFmpeg knows only what our relay answered it.
      throw offered.failure ?? error;
    } finally {
      over.abort();
    }
  }
}
