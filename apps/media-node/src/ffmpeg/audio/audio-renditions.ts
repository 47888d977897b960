// Enters: hubs whose sound is wanted in another codec. Leaves: a hub of that sound for all who asked, while they ask.
// Starts the process with the first and again when it fails, ends it with the last. Not its job: encoding.
import type { ReasonCode } from '@vedette/contracts';
import type { AudioTrack, EncodedFrame, Subscriber, Track } from '@vedette/media-types';
import { backoffMs, type Clock, fullJitter, type Log } from '@vedette/runtime';
import type { AudioRendition, AudioRenditionPort, RenditionCodec } from '../../hub/audio-rendition-port.ts';
import { StreamHub } from '../../hub/stream-hub.ts';
import { SourceError } from '../../ingest/source-error.ts';
import type { FfmpegJobs } from '../ffmpeg-jobs.ts';
import { AudioTranscoder } from './audio-transcoder.ts';

export interface AudioRenditionsOptions {
  readonly jobs: Pick<FfmpegJobs, 'run'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

const RETRY = { baseMs: 1000, capMs: 30_000 };
const RETRY_FLOOR_MS = 250;
/** A process that ran so long is not failing again and again. */
const HEALTHY_MS = 30_000;
/** Somebody in a browser begins now: of what was before, this much is enough to fill the encoder. */
const OPUS_PAST_S = 0.2;

export class AudioRenditions implements AudioRenditionPort {
  readonly #options: AudioRenditionsOptions;
  readonly #shared = new Map<StreamHub, Map<RenditionCodec, SharedRendition>>();

  constructor(options: AudioRenditionsOptions) {
    this.#options = options;
  }

  open(source: StreamHub, codec: RenditionCodec): AudioRendition {
    const ofSource = this.#shared.get(source) ?? new Map<RenditionCodec, SharedRendition>();
    this.#shared.set(source, ofSource);
    const shared = ofSource.get(codec) ?? new SharedRendition(source, codec, this.#options);
    ofSource.set(codec, shared);
    shared.openers += 1;
    let released = false;
    return {
      hub: shared.hub,
      get reason() {
        return shared.reason;
      },
      release: () => {
        if (released) return;
        released = true;
        shared.openers -= 1;
        if (shared.openers > 0) return;
        shared.end();
        if (ofSource.get(codec) === shared) ofSource.delete(codec);
        if (ofSource.size === 0 && this.#shared.get(source) === ofSource) this.#shared.delete(source);
      },
    };
  }
}

class SharedRendition implements Subscriber {
  readonly id: string;
  readonly hub: StreamHub;
  openers = 0;
  reason: ReasonCode | null = null;
  readonly #source: StreamHub;
  readonly #codec: RenditionCodec;
  readonly #options: AudioRenditionsOptions;
  #track: AudioTrack | undefined;
  #transcoder: AudioTranscoder | undefined;
  #stop: AbortController | undefined;
  /** While the past is replayed; undefined afterwards. */
  #past: EncodedFrame[] | undefined = [];

  constructor(source: StreamHub, codec: RenditionCodec, options: AudioRenditionsOptions) {
    this.id = `audio-${codec}`;
    this.#source = source;
    this.#codec = codec;
    this.#options = options;
    this.hub = new StreamHub({ clock: options.clock });
    source.subscribe(this, 'gop');
    const past = this.#past ?? [];
    this.#past = undefined;
    for (const frame of this.#worthReplaying(past)) this.#forward(frame);
  }

  tracks(tracks: readonly Track[]): void {
    const track = tracks.find((candidate) => candidate.kind === 'audio');
    if (track !== undefined && this.#track !== undefined && isSame(track, this.#track)) return;
    this.#stop?.abort();
    this.#transcoder = undefined;
    this.#track = track;
    this.reason = null;
    if (track === undefined || track.codec === this.#codec)
      this.hub.tracks(track === undefined ? [] : [track]);
    else void this.#keepRunning(track);
  }

  frame(frame: EncodedFrame): void {
    if (frame.trackId !== this.#track?.id) return;
    if (this.#past === undefined) this.#forward(frame);
    else this.#past.push(frame);
  }

  close(reason: Parameters<Subscriber['close']>[0]): void {
    this.#stop?.abort();
    this.hub.close(reason);
  }

  end(): void {
    this.#source.unsubscribe(this.id);
    this.close('viewer_left');
  }

  #forward(frame: EncodedFrame): void {
    if (this.#track?.codec === this.#codec) this.hub.frame(frame);
    else this.#transcoder?.frame(frame);
  }

  #worthReplaying(past: readonly EncodedFrame[]): readonly EncodedFrame[] {
    const newest = past.at(-1);
    if (this.#codec !== 'opus' || newest === undefined || this.#track === undefined) return past;
    const since = newest.ptsTicks - OPUS_PAST_S * this.#track.clockRate;
    return past.filter((frame) => frame.ptsTicks >= since);
  }

  async #keepRunning(track: AudioTrack): Promise<void> {
    const { clock, random, log } = this.#options;
    const stop = new AbortController();
    this.#stop = stop;
    for (let attempt = 0; !stop.signal.aborted; attempt += 1) {
      const startedMs = clock.now();
      const transcoder = this.#newTranscoder(track);
      this.#transcoder = transcoder;
      try {
        await transcoder.run(stop.signal);
      } catch (error) {
        if (stop.signal.aborted) return;
        this.reason = error instanceof SourceError ? error.code : 'ffmpeg_failed';
        log.warn({ reason: this.reason, codec: this.#codec, err: error }, 'sound could not be made');
      }
      if (clock.now() - startedMs >= HEALTHY_MS) attempt = 0;
      const waitMs = Math.max(RETRY_FLOOR_MS, fullJitter(backoffMs(attempt, RETRY), random));
      await clock.sleep(waitMs, stop.signal).catch(() => undefined);
    }
  }

  #newTranscoder(track: AudioTrack): AudioTranscoder {
    const { jobs, clock } = this.#options;
    return new AudioTranscoder({
      jobs,
      clock,
      track,
      codec: this.#codec,
      sink: {
        tracks: (tracks) => {
          this.reason = null;
          this.hub.tracks(tracks);
        },
        frame: (frame) => this.hub.frame(frame),
      },
      onQueued: () => {
        this.reason = 'ffmpeg_queued';
      },
    });
  }
}

function isSame(a: AudioTrack, b: AudioTrack): boolean {
  return (
    JSON.stringify({ ...a, config: [...(a.config ?? [])] }) ===
    JSON.stringify({ ...b, config: [...(b.config ?? [])] })
  );
}
