import type { LiveEvent, TenantId, UserId } from '@vedette/contracts';

export interface BusMessage {
  readonly event: LiveEvent;
  /** Set when the event is about one user's view. */
  readonly owner?: UserId;
  /** Whose it was, where nobody can look it up any more. */
  readonly tenantId?: TenantId;
  /** It happened in another control process. */
  readonly isForeign?: boolean;
}

/** Tells everybody in this process what just happened. A listener must not throw and must not wait. */
export class EventBus {
  readonly #listeners = new Set<(message: BusMessage) => void>();

  publish(event: LiveEvent, about: Omit<BusMessage, 'event'> = {}): void {
    const message: BusMessage = { event, ...about };
    for (const listener of this.#listeners) listener(message);
  }

  /** Returns how to stop. */
  subscribe(listener: (message: BusMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
