import { splitLengthPrefixed } from '@vedette/bitstream';
import type { RtspTransport } from '@vedette/contracts';
import type { EncodedFrame, Track, VideoTrack } from '@vedette/media-types';
import { AddressRules, type Clock, systemClock } from '@vedette/runtime';
import { RtspSource } from '../../apps/media-node/src/ingest/rtsp/rtsp-source.ts';
import { createSourceDialer } from '../../apps/media-node/src/ingest/source-dialer.ts';
import { eventually } from './eventually.ts';

const loopback = new AddressRules({ networks: ['127.0.0.0/8'], ownAddresses: () => [], ownPorts: [] });
export const loopbackDial = createSourceDialer({ rules: loopback, atOnce: 4 });

interface PullOptions {
  readonly url: string;
  readonly transport?: RtspTransport;
  readonly username?: string;
  readonly password?: string;
  readonly clock?: Clock;
}

/** One pull of a camera by the node's own source, and what comes out of it. */
export class Pull implements AsyncDisposable {
  readonly tracks: (readonly Track[])[] = [];
  readonly frames: EncodedFrame[] = [];
  readonly source: RtspSource;
  /** Why it failed; undefined while it runs, and when it was told to end. */
  failure: unknown;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(options: PullOptions) {
    const { url, transport = 'tcp', username, password, clock = systemClock } = options;
    this.source = new RtspSource({
      source: {
        kind: 'rtsp',
        url,
        transport,
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password }),
      },
      dial: loopbackDial,
      clock,
      firstTicks: undefined,
      onPlaying: () => undefined,
    });
    const sink = {
      tracks: (tracks: readonly Track[]) => void this.tracks.push(tracks),
      frame: (frame: EncodedFrame) => void this.frames.push(frame),
    };
    this.#done = this.source.run(sink, this.#stop.signal).catch((error: unknown) => {
      this.failure = error;
    });
  }

  get video(): EncodedFrame[] {
    return this.frames.filter((frame) => frame.kind === 'video');
  }

  get videoTracks(): VideoTrack[] {
    return this.tracks.flat().filter((track) => track.kind === 'video');
  }

  /** NAL units of each picture, as hex. */
  get nals(): string[][] {
    return this.video.map((frame) =>
      splitLengthPrefixed(frame.data).map((nal) => Buffer.from(nal).toString('hex')),
    );
  }

  /** The pictures, once there are so many. */
  async pictures(count: number): Promise<EncodedFrame[]> {
    await eventually(`${count} pictures`, () => this.failure !== undefined || this.video.length >= count, {
      everyMs: 5,
    });
    if (this.failure !== undefined) throw this.failure;
    return this.video;
  }

  /** The failure, once there is one. */
  async failed(): Promise<unknown> {
    await this.#done;
    return this.failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }
}
