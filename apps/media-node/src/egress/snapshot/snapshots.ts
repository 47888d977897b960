// Enters: a stream and a width. Leaves: a JPEG of its last key frame, made once for all who ask, and when it was taken.
// Not its job: who may look (snapshot-routes.ts), decoding (decode-picture.ts), pulling the camera.
import type { EncodedFrame, VideoTrack } from '@vedette/media-types';
import { VedetteError } from '@vedette/runtime';
import type { StreamHub } from '../../hub/stream-hub.ts';
import type { DecodePicture } from './decode-picture.ts';

export interface Snapshot {
  readonly jpeg: Buffer;
  readonly etag: string;
  /** When the camera took it, ms since the Unix epoch. */
  readonly takenAtMs: number;
}

export interface SnapshotsOptions {
  readonly decode: DecodePicture;
  /** A stream that exists here, which is not woken. */
  readonly lookup: (path: string) => Pick<StreamHub, 'gop' | 'currentTracks'> | undefined;
  /** Memory for pictures; default 32 MB. */
  readonly limitBytes?: number;
}

export const SNAPSHOT_WIDTHS = [160, 320, 640, 1280] as const;
const WAIT_MS = 10_000;

export class Snapshots {
  readonly #options: SnapshotsOptions;
  readonly #limitBytes: number;
  /** By path and width, least recently used first. */
  readonly #kept = new Map<string, Snapshot>();
  readonly #making = new Map<string, Promise<Snapshot>>();
  /** One decode at a time a camera: the last one that was asked for. */
  readonly #lastOf = new Map<string, Promise<unknown>>();
  readonly #stop = new AbortController();
  #bytes = 0;

  constructor(options: SnapshotsOptions) {
    this.#options = options;
    this.#limitBytes = options.limitBytes ?? 32 * 1024 * 1024;
  }

  /**
   * The picture of now, or the last one that was made while the stream is not pulled. Throws VedetteError
   * `not_running` when there is none, `not_found` for sound alone, `unavailable` when it could not be made.
   */
  async take(path: string, width: number): Promise<Snapshot> {
    const name = `${path}/${width}`;
    const hub = this.#options.lookup(path);
    const frame = hub?.gop().frames[0];
    const track = hub?.currentTracks.find((candidate) => candidate.kind === 'video');
    if (hub !== undefined && hub.currentTracks.length > 0 && track === undefined)
      throw new VedetteError('not_found', { detail: 'The stream has sound alone.' });
    const kept = this.#kept.get(name);
    if (frame?.kind !== 'video' || track === undefined) {
      if (kept === undefined) throw new VedetteError('not_running', { retryAfterSeconds: 2 });
      return kept;
    }
    const etag = `"${Math.round(frame.wallClockMs).toString(36)}-${frame.dtsTicks.toString(36)}-${width}"`;
    if (kept?.etag === etag) return this.#used(name, kept);
    return this.#made(`${name}/${etag}`, path, () => this.#make(name, etag, frame, track, width));
  }

  /** Ends what is being made; nothing is made afterwards. May be repeated. */
  close(): void {
    this.#stop.abort();
  }

  #made(key: string, path: string, make: () => Promise<Snapshot>): Promise<Snapshot> {
    const known = this.#making.get(key);
    if (known !== undefined) return known;
    const before = this.#lastOf.get(path);
    const making = (before ?? Promise.resolve()).then(make).finally(() => {
      this.#making.delete(key);
      if (this.#lastOf.get(path) === settled) this.#lastOf.delete(path);
    });
    const settled = making.catch(() => undefined);
    this.#making.set(key, making);
    this.#lastOf.set(path, settled);
    return making;
  }

  async #make(
    name: string,
    etag: string,
    frame: EncodedFrame,
    track: VideoTrack,
    width: number,
  ): Promise<Snapshot> {
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(WAIT_MS)]);
    let jpeg: Buffer;
    try {
      jpeg = await this.#options.decode({ frame, codec: track.codec, width, signal });
    } catch (cause) {
      throw new VedetteError('unavailable', {
        detail: 'The picture could not be made.',
        cause,
        retryAfterSeconds: 2,
      });
    }
    return this.#used(name, { jpeg, etag, takenAtMs: frame.wallClockMs });
  }

  #used(name: string, snapshot: Snapshot): Snapshot {
    this.#bytes += snapshot.jpeg.byteLength - (this.#kept.get(name)?.jpeg.byteLength ?? 0);
    this.#kept.delete(name);
    this.#kept.set(name, snapshot);
    for (const [oldest, { jpeg }] of this.#kept) {
      if (this.#bytes <= this.#limitBytes || oldest === name) break;
      this.#kept.delete(oldest);
      this.#bytes -= jpeg.byteLength;
    }
    return snapshot;
  }
}

/** The next larger of the widths that are made; the largest for more. */
export function snapshotWidth(wanted: number): number {
  return SNAPSHOT_WIDTHS.find((width) => width >= wanted) ?? 1280;
}
