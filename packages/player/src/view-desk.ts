// A player's dealings with control: start calls, leases of the views it holds, their end.
// Leaves: events for the player's state. Not its job: when to start or end anything.
import type { CameraId, DecisionStep, SessionId, StartRequest } from '@vedette/contracts';
import { idempotencyKey } from './idempotency-key.ts';
import type { PlayerEnvironment } from './player-environment.ts';
import { PlayerError } from './player-error.ts';
import type { Effect, MachineEvent } from './player-machine.ts';
import { revokedBy } from './revoked-by.ts';
import { StartClient } from './start-client.ts';
import type { View } from './view-grant.ts';
import { ViewLease } from './view-lease.ts';

export interface ViewDeskOptions {
  readonly cameraId: CameraId;
  readonly environment: PlayerEnvironment;
  readonly describe: () => StartRequest;
  /** For how long a view could be seen so far. */
  readonly onScreenSeconds: (sessionId: SessionId) => number;
  readonly onAnswer: (tag: number, decision: readonly DecisionStep[]) => void;
  readonly tell: (event: MachineEvent) => void;
}

const CHECK_WITHIN_MS = 2000;

export class ViewDesk {
  readonly #options: ViewDeskOptions;
  readonly #client: StartClient;
  readonly #leases = new Map<SessionId, ViewLease>();
  /** Kept for the next attempt when nobody answered: the view may exist already. */
  #unansweredKey: string | undefined;

  constructor(options: ViewDeskOptions) {
    this.#options = options;
    this.#client = new StartClient({ api: options.environment.api });
  }

  /** Ends in `started` or `start_failed`, also when the player has lost interest: an answered view must be ended. */
  async start({ replaces, tag, udp, wish }: Extract<Effect, { type: 'start' }>): Promise<void> {
    const { cameraId, describe, environment, onAnswer, tell } = this.#options;
    const key = this.#unansweredKey ?? idempotencyKey();
    this.#unansweredKey = undefined;
    if (replaces !== null) await this.#stop(replaces);
    try {
      const request: StartRequest = {
        ...describe(),
        ...(udp === undefined ? {} : { network: { udp } }),
        ...(wish.profile === null ? {} : { profile: wish.profile }),
      };
      const protocol = wish.protocol ?? undefined;
      const view = await this.#client.start({ cameraId, protocol, request, idempotencyKey: key });
      environment.network.iceServers = view.iceServers;
      onAnswer(tag, view.decision);
      tell({ type: 'started', tag, view });
    } catch (error) {
      const { code, retryAfterMs } =
        error instanceof PlayerError ? error : new PlayerError('internal_error', { cause: error });
      if (code === 'control_unreachable') this.#unansweredKey = key;
      tell({ type: 'start_failed', tag, code, retryAfterMs });
    }
  }

  lease(view: View): void {
    const { environment, tell } = this.#options;
    const { sessionId } = view;
    this.#leases.get(sessionId)?.close();
    this.#leases.set(
      sessionId,
      new ViewLease({
        view,
        client: { renew: (held, signal) => this.#renew(held, signal) },
        clock: environment.clock,
        onRenewed: (fresh) => tell({ type: 'renewed', view: fresh }),
        onLost: (code) => tell({ type: 'view_lost', sessionId, revoked: revokedBy(code) }),
      }),
    );
  }

  /** Ends in `view_lost`: whatever control says, this view's tokens work no more. */
  async check(view: View): Promise<void> {
    const { sessionId } = view;
    const code = await this.#renew(view, AbortSignal.timeout(CHECK_WITHIN_MS)).then(
      () => undefined,
      (error: unknown) => (error instanceof PlayerError ? error.code : undefined),
    );
    this.#options.tell({ type: 'view_lost', sessionId, revoked: revokedBy(code) });
  }

  end(view: View): void {
    this.#leases.get(view.sessionId)?.close();
    this.#leases.delete(view.sessionId);
    void this.#stop(view);
  }

  #renew(view: View, signal: AbortSignal): Promise<View> {
    return this.#client.renew(view, signal, this.#options.onScreenSeconds(view.sessionId));
  }

  #stop({ cameraId, sessionId }: View): Promise<void> {
    return this.#client.stop(cameraId, sessionId, this.#options.onScreenSeconds(sessionId));
  }
}
