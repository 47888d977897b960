import { createHash } from 'node:crypto';
import type { CameraId } from '@vedette/contracts';

export interface Watched {
  readonly id: CameraId;
  /** One question at a time a host. */
  readonly host: string;
}

/** Every camera is asked this often, all of them spread evenly over it. */
export const CHECK_EVERY_MS = 5 * 60_000;
/** Most devices lock the account after a few wrong passwords. */
export const AFTER_REFUSAL_MS = 60 * 60_000;
/** One that has just gone is asked again sooner, so that it is known soon that it is back. */
export const WHILE_AWAY_MS = 60_000;

interface Entry extends Watched {
  dueMs: number;
}

/** Says which cameras are to be asked next. Pure but for what it remembers; times are monotonic ms. */
export class HealthSchedule {
  readonly #entries = new Map<CameraId, Entry>();

  /** Takes over the cameras that there are now; a new one gets a place of its own in the round. */
  use(cameras: readonly Watched[], nowMs: number): void {
    const present = new Set(cameras.map(({ id }) => id));
    for (const id of this.#entries.keys()) if (!present.has(id)) this.#entries.delete(id);
    for (const { host, id } of cameras) {
      const known = this.#entries.get(id);
      this.#entries.set(id, { id, host, dueMs: known?.dueMs ?? nowMs + shareOf(id) * CHECK_EVERY_MS });
    }
  }

  /** Due ones, the longest due first: at most `count`, none on a host that is busy or named twice. */
  due(nowMs: number, count: number, busyHosts: ReadonlySet<string>): CameraId[] {
    const hosts = new Set(busyHosts);
    const found: CameraId[] = [];
    const entries = [...this.#entries.values()].filter(({ dueMs }) => dueMs <= nowMs);
    for (const { host, id } of entries.sort((a, b) => a.dueMs - b.dueMs)) {
      if (found.length >= count) break;
      if (hosts.has(host)) continue;
      hosts.add(host);
      found.push(id);
    }
    return found;
  }

  /** Asked, or not to be asked for now. */
  again(id: CameraId, nowMs: number, inMs: number): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) entry.dueMs = nowMs + inMs;
  }
}

/** 0 to 1, the same for a camera each time. */
function shareOf(id: CameraId): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) / 2 ** 32;
}
