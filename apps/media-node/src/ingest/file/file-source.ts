// A file in one of the node's folders, played in real time, once or over and over, without encoding where that can be.
// Not its job: reading containers (FFmpeg does), trying again.
import type { StreamSource } from '@vedette/contracts';
import type { FrameSink } from '@vedette/media-types';
import type { FfmpegJobs } from '../../ffmpeg/ffmpeg-jobs.ts';
import { playMedia } from '../../ffmpeg/play-media.ts';
import { PublishedJob, type PublishedJobOptions } from '../../ffmpeg/published-job.ts';
import type { H264Encoders } from '../../ffmpeg/video/h264-encoders.ts';
import type { SupervisedSource } from '../source-supervisor.ts';
import { openAllowedFile } from './allowed-file.ts';

export interface FileSourceOptions extends PublishedJobOptions {
  readonly source: Extract<StreamSource, { kind: 'file' }>;
  readonly jobs: Pick<FfmpegJobs, 'run' | 'probe'>;
  readonly encoders: Pick<H264Encoders, 'choose' | 'failed'>;
  readonly folders: readonly string[];
}

export class FileSource implements SupervisedSource {
  readonly #options: FileSourceOptions;
  readonly #job: PublishedJob;

  constructor(options: FileSourceOptions) {
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
    const { source, folders, jobs, encoders } = this.#options;
    await using file = await openAllowedFile(source.file, folders);
    await playMedia({
      jobs,
      encoders,
      job: this.#job,
      name: 'file',
      address: file.address,
      protocols: file.protocols,
      fileDescriptor: file.handle.fd,
      loop: source.loop,
      sink,
      signal,
    });
  }
}
