// Enters: frames of one audio track. Leaves: the same sound in another codec, with the times of the source.
// One process, fed and read through pipes. Not its job: who listens, starting again.

import type { Writable } from 'node:stream';
import type { AudioTrack, EncodedFrame, FrameSink } from '@vedette/media-types';
import type { Clock } from '@vedette/runtime';
import type { RenditionCodec } from '../../hub/audio-rendition-port.ts';
import { SourceError } from '../../ingest/source-error.ts';
import type { FfmpegJobs } from '../ffmpeg-jobs.ts';
import { type AudioInput, audioInput } from './audio-input.ts';
import { type AudioOutput, audioOutput, type OutputFrame } from './audio-output.ts';
import { SampleClock } from './sample-clock.ts';

export interface AudioTranscoderOptions {
  readonly jobs: Pick<FfmpegJobs, 'run'>;
  readonly clock: Clock;
  readonly track: AudioTrack;
  readonly codec: RenditionCodec;
  readonly sink: FrameSink;
  readonly onQueued: () => void;
}

/** What comes while the process is being started. */
const LIMIT_WAITING = 512;
/** Some ten seconds of sound: a process that takes none of it has stopped. */
const LIMIT_PIPE_BYTES = 262_144;
/** Fed and silent for so long, it hangs. */
const SILENT_MS = 10_000;
const CHECK_MS = 1000;
/** Not `nobuffer`: it throws away what was looked at, and the sound would run ahead of its picture by that much. */
const LOW_LATENCY = ['-probesize', '32', '-analyzeduration', '0'];

export class AudioTranscoder {
  readonly #options: AudioTranscoderOptions;
  readonly #input: AudioInput | null;
  readonly #output: AudioOutput;
  readonly #time = new SampleClock();
  #waiting: EncodedFrame[] = [];
  #stdin: Writable | undefined;
  #announced: AudioTrack | undefined;
  #samplesOut = 0;
  #lastTicks = -1;
  #fedMs = Number.NEGATIVE_INFINITY;
  #heardMs = 0;
  #dropped = 0;

  constructor(options: AudioTranscoderOptions) {
    this.#options = options;
    this.#input = audioInput(options.track);
    this.#output = audioOutput(options.codec, options.track);
  }

  /** Frames left out because the process did not take them. */
  get framesDropped(): number {
    return this.#dropped;
  }

  frame(frame: EncodedFrame): void {
    if (this.#stdin === undefined) {
      if (this.#waiting.length < LIMIT_WAITING) this.#waiting.push(frame);
      else this.#dropped += 1;
      return;
    }
    this.#feed(frame, this.#stdin);
  }

  /**
   * Resolves when the signal aborts and the process is gone.
   * @throws SourceError, also when the process ends by itself
   */
  async run(signal: AbortSignal): Promise<void> {
    const { jobs, codec, clock, onQueued, track } = this.#options;
    const input = this.#input;
    if (input === null)
      throw new SourceError(
        'codec_unsupported',
        'transcode',
        `Sound of this kind (${track.codec}) cannot be read.`,
      );
    const stop = new AbortController();
    const hung = this.#watch(stop.signal);
    try {
      await jobs.run(
        {
          name: `audio-${codec}`,
          args: [
            ...['-protocol_whitelist', 'pipe', ...LOW_LATENCY, ...input.args, '-i', 'pipe:0'],
            ...['-map', '0:a:0', ...this.#output.args],
          ],
          stdin: { kind: 'pipe' },
          stall: null,
          onQueued,
          onStarted: ({ stdin, stdout }) => {
            if (stdin === null || stdout === null) return;
            this.#heardMs = clock.now();
            const reader = this.#output.reader((frame) => this.#emit(frame));
            stdout.on('data', (bytes: Uint8Array) => reader.push(bytes));
            this.#stdin = stdin;
            stdin.write(input.header);
            for (const frame of this.#waiting) this.#feed(frame, stdin);
            this.#waiting = [];
          },
        },
        AbortSignal.any([signal, hung.signal]),
      );
    } finally {
      stop.abort();
      this.#stdin = undefined;
    }
    if (signal.aborted) return;
    throw new SourceError(
      'ffmpeg_failed',
      hung.signal.aborted ? 'stalled' : 'transcode',
      'FFmpeg gave no more sound.',
    );
  }

  #feed(frame: EncodedFrame, stdin: Writable): void {
    const { track, clock } = this.#options;
    const seconds = this.#input?.seconds(frame.data) ?? 0;
    if (seconds <= 0 || this.#input === null) return;
    if (stdin.writableLength > LIMIT_PIPE_BYTES) {
      this.#dropped += 1;
      return;
    }
    this.#fedMs = clock.now();
    this.#time.feed({ seconds: frame.ptsTicks / track.clockRate, wallClockMs: frame.wallClockMs }, seconds);
    stdin.write(this.#input.encode(frame.data));
  }

  #emit({ data, samples, config }: OutputFrame): void {
    const { sampleRate, channels, delaySamples } = this.#output;
    const { track, codec, sink, clock } = this.#options;
    this.#heardMs = clock.now();
    const position = (this.#samplesOut - delaySamples) / sampleRate;
    this.#samplesOut += samples;
    const time = this.#time.at(position);
    // Before the first sample there is only what the encoder made up.
    if (time === undefined || samples === 0) return;
    const ticks = Math.round(time.seconds * sampleRate);
    if (ticks < 0 || ticks <= this.#lastTicks) return;
    if (this.#announced === undefined) {
      const about = config === undefined ? {} : { config };
      this.#announced = { kind: 'audio', id: track.id, codec, clockRate: sampleRate, channels, ...about };
      sink.tracks([this.#announced]);
    }
    this.#lastTicks = ticks;
    sink.frame({
      trackId: track.id,
      kind: 'audio',
      dtsTicks: ticks,
      ptsTicks: ticks,
      key: true,
      data,
      parameterSetBytes: 0,
      wallClockMs: time.wallClockMs,
    });
  }

  /** Aborts once sound goes in and none comes out. */
  #watch(signal: AbortSignal): AbortController {
    const { clock } = this.#options;
    const hung = new AbortController();
    const look = async () => {
      while (!signal.aborted) {
        await clock.sleep(CHECK_MS, signal).catch(() => undefined);
        const isFed = clock.now() - this.#fedMs < SILENT_MS / 2;
        if (this.#stdin !== undefined && isFed && clock.now() - this.#heardMs > SILENT_MS) hung.abort();
      }
    };
    void look();
    return hung;
  }
}
