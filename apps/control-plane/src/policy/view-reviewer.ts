// Enters: running views with what was known at their start, and the load of now. Leaves: word to those that should
// run otherwise. Not its job: whether somebody may still watch at all (sessions/access-review.ts).

import type { CameraId, SessionId, TenantId, UserId } from '@vedette/contracts';
import { type Clock, type Log, VedetteError } from '@vedette/runtime';
import type { EventBus } from '../events/event-bus.ts';
import type { Duty } from '../processes/duty.ts';
import type { ViewAccess } from '../sessions/view-access.ts';
import type { SharedState, ViewRecord } from '../state/shared-state.ts';
import type { CameraCatalog } from '../streams/camera-catalog.ts';
import type { DeliveryOffer } from './decide-delivery.ts';
import type { DeliveryAsk, DeliveryPolicy } from './delivery-policy.ts';
import { MovePatience } from './move-patience.ts';

interface ViewReviewerOptions {
  readonly policy: Pick<DeliveryPolicy, 'decide'>;
  readonly state: Pick<SharedState, 'view'>;
  readonly catalog: Pick<CameraCatalog, 'find'>;
  readonly access: Pick<ViewAccess, 'who'>;
  readonly nodeCpu: () => number | undefined;
  /** Ends a view that a rule denies now. */
  readonly end: (view: ViewRecord) => Promise<void>;
  readonly bus: EventBus;
  /** Every control process remembers the views, one looks after them. */
  readonly duty: Pick<Duty, 'isMine'>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Remembered {
  readonly sessionId: SessionId;
  readonly userId: UserId;
  readonly cameraId: CameraId;
  readonly tenantId: TenantId;
  readonly ask: Omit<DeliveryAsk, 'camera' | 'principal'>;
  /** The best way at its start, whether or not there was room for it. */
  readonly best: DeliveryOffer;
}

/** Every view is looked at this often, a slice of them at a time: starts must not wait for ten thousand others. */
const ROUND_MS = 5000;
const SLICES = 50;
const AT_A_TIME = 200;
/** A load that wavers by less moves nobody: cores of a node. */
const LOAD_MARGIN = 0.05;
const MOVES_A_ROUND = 50;
const MAX_REMEMBERED = 20_000;

export class ViewReviewer {
  readonly #options: ViewReviewerOptions;
  readonly #views = new Map<SessionId, Remembered>();
  readonly #patience: MovePatience;
  #round: IterableIterator<Remembered> | undefined;
  #moves = 0;
  readonly #stops: (() => void)[] = [];
  #cancel: () => void = () => undefined;
  #closed = false;

  constructor(options: ViewReviewerOptions) {
    this.#options = options;
    this.#patience = new MovePatience();
  }

  start(): void {
    this.#stops.push(
      this.#options.bus.subscribe(({ event }) => {
        if (event.type !== 'session.ended') return;
        this.#views.delete(event.sessionId);
        this.#patience.forget(event.sessionId);
      }),
    );
    this.#later();
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
    for (const stop of this.#stops) stop();
  }

  /** A view that was granted; what is known of it now is what it is judged by later. */
  remember(view: Remembered): void {
    if (this.#views.size >= MAX_REMEMBERED) return;
    this.#views.set(view.sessionId, view);
    this.#patience.began(view.sessionId, this.#options.clock.now());
  }

  /** After a change of the rules: who must not wait does not. */
  async rulesChanged(tenantId: TenantId): Promise<void> {
    if (!this.#options.duty.isMine) return;
    for (const [index, view] of [...this.#views.values()].entries()) {
      if (view.tenantId === tenantId) await this.#look(view, 'rules').catch(() => false);
      if (index % AT_A_TIME === AT_A_TIME - 1) await this.#options.clock.sleep(1);
    }
  }

  async #lookAtSome(): Promise<void> {
    if (!this.#options.duty.isMine) return;
    const count = Math.ceil(this.#views.size / SLICES);
    for (let i = 0; i < count; i++) {
      const next = this.#round?.next();
      if (next === undefined || next.done === true) {
        this.#round = this.#views.values();
        this.#moves = 0;
        return;
      }
      if (this.#moves < MOVES_A_ROUND && (await this.#look(next.value, 'load'))) this.#moves += 1;
    }
  }

  /** True when the view was told to move. */
  async #look(remembered: Remembered, why: 'rules' | 'load'): Promise<boolean> {
    const { access, bus, catalog, clock, end, state } = this.#options;
    const { cameraId, sessionId, userId } = remembered;
    const view = await state.view(sessionId);
    if (view === undefined || view.state !== 'connected') return false;
    const [camera, principal] = [await catalog.find(cameraId), await access.who(userId)];
    // Whoever is in no store is the token of the settings, which no rule by person concerns.
    if (camera === undefined || principal === undefined) return false;
    const ask: DeliveryAsk = { ...remembered.ask, camera, principal };
    const wanted = await this.#wanted(ask);
    if (wanted === 'denied') {
      await end(view);
      return false;
    }
    if (wanted === undefined) return false;
    const isSame = sameWay(wanted, remembered.best) || sameWay(wanted, view);
    const now = clock.now();
    if (!this.#patience.says(sessionId, isSame ? undefined : wayOf(wanted), { now, why })) return false;
    this.#options.log.info({ sessionId, cameraId, to: wayOf(wanted), why }, 'view moves by policy');
    bus.publish({ type: 'session.move', sessionId, cameraId, reason: 'policy_moved' }, { owner: userId });
    return true;
  }

  /** The best way now; undefined while the load is too near to a mark to say. */
  async #wanted(ask: DeliveryAsk): Promise<DeliveryOffer | 'denied' | undefined> {
    const { nodeCpu, policy } = this.#options;
    const cpu = nodeCpu();
    const loads = cpu === undefined ? [undefined] : [cpu, Math.max(0, cpu - LOAD_MARGIN), cpu + LOAD_MARGIN];
    let agreed: DeliveryOffer | undefined;
    for (const load of loads) {
      let best: DeliveryOffer | undefined;
      try {
        [best] = (await policy.decide(ask, { nodeCpu: load })).offers;
      } catch (error) {
        if (error instanceof VedetteError && error.code === 'denied_by_policy') return 'denied';
        return undefined;
      }
      if (best === undefined || (agreed !== undefined && !sameWay(best, agreed))) return undefined;
      agreed = best;
    }
    return agreed;
  }

  #later(): void {
    if (this.#closed) return;
    this.#cancel = this.#options.clock.after(ROUND_MS / SLICES, () => {
      this.#lookAtSome()
        .catch((err: unknown) =>
          this.#options.log.error({ err }, 'views could not be reviewed; trying again'),
        )
        .finally(() => this.#later());
    });
  }
}

function sameWay(one: DeliveryOffer, other: DeliveryOffer): boolean {
  return one.profile === other.profile && one.protocol === other.protocol;
}

function wayOf({ profile, protocol }: DeliveryOffer): string {
  return `${profile} by ${protocol}`;
}
