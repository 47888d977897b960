// Enters: a camera that somebody will want to see in a moment. Leaves: its stream, running, with nobody watching yet.
import type { CameraId } from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';
import type { BudgetBook } from '../admission/budget-book.ts';
import type { Placement } from '../placement/placement.ts';
import type { SharedState } from '../state/shared-state.ts';
import { type CameraCatalog, streamToRun } from '../streams/camera-catalog.ts';

interface WarmUpOptions {
  readonly state: Pick<SharedState, 'ensureStream'>;
  readonly placement: Pick<Placement, 'rank'>;
  readonly catalog: Pick<CameraCatalog, 'find'>;
  readonly budgets: Pick<BudgetBook, 'of'>;
  readonly clock: Pick<Clock, 'wallNow'>;
}

export class WarmUp {
  readonly #options: WarmUpOptions;

  constructor(options: WarmUpOptions) {
    this.#options = options;
  }

  /** Kept for so long without viewers. An alarm may use the connection that devices keep free. */
  async camera(id: CameraId, seconds: number): Promise<'warm' | 'no-room' | 'unknown'> {
    const { budgets, catalog, clock, placement, state } = this.#options;
    const camera = await catalog.find(id);
    if (camera === undefined) return 'unknown';
    const pulls = await budgets.of(camera, true);
    const stream = streamToRun(camera, 'main', pulls);
    if (stream === undefined) return 'unknown';
    const record = await state.ensureStream({
      stream,
      budgets: pulls,
      ranking: await placement.rank(camera),
      nowMs: clock.wallNow(),
      holdMs: seconds * 1000,
    });
    return record === undefined ? 'no-room' : 'warm';
  }
}
