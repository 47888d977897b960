// An encoder that sends by RTMP or SRT: FFmpeg listens on a port of this stream's own and passes on what comes.
// Listens again when it ends before a picture came. Not its job: trying again after that (source-supervisor.ts).
import type { StreamSource } from '@vedette/contracts';
import type { EncodedFrame, FrameSink, Track } from '@vedette/media-types';
import type { Clock } from '@vedette/runtime';
import type { FfmpegJob } from '../../ffmpeg/ffmpeg-job.ts';
import { PublishedJob, type PublishedJobOptions } from '../../ffmpeg/published-job.ts';
import { SourceError } from '../source-error.ts';
import type { SupervisedSource } from '../source-supervisor.ts';
import { rtmpListener } from './rtmp-listener.ts';
import { srtListener } from './srt-listener.ts';

export interface ListenerSourceOptions extends PublishedJobOptions {
  readonly source: Extract<StreamSource, { kind: 'publish' }>;
  readonly clock: Clock;
  /** The address of this node to listen on. */
  readonly bind: string;
}

export interface ListenerOptions {
  readonly source: Extract<StreamSource, { kind: 'publish' }>;
  readonly port: number;
  readonly bind: string;
}

/** How one protocol is listened for. */
export interface Listener {
  readonly job: Pick<FfmpegJob, 'args' | 'stdin'>;
  readonly secrets: readonly string[];
  /** Whether whoever connects is admitted before its first frame, by the protocol itself. */
  readonly admitsItself: boolean;
  /** Told each line of FFmpeg's; answers what it says of the encoder. */
  readonly judge: (line: string) => 'nothing' | 'right' | 'wrong';
}

/** Once frames came, none for so long is an encoder that is gone without a word. */
const STALL_MS = 10_000;
/** Guessing a key is worth little at one guess a second. */
const AGAIN_MS = 1000;

export class ListenerSource implements SupervisedSource {
  readonly #options: ListenerSourceOptions;
  #job: PublishedJob | undefined;
  #lastTicks: number | undefined;
  #lostBefore = 0;

  constructor(options: ListenerSourceOptions) {
    this.#options = options;
    this.#lastTicks = options.firstTicks;
  }

  get lastTicks(): number | undefined {
    return this.#job?.lastTicks ?? this.#lastTicks;
  }

  get packetsLost(): number {
    return this.#lostBefore + (this.#job?.packetsLost ?? 0);
  }

  /**
   * Resolves when the signal aborts.
   * @throws SourceError `waiting_for_publisher` when an encoder that had sent is gone
   */
  async run(sink: FrameSink, signal: AbortSignal): Promise<void> {
    const { source, bind, clock, onWaiting } = this.#options;
    const { port } = source;
    if (port === undefined)
      throw new SourceError('ffmpeg_failed', 'listen', 'No port was given for this encoder to send to.');
    while (!signal.aborted) {
      const listener =
        source.via === 'srt' ? srtListener({ source, port, bind }) : rtmpListener({ source, port, bind });
      onWaiting('waiting_for_publisher');
      const heard = await this.#listen(listener, sink, signal);
      if (signal.aborted) return;
      if (heard) throw new SourceError('waiting_for_publisher', 'publish', 'The encoder is gone.');
      await clock.sleep(AGAIN_MS, signal).catch(() => undefined);
    }
  }

  /** True when frames came. */
  async #listen(listener: Listener, sink: FrameSink, signal: AbortSignal): Promise<boolean> {
    const wrong = new AbortController();
    const gate = new AdmissionGate(sink, listener.admitsItself);
    const job = new PublishedJob({ ...this.#options, firstTicks: this.#lastTicks });
    this.#job = job;
    try {
      await job.run(
        {
          name: `listen-${this.#options.source.via}`,
          ...listener.job,
          secrets: listener.secrets,
          warnings: true,
          stall: { ms: STALL_MS, from: 'first-progress' },
          onErrorLine: (line) => {
            const verdict = listener.judge(line);
            if (verdict === 'right') gate.admit();
            if (verdict === 'wrong') wrong.abort();
          },
        },
        gate,
        AbortSignal.any([signal, wrong.signal]),
      );
    } catch (error) {
      // That the port is taken, or FFmpeg missing, does not change by listening again at once.
      if (!gate.heard && !isPublisherGone(error)) throw error;
    } finally {
      this.#lastTicks = job.lastTicks;
      this.#lostBefore += job.packetsLost;
      this.#job = undefined;
    }
    return gate.heard;
  }
}

/** Before an encoder has proved itself, nothing of it reaches anybody. */
class AdmissionGate implements FrameSink {
  readonly #sink: FrameSink;
  #admitted: boolean;
  #tracks: readonly Track[] | undefined;
  #heard = false;

  constructor(sink: FrameSink, admitted: boolean) {
    this.#sink = sink;
    this.#admitted = admitted;
  }

  get heard(): boolean {
    return this.#heard;
  }

  admit(): void {
    if (this.#admitted) return;
    this.#admitted = true;
    if (this.#tracks !== undefined) this.#sink.tracks(this.#tracks);
  }

  tracks(tracks: readonly Track[]): void {
    this.#tracks = tracks;
    if (this.#admitted) this.#sink.tracks(tracks);
  }

  frame(frame: EncodedFrame): void {
    if (!this.#admitted) return;
    this.#heard = true;
    this.#sink.frame(frame);
  }
}

function isPublisherGone(error: unknown): boolean {
  return error instanceof SourceError && error.code === 'ffmpeg_failed' && !/port/.test(error.message);
}
