// Enters: incidents as they are kept. Leaves: whether a camera is part of one now, without asking the database each time.
import type { CameraId } from '@vedette/contracts';
import type { Clock, Log } from '@vedette/runtime';
import type { Incident, IncidentStore } from './incident-store.ts';

const LOOK_MS = 2000;

export type IncidentBookPort = Pick<IncidentBook, 'of' | 'look' | 'start' | 'close'>;

export class IncidentBook {
  readonly #store: Pick<IncidentStore, 'going'>;
  readonly #clock: Pick<Clock, 'after' | 'wallNow'>;
  readonly #log: Log;
  #going: readonly Incident[] = [];
  #cancel: () => void = () => undefined;
  #closed = false;

  constructor(options: {
    readonly store: Pick<IncidentStore, 'going'>;
    readonly clock: Pick<Clock, 'after' | 'wallNow'>;
    readonly log: Log;
  }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /** The name of the incident that this camera is part of. */
  of(cameraId: CameraId): string | undefined {
    const now = this.#clock.wallNow();
    return this.#going.find(({ cameraIds, endsAt }) => endsAt.getTime() > now && cameraIds.includes(cameraId))
      ?.name;
  }

  /** Takes over what there is now; after a change by this process, and by itself every two seconds. */
  async look(): Promise<void> {
    this.#going = await this.#store.going(new Date(this.#clock.wallNow()));
  }

  start(): void {
    this.#later();
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #later(): void {
    if (this.#closed) return;
    this.#cancel = this.#clock.after(LOOK_MS, () => {
      this.look()
        .catch((err: unknown) =>
          this.#log.error({ err }, 'incidents could not be read; those of before hold'),
        )
        .finally(() => this.#later());
    });
  }
}
