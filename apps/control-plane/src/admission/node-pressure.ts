// Enters: what nodes measure of themselves. Leaves: which of them take no more WebRTC, which nothing new at all, and
// why. Slow to judge and slower to forgive, so that it does not go back and forth. Not its job: limits by number.
import type { NodeId, NodeLoad } from '@vedette/contracts';

export interface PressureLimits {
  /** Processor time that a node may use, in cores; it does most of its work on one. */
  readonly cpu: number;
  /** How late its event loop may be, ms, 99 of 100 times. */
  readonly delayMs: number;
}

export const DEFAULT_PRESSURE: PressureLimits = { cpu: 0.9, delayMs: 250 };

export type PressureLevel = 'free' | 'busy' | 'overloaded';

export interface Pressure {
  readonly level: PressureLevel;
  /** For people; empty while free. */
  readonly why: string;
}

interface Judged {
  readonly level: PressureLevel;
  readonly load: NodeLoad;
  /** Readings in a row that speak for another level. */
  readonly higher: number;
  readonly lower: number;
}

/** Above the limits by this, who is new is refused rather than given HLS. */
const OVERLOADED = 1.3;
/** Below the limits by this, it counts as relieved. */
const RELIEVED = 0.85;
/** Readings come about every two seconds. */
const HIGHER_AFTER = 3;
const LOWER_AFTER = 5;
const FREE: Pressure = { level: 'free', why: '' };
const LEVELS = ['free', 'busy', 'overloaded'] as const satisfies readonly PressureLevel[];

export class NodePressure {
  readonly #limits: PressureLimits;
  readonly #nodes = new Map<NodeId, Judged>();

  constructor(limits: PressureLimits) {
    this.#limits = limits;
  }

  measured(nodeId: NodeId, load: NodeLoad): void {
    const before = this.#nodes.get(nodeId) ?? { level: 'free', load, higher: 0, lower: 0 };
    this.#nodes.set(nodeId, this.#judge(before, load));
  }

  forget(nodeId: NodeId): void {
    this.#nodes.delete(nodeId);
  }

  of(nodeId: NodeId): Pressure {
    const judged = this.#nodes.get(nodeId);
    if (judged === undefined || judged.level === 'free') return FREE;
    const { level, load } = judged;
    const cpu = `${Math.round(load.cpu * 100)} % of a core (${Math.round(this.#limits.cpu * 100)} % are its limit)`;
    const delay = `${Math.round(load.eventLoopDelayP99Ms)} ms late (${this.#limits.delayMs})`;
    return { level, why: `node busy: it uses ${cpu} and is up to ${delay}` };
  }

  #judge(before: Judged, load: NodeLoad): Judged {
    const { cpu, delayMs } = this.#limits;
    const score = Math.max(load.cpu / cpu, load.eventLoopDelayP99Ms / delayMs);
    const at = LEVELS.indexOf(before.level);
    const higher = score >= entersAt(at + 1) ? before.higher + 1 : 0;
    const lower = score < entersAt(at) * RELIEVED ? before.lower + 1 : 0;
    const level =
      (higher >= HIGHER_AFTER ? LEVELS[at + 1] : undefined) ??
      (lower >= LOWER_AFTER ? LEVELS[at - 1] : undefined) ??
      before.level;
    if (level !== before.level) return { level, load, higher: 0, lower: 0 };
    return { level, load, higher, lower };
  }
}

/** Share of the limits at which a level begins. */
function entersAt(level: number): number {
  if (level <= 0) return Number.NEGATIVE_INFINITY;
  if (level === 1) return 1;
  return level === 2 ? OVERLOADED : Number.POSITIVE_INFINITY;
}
