// Enters: what one control process knows. Leaves: the same, known to the others.
// Not its job: streams and views (shared-state.ts). Nothing here is kept: who is gone is forgotten by time.

export interface Announcement {
  /** `node node-3`, `control 4fd2…`: what it is about. */
  readonly key: string;
  /** JSON. */
  readonly value: string;
}

/** How control processes know of each other. Rejects with `unavailable` while what they share is away. */
export interface ProcessBoard {
  /** Puts these up until then; the same key again replaces. Answers all that is up now, of every process. */
  announce(
    own: readonly Announcement[],
    when: { readonly untilMs: number; readonly nowMs: number },
  ): Promise<readonly Announcement[]>;
  /** Takes these down before their time. */
  withdraw(keys: readonly string[]): Promise<void>;
  /** Takes or renews a lease unless somebody else holds it; answers who holds it now. */
  holdLease(lease: {
    readonly name: string;
    readonly owner: string;
    readonly untilMs: number;
    readonly nowMs: number;
  }): Promise<string>;
  /** No-op unless it is the owner's. */
  releaseLease(name: string, owner: string): Promise<void>;
  /** Tells every other process that listens now. Best effort: whoever is away does not hear of it. */
  tell(text: string): void;
  /** Hears what others tell; returns how to stop. A listener must not throw and must not wait. */
  onTold(listener: (text: string) => void): () => void;
  /** Calls back when words of others may have been missed, or all that was shared is gone; returns how to stop. */
  onGap(listener: (gap: 'missed' | 'emptied') => void): () => void;
}
