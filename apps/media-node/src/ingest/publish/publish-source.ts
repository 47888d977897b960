// Waits for one encoder on one path and passes on what it sends, until the signal aborts or the encoder is gone.
// Not its job: connections of encoders (rtsp-publishing.ts and others), and trying again (source-supervisor.ts).
import type { ReasonCode, StreamSource } from '@vedette/contracts';
import type { FrameSink } from '@vedette/media-types';
import type { Clock } from '@vedette/runtime';
import { SourceError } from '../source-error.ts';
import type { SupervisedSource } from '../source-supervisor.ts';
import type { ActivePublisher, PublishRegistry } from './publish-registry.ts';

export interface PublishSourceOptions {
  readonly path: string;
  readonly source: Extract<StreamSource, { kind: 'publish' }>;
  readonly registry: Pick<PublishRegistry, 'expect'>;
  readonly clock: Clock;
  readonly firstTicks: number | undefined;
  readonly onPlaying: () => void;
  readonly onWaiting: (reason: ReasonCode) => void;
}

const CHECK_MS = 1000;
/** An encoder that is connected and sends no frame for so long is sent away, so that it connects anew. */
const SILENT_MS = 10_000;

export class PublishSource implements SupervisedSource {
  readonly #options: PublishSourceOptions;
  #publisher: ActivePublisher | undefined;
  #lastTicks: number | undefined;
  #lostBefore = 0;
  #heardAtMs = 0;

  constructor(options: PublishSourceOptions) {
    this.#options = options;
    this.#lastTicks = options.firstTicks;
  }

  get lastTicks(): number | undefined {
    return this.#publisher?.lastTicks ?? this.#lastTicks;
  }

  get packetsLost(): number {
    return this.#lostBefore + (this.#publisher?.packetsLost ?? 0);
  }

  /** Resolves when the signal aborts; rejects with SourceError `waiting_for_publisher` when the encoder is gone. */
  async run(sink: FrameSink, signal: AbortSignal): Promise<void> {
    const { clock, onPlaying, onWaiting, path, registry, source } = this.#options;
    const gone = Promise.withResolvers<never>();
    gone.promise.catch(() => undefined);
    onWaiting('waiting_for_publisher');
    const forget = registry.expect(path, {
      ...source,
      take: (begin) => {
        const before = this.#publisher;
        this.#settle();
        before?.end();
        this.#heardAtMs = clock.now();
        const publisher: ActivePublisher = begin({
          sink: {
            tracks: (tracks) => sink.tracks(tracks),
            frame: (frame) => {
              this.#heardAtMs = clock.now();
              sink.frame(frame);
            },
          },
          lastTicks: this.#lastTicks,
          onPublishing: onPlaying,
          onEnded: () => {
            // A successor's predecessor ends as well, which is no news.
            if (this.#publisher !== publisher) return;
            this.#settle();
            gone.reject(new SourceError('waiting_for_publisher', 'publish', 'The encoder is gone.'));
          },
        });
        this.#publisher = publisher;
      },
    });
    const stop = new AbortController();
    try {
      await Promise.race([
        gone.promise,
        this.#watch(AbortSignal.any([signal, stop.signal])),
        aborted(signal),
      ]);
    } finally {
      stop.abort();
      forget();
      const publisher = this.#publisher;
      this.#settle();
      publisher?.end();
    }
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      await clock.sleep(CHECK_MS, signal).catch(() => undefined);
      if (this.#publisher !== undefined && clock.now() - this.#heardAtMs > SILENT_MS) this.#publisher.end();
    }
  }

  /** Takes over what the publisher leaves behind. */
  #settle(): void {
    this.#lastTicks = this.#publisher?.lastTicks ?? this.#lastTicks;
    this.#lostBefore += this.#publisher?.packetsLost ?? 0;
    this.#publisher = undefined;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
