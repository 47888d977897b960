// Enters: grants that change, cameras that move, hours that pass. Leaves: the end of views that are no longer allowed.
// Not its job: users that lose everything (their views end at once, whatever they watch).

import type { CameraId, UserId } from '@vedette/contracts';
import type { Clock, Log } from '@vedette/runtime';
import { dependsOnTime } from '../access/camera-access.ts';
import type { EventBus } from '../events/event-bus.ts';
import type { Duty } from '../processes/duty.ts';
import type { SharedState, ViewRecord } from '../state/shared-state.ts';
import type { ViewAccess } from './view-access.ts';

interface AccessReviewOptions {
  readonly state: Pick<SharedState, 'views'>;
  readonly access: Pick<ViewAccess, 'mayView' | 'who'>;
  /** Ends a view and tells why. */
  readonly end: (view: ViewRecord) => Promise<void>;
  readonly bus: EventBus;
  /** What time does is looked after by one control process. */
  readonly duty: Pick<Duty, 'isMine'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** A picture is gone within 5 s of the moment at which it is no longer allowed. */
const REVIEW_MS = 2000;

export class AccessReview {
  readonly #options: AccessReviewOptions;
  /** Who watches, and whether what they may see can change by time alone. */
  readonly #byTime = new Map<UserId, boolean>();
  #stop: () => void = () => undefined;
  #cancel: () => void = () => undefined;
  #closed = false;

  constructor(options: AccessReviewOptions) {
    this.#options = options;
  }

  start(): void {
    this.#stop = this.#options.bus.subscribe(({ event }) => {
      if (event.type === 'camera.changed') void this.camera(event.cameraId);
    });
    this.#later();
  }

  close(): void {
    this.#closed = true;
    this.#stop();
    this.#cancel();
  }

  /** After a change of what this user or token may see. */
  async user(userId: UserId): Promise<void> {
    this.#byTime.delete(userId);
    await this.#quietly(async () => this.#check(await this.#options.state.views({ userId })));
  }

  /** After changes may have been missed. */
  async everybody(): Promise<void> {
    this.#byTime.clear();
    await this.#quietly(async () => this.#check(await this.#options.state.views({})));
  }

  /** After a change of where a camera belongs. */
  async camera(cameraId: CameraId): Promise<void> {
    await this.#quietly(async () => this.#check(await this.#options.state.views({ cameraId })));
  }

  /** Ends what time alone has made wrong. */
  async #sweep(): Promise<void> {
    const { access, state } = this.#options;
    const byUser = Map.groupBy(await state.views({}), ({ userId }) => userId);
    for (const userId of this.#byTime.keys()) if (!byUser.has(userId)) this.#byTime.delete(userId);
    for (const [userId, views] of byUser) {
      let byTime = this.#byTime.get(userId);
      if (byTime === undefined) {
        const who = await access.who(userId);
        byTime = who !== undefined && dependsOnTime(who);
        this.#byTime.set(userId, byTime);
      }
      if (byTime) await this.#check(views);
    }
  }

  async #check(views: readonly ViewRecord[]): Promise<void> {
    const { access, end } = this.#options;
    for (const view of views) {
      const who = await access.who(view.userId);
      // Whoever is not in the stores any more lost all views when he was removed; the token of the settings is in none.
      if (who !== undefined && !(await access.mayView(who, view.cameraId))) await end(view);
    }
  }

  async #quietly(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (err) {
      this.#options.log.error({ err }, 'views could not be reviewed; trying again soon');
    }
  }

  #later(): void {
    if (this.#closed) return;
    this.#cancel = this.#options.clock.after(REVIEW_MS, () => {
      const swept = this.#options.duty.isMine ? this.#quietly(() => this.#sweep()) : Promise.resolve();
      void swept.finally(() => this.#later());
    });
  }
}
