// Enters: a camera. Leaves: the JPEG that it makes itself, without its stream being pulled; one request at once to a
// camera, its answer good for a few seconds. Not its job: who may look, and pictures of streams that run (the node).
import { createHash } from 'node:crypto';
import type { CameraId } from '@vedette/contracts';
import { type Clock, VedetteError } from '@vedette/runtime';
import { BulkheadRejectedError, bulkhead } from 'cockatiel';
import type { CameraCredentials } from '../camera-credentials.ts';
import type { CameraRecord } from '../camera-record.ts';
import { ProbeFailure } from '../probe-failure.ts';
import type { SnapshotTarget } from './fetch-snapshot.ts';

export interface CameraSnapshot {
  readonly jpeg: Buffer;
  readonly etag: string;
  /** Ms since the Unix epoch. */
  readonly takenAtMs: number;
}

export type AskedCamera = Pick<
  CameraRecord,
  'id' | 'source' | 'sourceRevision' | 'sealedPassword' | 'profiles'
>;

export interface CameraSnapshotsOptions {
  readonly credentials: Pick<CameraCredentials, 'open'>;
  readonly fetch: (target: SnapshotTarget, signal: AbortSignal) => Promise<Buffer>;
  readonly clock: Pick<Clock, 'now' | 'wallNow'>;
}

/** What came of the last request to a camera; it stands in for the next one until its time. */
interface Kept {
  readonly of: string;
  readonly until: number;
  readonly outcome: CameraSnapshot | VedetteError;
}

const FRESH_MS = 3_000;
const FAILED_MS = 10_000;
/** Refused passwords lock accounts. */
const REJECTED_MS = 10 * 60_000;
const AT_ONCE = 16;
const WAITING = 100;
const LIMIT_BYTES = 32 * 1024 * 1024;
const LIMIT_KEPT = 2_000;

export class CameraSnapshots {
  readonly #options: CameraSnapshotsOptions;
  readonly #gate = bulkhead(AT_ONCE, WAITING);
  /** Oldest first. */
  readonly #kept = new Map<CameraId, Kept>();
  readonly #asking = new Map<string, Promise<CameraSnapshot>>();
  readonly #stop = new AbortController();
  #bytes = 0;

  constructor(options: CameraSnapshotsOptions) {
    this.#options = options;
  }

  /**
   * Throws VedetteError: `not_found` where the camera told no address of a snapshot, `camera_offline` with the reason,
   * `source_not_allowed`, `at_capacity`.
   */
  async take(camera: AskedCamera): Promise<CameraSnapshot> {
    const url = camera.profiles.find(({ name }) => name === 'main')?.snapshotUrl;
    if (url === undefined)
      throw new VedetteError('not_found', { detail: 'The camera tells no address of a snapshot.' });
    const of = `${camera.id} ${camera.sourceRevision} ${url}`;
    const kept = this.#kept.get(camera.id);
    if (kept?.of === of && this.#options.clock.now() < kept.until) {
      if (kept.outcome instanceof VedetteError) throw kept.outcome;
      return kept.outcome;
    }
    const asking = this.#asking.get(of) ?? this.#ask(camera, of, url);
    this.#asking.set(of, asking);
    return asking;
  }

  /** Ends what is under way; nothing is asked afterwards. */
  close(): void {
    this.#stop.abort(new VedetteError('unavailable'));
  }

  async #ask(camera: AskedCamera, of: string, url: string): Promise<CameraSnapshot> {
    const { clock, credentials, fetch } = this.#options;
    try {
      const jpeg = await this.#gate.execute(async () => {
        this.#stop.signal.throwIfAborted();
        const username = 'username' in camera.source ? camera.source.username : undefined;
        const password = await credentials.open(camera);
        return fetch({ url, username, password }, this.#stop.signal);
      });
      const etag = `"${createHash('sha256').update(jpeg).digest('base64url').slice(0, 22)}"`;
      const snapshot = { jpeg, etag, takenAtMs: clock.wallNow() };
      this.#keep(camera.id, { of, until: clock.now() + FRESH_MS, outcome: snapshot });
      return snapshot;
    } catch (error) {
      if (error instanceof BulkheadRejectedError)
        throw new VedetteError('at_capacity', { retryAfterSeconds: 2 });
      if (!(error instanceof ProbeFailure)) throw error;
      const isRejected = error.code === 'camera_credentials_rejected';
      const outcome =
        error.code === 'source_not_allowed'
          ? new VedetteError(error.code, { cause: error })
          : new VedetteError('camera_offline', { detail: error.message, cause: error });
      this.#keep(camera.id, {
        of,
        until: clock.now() + (isRejected ? REJECTED_MS : FAILED_MS),
        outcome,
      });
      throw outcome;
    } finally {
      this.#asking.delete(of);
    }
  }

  #keep(id: CameraId, kept: Kept): void {
    this.#drop(id);
    this.#kept.set(id, kept);
    this.#bytes += bytesOf(kept);
    for (const oldest of this.#kept.keys()) {
      if (oldest === id || (this.#bytes <= LIMIT_BYTES && this.#kept.size <= LIMIT_KEPT)) break;
      this.#drop(oldest);
    }
  }

  #drop(id: CameraId): void {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    this.#kept.delete(id);
    this.#bytes -= bytesOf(kept);
  }
}

function bytesOf({ outcome }: Kept): number {
  return outcome instanceof VedetteError ? 0 : outcome.jpeg.byteLength;
}
