// One stream of another node: its frames in, the same frames out on our time line, until the signal aborts or the other
// node fails. Never retries. Not its job: the connection between the nodes, which many streams share (relay/).
import { type ClientHttp2Stream, constants } from 'node:http2';
import type { ReasonCode, StreamSource } from '@vedette/contracts';
import type { FrameSink } from '@vedette/media-types';
import { type Clock, VedetteError } from '@vedette/runtime';
import type { RelayLinks } from '../../relay/relay-links.ts';
import { type RelayedState, RelayFormatError, RelayReader } from '../../relay/relay-records.ts';
import { SourceError } from '../source-error.ts';
import type { SupervisedSource } from '../source-supervisor.ts';
import { RelayTimeline } from './relay-timeline.ts';

export interface RelaySourceOptions {
  readonly source: Extract<StreamSource, { kind: 'relay' }>;
  readonly links: Pick<RelayLinks, 'take'>;
  readonly clock: Clock;
  readonly firstTicks: number | undefined;
  readonly onPlaying: () => void;
  readonly onWaiting: (reason: ReasonCode) => void;
}

/** The other node says at once when its source fails; this is for one that says it is live and sends nothing. */
const STALL_MS = 20_000;

export class RelaySource implements SupervisedSource {
  /** What is lost on the way to the other node is its to count; between nodes nothing gets lost. */
  readonly packetsLost = 0;
  readonly #options: RelaySourceOptions;
  readonly #timeline: RelayTimeline;

  constructor(options: RelaySourceOptions) {
    this.#options = options;
    this.#timeline = new RelayTimeline(options.firstTicks);
  }

  get lastTicks(): number | undefined {
    return this.#timeline.lastTicks;
  }

  /** Resolves when the signal aborts; rejects with SourceError when it fails. */
  async run(sink: FrameSink, signal: AbortSignal): Promise<void> {
    const { links, source } = this.#options;
    try {
      const share = await links.take(source.from, signal);
      try {
        await this.#play(share.session.request(source.path), sink, signal);
      } finally {
        share.release();
      }
    } catch (error) {
      if (signal.aborted) return;
      throw error instanceof VedetteError
        ? new SourceError(error.code, 'connect', error.message, { cause: error })
        : error;
    }
  }

  async #play(stream: ClientHttp2Stream, sink: FrameSink, signal: AbortSignal): Promise<void> {
    const { clock, source } = this.#options;
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => undefined);
    const fail = (code: ReasonCode, step: string, message: string, cause?: unknown) =>
      failed.reject(new SourceError(code, step, message, { cause }));
    const abort = () => failed.reject(signal.reason);
    let isOver = false;
    let cancelStall: () => void = () => undefined;
    const heard = () => {
      cancelStall();
      cancelStall = clock.after(STALL_MS, () =>
        fail('camera_stalled', 'media', `${source.from} says that the stream is live and sends no pictures.`),
      );
    };
    const lost = () => fail('relay_unreachable', 'media', `The connection to ${source.from} was lost.`);
    const reader = this.#reader(sink, heard, fail);
    stream.on('response', (headers) => {
      if (headers[':status'] === 404)
        fail('source_not_found', 'ask', `The stream is not on ${source.from}, which should hand it on.`);
      else if (headers[':status'] !== 200)
        fail('relay_refused', 'ask', `${source.from} answered ${headers[':status']}.`);
    });
    stream.on('data', (chunk: Buffer) => {
      if (isOver) return;
      try {
        reader.push(chunk);
      } catch (error) {
        if (!(error instanceof RelayFormatError)) failed.reject(error);
        else fail('camera_protocol_error', 'read', `${source.from} sent what cannot be understood.`, error);
        stream.destroy();
      }
    });
    stream.on('end', lost);
    stream.on('error', () => undefined);
    stream.on('close', lost);
    signal.addEventListener('abort', abort, { once: true });
    try {
      if (signal.aborted) return;
      await failed.promise;
    } finally {
      isOver = true;
      signal.removeEventListener('abort', abort);
      cancelStall();
      stream.close(constants.NGHTTP2_CANCEL);
    }
  }

  #reader(
    sink: FrameSink,
    heard: () => void,
    fail: (code: ReasonCode, step: string, message: string) => void,
  ): RelayReader {
    const { onPlaying, onWaiting, source } = this.#options;
    let isFlowing = false;
    return new RelayReader({
      tracks: (tracks) => {
        this.#timeline.tracks(tracks);
        sink.tracks(tracks);
      },
      frame: (frame) => {
        const moved = this.#timeline.moved(frame);
        if (moved === undefined) return;
        isFlowing = true;
        heard();
        sink.frame(moved);
      },
      end: () => fail('stream_dropped', 'media', `${source.from} has dropped the stream.`),
      state: (state: RelayedState) => {
        if (state.health === 'live') {
          if (!isFlowing) onPlaying();
          return;
        }
        // What went before is the past: the next pull waits for its new beginning, and tells this reason meanwhile.
        if (isFlowing) fail('reconnecting', 'media', `${source.from} has lost the camera.`);
        else onWaiting(state.reason);
      },
    });
  }
}
