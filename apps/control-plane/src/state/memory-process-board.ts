import type { Announcement, ProcessBoard } from './process-board.ts';

interface Held {
  readonly owner: string;
  readonly untilMs: number;
}

/** What boards of one operating system process share; tests make several control processes of it. */
export class MemoryBoards {
  readonly announced = new Map<string, { readonly value: string; readonly untilMs: number }>();
  readonly leases = new Map<string, Held>();
  readonly listeners = new Map<MemoryProcessBoard, Set<(text: string) => void>>();
}

/** For one control process; nobody else listens, and nothing is ever missed. */
export class MemoryProcessBoard implements ProcessBoard {
  readonly #boards: MemoryBoards;
  readonly #listeners = new Set<(text: string) => void>();

  constructor(boards = new MemoryBoards()) {
    this.#boards = boards;
    boards.listeners.set(this, this.#listeners);
  }

  async announce(
    own: readonly Announcement[],
    { nowMs, untilMs }: { readonly untilMs: number; readonly nowMs: number },
  ): Promise<readonly Announcement[]> {
    const { announced } = this.#boards;
    for (const { key, value } of own) announced.set(key, { value, untilMs });
    for (const [key, { untilMs: until }] of announced) if (until <= nowMs) announced.delete(key);
    return [...announced].map(([key, { value }]) => ({ key, value }));
  }

  async withdraw(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#boards.announced.delete(key);
  }

  async holdLease(lease: Parameters<ProcessBoard['holdLease']>[0]): Promise<string> {
    const { name, nowMs, owner, untilMs } = lease;
    const held = this.#boards.leases.get(name);
    if (held !== undefined && held.owner !== owner && held.untilMs > nowMs) return held.owner;
    this.#boards.leases.set(name, { owner, untilMs });
    return owner;
  }

  async releaseLease(name: string, owner: string): Promise<void> {
    if (this.#boards.leases.get(name)?.owner === owner) this.#boards.leases.delete(name);
  }

  tell(text: string): void {
    for (const [board, listeners] of this.#boards.listeners)
      if (board !== this) for (const listener of listeners) listener(text);
  }

  onTold(listener: (text: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onGap(): () => void {
    return () => undefined;
  }
}
