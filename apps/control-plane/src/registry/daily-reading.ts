// Enters: ONVIF cameras, time. Leaves: each asked once a day what it offers, spread over the day.
// Not its job: asking (profile-reader.ts), and cameras that are new or away (it asks those by itself).
import { createHash } from 'node:crypto';
import type { CameraId } from '@vedette/contracts';
import type { Clock, Log } from '@vedette/runtime';
import type { CameraRecord } from './camera-record.ts';

interface DailyReadingOptions {
  readonly cameras: () => Promise<readonly CameraRecord[]>;
  /** Undefined while nothing keeps it from being asked. */
  readonly isAway: (id: CameraId) => boolean;
  /** Begins to ask; returns at once. */
  readonly read: (camera: CameraRecord) => void;
  /** One control process does it for all. */
  readonly isMine: () => boolean;
  readonly clock: Pick<Clock, 'after' | 'wallNow'>;
  readonly log: Log;
}

const DAY_MS = 24 * 60 * 60_000;
const LOOK_MS = 10 * 60_000;

/** Whether a camera's minute of the day lies in this stretch; the same minute each day, another for each camera. */
export function isDue(id: CameraId, fromMs: number, toMs: number): boolean {
  const offset = (createHash('sha256').update(id).digest().readUInt32BE(4) / 2 ** 32) * DAY_MS;
  const next = Math.ceil((fromMs - offset) / DAY_MS) * DAY_MS + offset;
  return next < toMs;
}

export class DailyReading {
  readonly #options: DailyReadingOptions;
  #fromMs = 0;
  #cancel: () => void = () => undefined;
  #closed = false;

  constructor(options: DailyReadingOptions) {
    this.#options = options;
  }

  start(): void {
    this.#fromMs = this.#options.clock.wallNow();
    this.#later();
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #later(): void {
    if (this.#closed) return;
    this.#cancel = this.#options.clock.after(LOOK_MS, () => {
      this.#look()
        .catch((err: unknown) => this.#options.log.error({ err }, 'cameras could not be read anew today'))
        .finally(() => this.#later());
    });
  }

  async #look(): Promise<void> {
    const { cameras, clock, isAway, read } = this.#options;
    const [fromMs, toMs] = [this.#fromMs, clock.wallNow()];
    this.#fromMs = toMs;
    if (!this.#options.isMine()) return;
    for (const camera of await cameras()) {
      if (camera.source.kind !== 'onvif' || camera.profiles.length === 0) continue;
      if (isDue(camera.id, fromMs, toMs) && !isAway(camera.id)) read(camera);
    }
  }
}
