import type { Log } from '@vedette/runtime';
import type { EventBus } from '../events/event-bus.ts';
import type { EndedView, ViewRecord } from '../state/shared-state.ts';

/** Tells events and log of views that began and ended. */
export class ViewNews {
  readonly #bus: EventBus;
  readonly #log: Log;

  constructor(options: { readonly bus: EventBus; readonly log: Log }) {
    this.#bus = options.bus;
    this.#log = options.log;
  }

  connected(views: readonly ViewRecord[]): void {
    for (const { cameraId, nodeId, profile, protocol, sessionId, userId } of views) {
      this.#log.info({ sessionId, cameraId, nodeId, userId, protocol, profile }, 'view connected');
      this.#bus.publish(
        { type: 'session.started', sessionId, cameraId, protocol, profile, node: nodeId },
        userId,
      );
    }
  }

  ended(views: readonly EndedView[], requestId?: string): void {
    for (const { reason, view } of views) {
      const { cameraId, nodeId, sessionId, userId } = view;
      this.#log.info({ sessionId, cameraId, nodeId, userId, reason, requestId }, 'view ended');
      if (reason === 'node_lost') {
        this.#bus.publish({ type: 'session.move', sessionId, cameraId, reason }, userId);
      }
      this.#bus.publish({ type: 'session.ended', sessionId, cameraId, reason }, userId);
    }
  }
}
