// One connection to a radio station: MP3 or AAC over HTTP in, frames on the run's time line out, at the pace at which
// they play. Never retries. Not its job: where a station may be (http-dialer.ts), trying again.
import type { IncomingMessage } from 'node:http';
import type { StreamSource } from '@vedette/contracts';
import type { AudioTrack, FrameSink, MediaSource } from '@vedette/media-types';
import type { Dial } from '@vedette/rtsp';
import type { Clock } from '@vedette/runtime';
import { SourceError } from '../source-error.ts';
import { AudioFrameReader, type RadioFrame } from './audio-frame-reader.ts';
import { IcySplitter, oneLine, stationText, streamTitle } from './icy-metadata.ts';
import { LivePacer } from './live-pacer.ts';
import { openStation } from './open-station.ts';

export interface StationNews {
  /** What the station says that it plays. */
  readonly nowPlaying: string | null;
  /** Its own name. */
  readonly detail: string | null;
}

export interface RadioSourceOptions {
  readonly source: Extract<StreamSource, { kind: 'http-audio' }>;
  readonly dial: Dial;
  readonly clock: Clock;
  /** Where the time line of the run stands, ticks of 90 kHz; undefined when it begins. */
  readonly firstTicks: number | undefined;
  readonly onNews: (news: StationNews) => void;
}

const TRACK_ID = 1;
const TICKS_A_SECOND = 90_000;
const STALL_MS = 10_000;
/** So much that is neither MP3 nor AAC is something else. */
const MAX_JUNK_BYTES = 512 * 1024;

export class RadioSource implements MediaSource {
  /** TCP loses nothing. */
  readonly packetsLost = 0;
  readonly #options: RadioSourceOptions;
  #track: AudioTrack | undefined;
  /** Samples of the present track since `#trackSeconds`. */
  #samples = 0;
  /** Of the time line, where the present track began. */
  #trackSeconds: number;
  #news: StationNews = { nowPlaying: null, detail: null };

  constructor(options: RadioSourceOptions) {
    this.#options = options;
    this.#trackSeconds = (options.firstTicks ?? 0) / TICKS_A_SECOND;
  }

  /** Where the next connection goes on. */
  get lastTicks(): number | undefined {
    return this.#track === undefined
      ? this.#options.firstTicks
      : Math.ceil(this.#endSeconds() * TICKS_A_SECOND);
  }

  /** Resolves when the signal aborts; rejects with SourceError when the station fails. */
  async run(sink: FrameSink, signal: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const either = AbortSignal.any([signal, ended.signal]);
    try {
      const answer = await openStation({ ...this.#options.source, dial: this.#options.dial, signal: either });
      await this.#play(answer, sink, either);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      ended.abort();
    }
  }

  async #play(answer: IncomingMessage, sink: FrameSink, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const type = answer.headers['content-type']?.toLowerCase() ?? '';
    if (type.startsWith('text/html'))
      throw new SourceError('codec_unsupported', 'read', 'The address is a web page, not a stream of sound.');
    this.#tell({ detail: stationName(answer) });
    const pacer = new LivePacer<RadioFrame>({
      clock,
      signal,
      onItem: (frame, wallClockMs) => this.#frame(frame, wallClockMs, sink),
    });
    const reader = new AudioFrameReader((frame) => pacer.push(frame, frame.samples / frame.sampleRate));
    const splitter = new IcySplitter({
      interval: Number(header(answer, 'icy-metaint')) || 0,
      onSound: (bytes) => reader.push(bytes),
      onMetadata: (block) => {
        const nowPlaying = streamTitle(block);
        if (nowPlaying !== undefined) this.#tell({ nowPlaying });
      },
    });
    const body = answer[Symbol.asyncIterator]();
    try {
      for (;;) {
        const bytes = await this.#next(body, signal);
        splitter.push(bytes);
        if (this.#track === undefined && reader.skippedBytes > MAX_JUNK_BYTES && pacer.queuedSeconds === 0)
          throw new SourceError('codec_unsupported', 'read', 'The source sends neither MP3 nor AAC.');
        await pacer.room();
      }
    } finally {
      answer.destroy();
    }
  }

  /** The next bytes of the body. Throws SourceError when it ends, breaks or stalls. */
  async #next(body: AsyncIterator<unknown>, signal: AbortSignal): Promise<Uint8Array> {
    const { clock } = this.#options;
    const stalled = Promise.withResolvers<never>();
    stalled.promise.catch(() => undefined);
    const cancel = clock.after(STALL_MS, () =>
      stalled.reject(
        new SourceError(
          'camera_stalled',
          'read',
          'The source sent nothing for ten seconds while the connection stayed open.',
        ),
      ),
    );
    try {
      const next = await Promise.race([body.next(), stalled.promise]);
      if (next.done !== true && next.value instanceof Uint8Array) return next.value;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof SourceError) throw error;
      throw new SourceError('camera_refused', 'read', 'The connection to the source broke.', {
        cause: error,
      });
    } finally {
      cancel();
    }
    throw new SourceError('camera_refused', 'read', 'The source ended the stream.');
  }

  #frame(frame: RadioFrame, wallClockMs: number, sink: FrameSink): void {
    if (this.#track === undefined || !isSame(this.#track, frame)) {
      if (this.#track !== undefined) this.#trackSeconds = this.#endSeconds();
      this.#samples = 0;
      this.#track = trackOf(frame);
      sink.tracks([this.#track]);
    }
    const ticks = Math.ceil(this.#trackSeconds * frame.sampleRate) + this.#samples;
    this.#samples += frame.samples;
    sink.frame({
      trackId: TRACK_ID,
      kind: 'audio',
      dtsTicks: ticks,
      ptsTicks: ticks,
      key: true,
      data: frame.data,
      parameterSetBytes: 0,
      wallClockMs,
    });
  }

  #endSeconds(): number {
    return this.#trackSeconds + this.#samples / (this.#track?.clockRate ?? 1);
  }

  #tell(news: Partial<StationNews>): void {
    const next = { ...this.#news, ...news };
    if (next.detail === this.#news.detail && next.nowPlaying === this.#news.nowPlaying) return;
    this.#news = next;
    this.#options.onNews(next);
  }
}

function trackOf(frame: RadioFrame): AudioTrack {
  const { codec, sampleRate, channels, config } = frame;
  return {
    kind: 'audio',
    id: TRACK_ID,
    codec,
    clockRate: sampleRate,
    channels,
    ...(config === undefined ? {} : { config }),
  };
}

function isSame(track: AudioTrack, frame: RadioFrame): boolean {
  return (
    track.codec === frame.codec &&
    track.clockRate === frame.sampleRate &&
    (frame.codec === 'mp3' || track.channels === frame.channels)
  );
}

function stationName(answer: IncomingMessage): string | null {
  // Node reads header bytes as Latin-1, whatever they are.
  const name = oneLine(stationText(Buffer.from(header(answer, 'icy-name') ?? '', 'latin1')));
  return name === '' ? null : name;
}

function header(answer: IncomingMessage, name: string): string | undefined {
  const value = answer.headers[name];
  return typeof value === 'string' ? value : value?.[0];
}
