// What the viewers' programs told: pauses between pictures, views they held, who is in the dark now.
import type { CrowdSummary } from '../../../simulators/viewers/viewer-crowd.ts';

export interface ToldGap {
  /** `viewers-1/17` */
  readonly viewer: string;
  readonly cameraId: string;
  readonly fromMs: number;
  readonly toMs: number;
}

interface Line {
  readonly atMs: number;
  readonly gap?: Omit<ToldGap, 'viewer'> & { readonly viewer: number };
  readonly view?: { readonly viewer: number; readonly sessionId: string };
  readonly summary?: CrowdSummary;
}

export class CrowdLog {
  readonly gaps: ToldGap[] = [];
  readonly sessionIds = new Set<string>();
  /** How many viewers had pictures, twice a second; of one program. */
  readonly lit: { readonly atMs: number; readonly viewers: number }[] = [];
  readonly #summaries = new Map<string, CrowdSummary & { readonly atMs: number }>();

  /** One line of a program's output; answers whether it is worth keeping. */
  take(program: string, line: string): boolean {
    const { atMs, gap, summary, view } = JSON.parse(line) as Line;
    if (gap !== undefined) this.gaps.push({ ...gap, viewer: `${program}/${gap.viewer}` });
    if (view !== undefined) this.sessionIds.add(view.sessionId);
    if (summary === undefined) return true;
    this.#summaries.set(program, { ...summary, atMs });
    this.lit.push({ atMs, viewers: summary.viewers - summary.dark.length });
    return false;
  }

  /** A program ended; what it last said counts no more. */
  forget(program: string): void {
    this.#summaries.delete(program);
  }

  /** When the oldest of the newest summaries was made; 0 before each program has told one. */
  get asOfMs(): number {
    const times = [...this.#summaries.values()].map(({ atMs }) => atMs);
    return times.length === 0 ? 0 : Math.min(...times);
  }

  get viewers(): number {
    return this.#sum(({ viewers }) => viewers);
  }

  /** Without a picture at their last word. */
  get dark(): string[] {
    return [...this.#summaries].flatMap(([program, { dark }]) =>
      dark.map((viewer) => `${program}/${viewer}`),
    );
  }

  get states(): Readonly<Record<string, number>> {
    const all: Record<string, number> = {};
    for (const { states } of this.#summaries.values()) {
      for (const [state, count] of Object.entries(states)) all[state] = (all[state] ?? 0) + count;
    }
    return all;
  }

  #sum(read: (summary: CrowdSummary) => number): number {
    return [...this.#summaries.values()].reduce((sum, summary) => sum + read(summary), 0);
  }
}
