// Pulls of one camera profile at once, found in what the cameras saw. contracts.md: one pull among reachable nodes; in a
// partition at most one more, ended within 1 s of healing.
import type { Pull } from '../../../simulators/index.ts';

/** ms since the Unix epoch. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface DoublePull extends Span {
  readonly camera: number;
  readonly profile: Pull['profile'];
  readonly clients: readonly string[];
}

/** Times in which a profile was pulled more than once; what runs still counts until `nowMs`. */
export function doublePulls(
  pulls: readonly (Pull & { readonly camera: number })[],
  nowMs: number,
): readonly DoublePull[] {
  const found: DoublePull[] = [];
  for (const same of Map.groupBy(pulls, ({ camera, profile }) => `${camera} ${profile}`).values()) {
    const times = same.flatMap(({ fromMs, toMs }) => [fromMs, toMs ?? nowMs]);
    const edges = [...new Set(times)].sort((a, b) => a - b);
    edges.forEach((fromMs, index) => {
      const toMs = edges[index + 1];
      if (toMs === undefined) return;
      const running = same.filter((pull) => pull.fromMs <= fromMs && (pull.toMs ?? nowMs) >= toMs);
      const [first] = running;
      if (first === undefined || running.length < 2) return;
      const { camera, profile } = first;
      found.push({ camera, profile, fromMs, toMs, clients: running.map(({ client }) => client) });
    });
  }
  return found;
}

/**
 * Those that no partition excuses: of three clients always, of two for as long as they were outside all `partitions`.
 * A node that dials again while the camera has yet to hear of its old connection's end is one client twice.
 */
export function unexcused(
  doubles: readonly DoublePull[],
  partitions: readonly Span[],
  toleratedMs: number,
): readonly DoublePull[] {
  return doubles.filter((double) => {
    if (new Set(double.clients).size > 2) return double.toMs - double.fromMs > toleratedMs;
    return outsideMs(double, partitions) > toleratedMs;
  });
}

function outsideMs(span: Span, partitions: readonly Span[]): number {
  const inside = partitions
    .map(({ fromMs, toMs }) => Math.min(span.toMs, toMs) - Math.max(span.fromMs, fromMs))
    .filter((ms) => ms > 0)
    .reduce((sum, ms) => sum + ms, 0);
  return span.toMs - span.fromMs - inside;
}
