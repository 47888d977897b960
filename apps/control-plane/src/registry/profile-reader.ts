// In: ONVIF cameras that were added or changed. Out: their profiles in the store, and news of it.
// A camera that does not answer is asked again, ever more seldom; one that refuses the password is not,
// since most lock the account after a few refusals.
// Not its job: how a camera is asked (camera-prober.ts).

import { isDeepStrictEqual } from 'node:util';
import type { CameraId, ReasonCode } from '@vedette/contracts';
import { backoffMs, type Clock, fullJitter, type Log } from '@vedette/runtime';
import type { EventBus } from '../events/event-bus.ts';
import type { Duty } from '../processes/duty.ts';
import type { CameraCredentials } from './camera-credentials.ts';
import type { CameraProber } from './camera-prober.ts';
import type { CameraRecord } from './camera-record.ts';
import type { CameraStore } from './camera-store.ts';
import { ProbeFailure } from './probe-failure.ts';

const RETRY = { baseMs: 5_000, capMs: 5 * 60_000 };
/** A camera whose stream cannot be opened may have got other addresses; it is asked no more often than this. */
const ASK_AGAIN_MS = 60_000;

interface ProfileReaderOptions {
  readonly store: Pick<CameraStore, 'get' | 'unread' | 'saveReading'>;
  readonly credentials: Pick<CameraCredentials, 'open'>;
  readonly prober: Pick<CameraProber, 'readOnvif'>;
  readonly bus: Pick<EventBus, 'publish' | 'subscribe'>;
  /** What nobody asked this very process to read is read by one of them. */
  readonly duty: Pick<Duty, 'isMine'>;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly random: () => number;
  readonly log: Log;
}

/** How far reading a camera has come, while it has no profiles. */
export type ReadingState =
  | { readonly kind: 'reading' }
  | { readonly kind: 'failed'; readonly code: ReasonCode };

interface Job {
  readonly abort: AbortController;
  readonly attempt: number;
  state: ReadingState;
  cancelRetry: () => void;
}

export class ProfileReader {
  readonly #options: ProfileReaderOptions;
  readonly #jobs = new Map<CameraId, Job>();
  readonly #askedAt = new Map<CameraId, number>();
  #stopListening: () => void = () => undefined;

  constructor(options: ProfileReaderOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#stopListening = this.#options.bus.subscribe(({ event }) => {
      if (event.type === 'camera.deleted') this.#forget(event.cameraId);
      if (!this.#options.duty.isMine) return;
      if (event.type === 'camera.state' && event.reason === 'camera_not_found_on_device')
        void this.#askAgain(event.cameraId);
    });
    if (this.#options.duty.isMine) await this.takeUp();
  }

  /** Reads what another process, or an earlier life of this one, has not finished. */
  async takeUp(): Promise<void> {
    for (const camera of await this.#options.store.unread())
      if (!this.#jobs.has(camera.id)) this.read(camera);
  }

  close(): void {
    this.#stopListening();
    for (const id of [...this.#jobs.keys()]) this.#forget(id);
  }

  /** Begins at once, in place of what is under way for this camera; returns at once. */
  read(camera: CameraRecord): void {
    this.#begin(camera, 0, { kind: 'reading' });
  }

  /** Undefined when nothing is known but what the store says. */
  state(id: CameraId): ReadingState | undefined {
    return this.#jobs.get(id)?.state;
  }

  /** `state` is what is known until this attempt ends. */
  #begin(camera: CameraRecord, attempt: number, state: ReadingState): void {
    this.#forget(camera.id);
    const job: Job = {
      abort: new AbortController(),
      attempt,
      state,
      cancelRetry: () => undefined,
    };
    this.#jobs.set(camera.id, job);
    this.#askedAt.set(camera.id, this.#options.clock.now());
    this.#readOnce(camera, job).catch((error: unknown) => {
      if (!job.abort.signal.aborted) this.#failed(camera, job, error);
    });
  }

  async #readOnce(camera: CameraRecord, job: Job): Promise<void> {
    const { store, credentials, prober, bus, log } = this.#options;
    const { id, source, sourceRevision } = camera;
    if (source.kind !== 'onvif') return;
    const password = await credentials.open(camera);
    const choice = camera.onvif?.choice;
    const reading = await prober.readOnvif({ source, password, choice }, job.abort.signal);
    job.abort.signal.throwIfAborted();
    const saved = await store.saveReading(id, sourceRevision, reading);
    if (this.#jobs.get(id) === job) this.#jobs.delete(id);
    if (saved === undefined) return;
    log.info({ cameraId: id, profiles: reading.profiles.length }, 'camera profiles read');
    const asBefore =
      isDeepStrictEqual(camera.profiles, saved.profiles) && isDeepStrictEqual(camera.device, saved.device);
    if (!asBefore) bus.publish({ type: 'camera.changed', cameraId: id });
  }

  #failed(camera: CameraRecord, job: Job, error: unknown): void {
    const { clock, random, log, bus } = this.#options;
    const code = error instanceof ProbeFailure ? error.code : 'internal_error';
    const known = job.state.kind === 'failed' && job.state.code === code;
    if (!known) {
      log.warn({ err: error, cameraId: camera.id, reason: code }, 'camera profiles could not be read');
      job.state = { kind: 'failed', code };
      bus.publish({ type: 'camera.changed', cameraId: camera.id });
    }
    if (code === 'camera_credentials_rejected' || code === 'source_not_allowed') return;
    const bound = backoffMs(job.attempt, RETRY);
    job.cancelRetry = clock.after(bound / 2 + fullJitter(bound / 2, random), () => {
      void this.#again(camera.id, job);
    });
  }

  async #again(id: CameraId, job: Job): Promise<void> {
    const camera = await this.#options.store.get(id).catch(() => undefined);
    if (this.#jobs.get(id) !== job) return;
    if (camera === undefined) this.#forget(id);
    else this.#begin(camera, job.attempt + 1, job.state);
  }

  async #askAgain(id: CameraId): Promise<void> {
    const { clock, store } = this.#options;
    const now = clock.now();
    if (this.#jobs.has(id) || now - (this.#askedAt.get(id) ?? -ASK_AGAIN_MS) < ASK_AGAIN_MS) return;
    this.#askedAt.set(id, now);
    const camera = await store.get(id).catch(() => undefined);
    if (camera?.source.kind === 'onvif') this.read(camera);
  }

  #forget(id: CameraId): void {
    const job = this.#jobs.get(id);
    if (job === undefined) return;
    this.#jobs.delete(id);
    job.cancelRetry();
    job.abort.abort();
  }
}
