// In: tasks with the moment they are due. Out: calls, at most SLOT_MS late, from one timer however many
// cameras there are. What a task does, and when it is due next, is its own matter.
import type { Clock } from '@vedette/runtime';

/** Called when due; answers when it is due again (ms of the wheel's clock), or nothing to end. */
export type WheelTask = (nowMs: number) => number | undefined;

const SLOT_MS = 4;
const SLOTS = 64;

interface Entry {
  readonly task: WheelTask;
  slotNumber: number;
  cancelled: boolean;
}

/** A hashed timing wheel: inserting, cancelling and firing cost the same with one task as with thousands. */
export class FrameWheel {
  readonly #clock: Clock;
  readonly #slots: Entry[][] = Array.from({ length: SLOTS }, () => []);
  #current: number;
  #entries = 0;
  #cancelTimer: (() => void) | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(options: { clock: Clock }) {
    this.#clock = options.clock;
    this.#current = Math.floor(options.clock.now() / SLOT_MS);
  }

  /** Calls `task` at `dueMs` and again whenever it says. The returned function cancels. */
  schedule(dueMs: number, task: WheelTask): () => void {
    const entry: Entry = { task, slotNumber: 0, cancelled: false };
    if (this.#entries === 0) this.#current = Math.floor(this.#clock.now() / SLOT_MS);
    this.#insert(entry, dueMs);
    this.#arm();
    return () => {
      entry.cancelled = true;
    };
  }

  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    for (const slot of this.#slots) slot.length = 0;
    this.#entries = 0;
  }

  #insert(entry: Entry, dueMs: number): void {
    entry.slotNumber = Math.max(Math.ceil(dueMs / SLOT_MS), this.#current + 1);
    this.#slots[entry.slotNumber % SLOTS]?.push(entry);
    this.#entries++;
  }

  #arm(): void {
    if (this.#entries === 0) return;
    let next = this.#current + 1;
    while (next < this.#current + SLOTS && this.#slots[next % SLOTS]?.length === 0) next++;
    if (this.#cancelTimer !== undefined && this.#timerAt <= next) return;
    this.#cancelTimer?.();
    this.#timerAt = next;
    const delay = next * SLOT_MS - this.#clock.now();
    this.#cancelTimer = this.#clock.after(Math.max(0, Math.ceil(delay)), () => this.#turn());
  }

  #turn(): void {
    this.#cancelTimer = undefined;
    const now = this.#clock.now();
    const until = Math.floor(now / SLOT_MS);
    // After a long stall each slot is visited once: every task that is due is in one of them.
    const from = Math.max(this.#current + 1, until - SLOTS + 1);
    this.#current = until;
    for (let number = from; number <= until; number++) this.#fire(number % SLOTS, until, now);
    this.#arm();
  }

  #fire(slot: number, until: number, now: number): void {
    const entries = this.#slots[slot] ?? [];
    if (entries.length === 0) return;
    this.#slots[slot] = [];
    this.#entries -= entries.length;
    for (const entry of entries) {
      if (entry.cancelled) continue;
      if (entry.slotNumber > until) {
        this.#slots[slot]?.push(entry);
        this.#entries++;
        continue;
      }
      const next = entry.task(now);
      if (next !== undefined && !entry.cancelled) this.#insert(entry, next);
    }
  }
}
