import type { LiveEvent, UserId } from '@vedette/contracts';

export interface BusMessage {
  readonly event: LiveEvent;
  /** Set when the event is about one user's view. */
  readonly owner?: UserId;
}

/** Tells everybody in this process what just happened. A listener must not throw and must not wait. */
export class EventBus {
  readonly #listeners = new Set<(message: BusMessage) => void>();

  publish(event: LiveEvent, owner?: UserId): void {
    const message: BusMessage = owner === undefined ? { event } : { event, owner };
    for (const listener of this.#listeners) listener(message);
  }

  /** Returns how to stop. */
  subscribe(listener: (message: BusMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
