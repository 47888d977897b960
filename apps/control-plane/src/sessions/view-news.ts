import type { ReasonCode, SessionId } from '@vedette/contracts';
import type { Log } from '@vedette/runtime';
import type { EventBus } from '../events/event-bus.ts';
import type { EndedView, ViewRecord } from '../state/shared-state.ts';
import type { EndOfView, ViewAudit } from './view-audit.ts';

/** Tells events, log and audit of views that began and ended. */
export class ViewNews {
  readonly #bus: EventBus;
  readonly #log: Log;
  readonly #audit: Pick<ViewAudit, 'ended' | 'told' | 'onScreen'>;

  constructor(options: {
    readonly bus: EventBus;
    readonly log: Log;
    readonly audit: Pick<ViewAudit, 'ended' | 'told' | 'onScreen'>;
  }) {
    this.#bus = options.bus;
    this.#log = options.log;
    this.#audit = options.audit;
  }

  connected(views: readonly ViewRecord[]): void {
    for (const { cameraId, nodeId, profile, protocol, sessionId, userId } of views) {
      this.#log.info({ sessionId, cameraId, nodeId, userId, protocol, profile }, 'view connected');
      this.#bus.publish(
        { type: 'session.started', sessionId, cameraId, protocol, profile, node: nodeId },
        { owner: userId },
      );
    }
  }

  ended(views: readonly (EndedView & Pick<EndOfView, 'seen' | 'told'>)[], requestId?: string): void {
    for (const ended of views) {
      const { reason, view } = ended;
      const { cameraId, nodeId, sessionId, userId } = view;
      this.#log.info({ sessionId, cameraId, nodeId, userId, reason, requestId }, 'view ended');
      this.#audit.ended(ended);
      if (reason === 'node_lost' || reason === 'node_draining') {
        this.#bus.publish({ type: 'session.move', sessionId, cameraId, reason }, { owner: userId });
      }
      this.#bus.publish({ type: 'session.ended', sessionId, cameraId, reason }, { owner: userId });
    }
  }

  /** Its player should start again; it goes on where it is until then. */
  moved({ cameraId, sessionId, userId }: ViewRecord, reason: ReasonCode): void {
    this.#bus.publish({ type: 'session.move', sessionId, cameraId, reason }, { owner: userId });
  }

  /** What a player says of itself: seconds since its start in which it could be seen. */
  onScreen(sessionId: SessionId, seconds: number): void {
    this.#audit.onScreen(sessionId, seconds);
  }

  /** Of views that ended on a node, as it saw them; `alive` are those that run here or elsewhere all the same. */
  told(...of: Parameters<ViewAudit['told']>): Promise<void> {
    return this.#audit.told(...of);
  }
}
