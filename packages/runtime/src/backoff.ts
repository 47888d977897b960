/** Upper bound of the wait before attempt `attempt` (0 = first retry): base · 2^attempt, capped. */
export function backoffMs(attempt: number, options: { baseMs: number; capMs: number }): number {
  return Math.min(options.capMs, options.baseMs * 2 ** Math.min(attempt, 30));
}

/** "Full jitter": evenly between 0 and the bound, so that a thousand clients do not return in step. */
export function fullJitter(boundMs: number, random: () => number): number {
  return Math.floor(random() * boundMs);
}
