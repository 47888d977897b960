// Another stream of this node, made smaller: decoded once, encoded once, however many watch. Its sound goes along.
// Not its job: keeping that stream pulled (control wants it as long as it wants this one).
import type { StreamPath, StreamSource } from '@vedette/contracts';
import type { FrameSink, Subscriber } from '@vedette/media-types';
import type { Clock } from '@vedette/runtime';
import { LOOPBACK_INPUT, PublishedJob, type PublishedJobOptions } from '../../ffmpeg/published-job.ts';
import { h264Arguments } from '../../ffmpeg/video/h264-encoder.ts';
import type { H264Encoders } from '../../ffmpeg/video/h264-encoders.ts';
import type { StreamHub } from '../../hub/stream-hub.ts';
import type { LoopbackPort } from '../../loopback/loopback-port.ts';
import { SourceError } from '../source-error.ts';
import type { SupervisedSource } from '../source-supervisor.ts';

export interface RenditionSourceOptions extends PublishedJobOptions {
  readonly source: Extract<StreamSource, { kind: 'rendition' }>;
  readonly loopback: LoopbackPort;
  readonly encoders: Pick<H264Encoders, 'choose' | 'failed'>;
  readonly clock: Clock;
  /** A stream of this node, woken; undefined when there is none of that path. */
  readonly lookup: (path: StreamPath) => StreamHub | undefined;
}

/** The whole set of wanted streams comes in one message, but not in the order of who needs whom. */
const PARENT_MS = 5000;
const LOOK_MS = 100;
const STALL_MS = 10_000;

export class RenditionSource implements SupervisedSource {
  readonly #options: RenditionSourceOptions;
  readonly #job: PublishedJob;

  constructor(options: RenditionSourceOptions) {
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
    const { loopback, encoders, source } = this.#options;
    const encoder = await encoders.choose();
    const parent = await this.#parent(signal);
    if (parent === undefined) return;
    // Only once there are pictures: a process that waits for a camera would be taken for one that hangs.
    if (!(await hasPictures(parent, signal))) return;
    const over = new AbortController();
    const url = loopback.serve({ hub: parent, signal: AbortSignal.any([signal, over.signal]) });
    try {
      await this.#job.run(
        {
          name: 'rendition',
          args: [
            ...[...encoder.device, ...decoderThreads(parent), ...LOOPBACK_INPUT, '-i', url],
            ...['-map', '0:v:0', ...h264Arguments(encoder, source.spec)],
            ...['-map', '0:a:0?', '-c:a', 'copy'],
          ],
          secrets: [url],
          stdin: { kind: 'none' },
          stall: { ms: STALL_MS, from: 'start' },
        },
        sink,
        signal,
      );
    } catch (error) {
      encoders.failed(encoder, error);
      throw error;
    } finally {
      over.abort();
    }
    if (!signal.aborted)
      throw new SourceError(
        'ffmpeg_failed',
        'transcode',
        'The stream that this one is made from was interrupted.',
      );
  }

  async #parent(signal: AbortSignal): Promise<StreamHub | undefined> {
    const { clock, lookup, source } = this.#options;
    const until = clock.now() + PARENT_MS;
    while (!signal.aborted) {
      const hub = lookup(source.of);
      if (hub !== undefined) return hub;
      if (clock.now() >= until)
        throw new SourceError(
          'source_not_found',
          'open',
          'The stream that this one is made from is not on this node.',
        );
      await clock.sleep(LOOK_MS, signal).catch(() => undefined);
    }
    return undefined;
  }
}

/** Each thread of a decoder holds back a picture: one is enough for what most cameras send, and the quickest. */
function decoderThreads(parent: StreamHub): readonly string[] {
  const video = parent.currentTracks.find((track) => track.kind === 'video');
  const isLarge = video !== undefined && video.width * video.height > 1920 * 1088;
  return ['-threads', isLarge ? '3' : '1'];
}

/** Waits for the first frame of a stream; false when the signal aborts or the stream is dropped before. */
function hasPictures(hub: StreamHub, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (has: boolean) => {
      signal.removeEventListener('abort', gone);
      hub.unsubscribe(waiting.id);
      resolve(has);
    };
    const gone = () => settle(false);
    const waiting: Subscriber = {
      id: `awaited-${crypto.randomUUID()}`,
      tracks: () => undefined,
      frame: () => settle(true),
      close: gone,
    };
    if (signal.aborted) {
      resolve(false);
      return;
    }
    signal.addEventListener('abort', gone, { once: true });
    hub.subscribe(waiting, 'key-frame');
  });
}
