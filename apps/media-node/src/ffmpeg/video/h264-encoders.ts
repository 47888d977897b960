// Leaves: the encoder to use, tried on this machine and not only listed. Not its job: running what uses it.
import type { Clock, Log } from '@vedette/runtime';
import { SourceError } from '../../ingest/source-error.ts';
import type { FfmpegJobs } from '../ffmpeg-jobs.ts';
import { H264_ENCODERS, type H264Encoder, h264Arguments } from './h264-encoder.ts';

export interface H264EncodersOptions {
  readonly jobs: Pick<FfmpegJobs, 'trial'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Best first; tests give others. */
  readonly encoders?: readonly H264Encoder[];
}

/** A card that failed is tried again after this: it may have been busy. */
const DISTRUST_MS = 600_000;

/** What FFmpeg says of cards, among what it says of everything else. */
const CARD_FAILED = /encoder|nvenc|cuda|qsv|mfx|vpl|vaapi|hwupload|device|stopped/i;

export class H264Encoders {
  readonly #options: H264EncodersOptions;
  readonly #distrustedUntil = new Map<string, number>();
  #working: Promise<readonly H264Encoder[]> | undefined;

  constructor(options: H264EncodersOptions) {
    this.#options = options;
  }

  /**
   * The best that works here; the first call tries them all.
   * @throws SourceError `ffmpeg_missing` when there is no FFmpeg or none of its encoders works
   */
  async choose(): Promise<H264Encoder> {
    this.#working ??= this.#tryAll();
    let working: readonly H264Encoder[];
    try {
      working = await this.#working;
    } catch (error) {
      this.#working = undefined;
      throw error;
    }
    const now = this.#options.clock.now();
    const trusted = working.find(({ name }) => (this.#distrustedUntil.get(name) ?? 0) <= now);
    const chosen = trusted ?? working.at(-1);
    if (chosen !== undefined) return chosen;
    this.#working = undefined;
    throw new SourceError(
      'ffmpeg_missing',
      'start',
      'The FFmpeg of this node has no H.264 encoder that works.',
    );
  }

  /** A job with this encoder failed: when it was for the encoder's sake, the next one gets another. */
  failed(encoder: H264Encoder, error: unknown): void {
    if (!encoder.isHardware || !CARD_FAILED.test(wordsOf(error))) return;
    this.#options.log.warn({ encoder: encoder.name }, 'a video encoder failed and is left alone for a while');
    this.#distrustedUntil.set(encoder.name, this.#options.clock.now() + DISTRUST_MS);
  }

  async #tryAll(): Promise<readonly H264Encoder[]> {
    const { jobs, log, encoders = H264_ENCODERS } = this.#options;
    const picture = ['-f', 'lavfi', '-i', 'color=black:s=320x240:r=5:d=0.6'];
    const tried = await Promise.all(
      encoders.map(async (encoder) => {
        const made = ['-frames:v', '2', ...h264Arguments(encoder, { height: 180 }), '-f', 'null', '-'];
        return (await jobs.trial([...encoder.device, ...picture, ...made])) ? [encoder] : [];
      }),
    );
    const working = tried.flat();
    log.info({ encoders: working.map(({ name }) => name) }, 'video encoders that work here');
    return working;
  }
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return error.cause instanceof Error ? `${error.message} ${error.cause.message}` : error.message;
}
