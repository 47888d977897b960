const BOUNDS_MS = [100, 250, 500, 1000, 2000, 4000, 8000, 15_000] as const;
const CAP_MS = 15_000;

/**
 * Wait before attempt `attempt` (0 = the first again): evenly between 0 and a bound that doubles up to 15 s, so that a
 * wall of tiles does not return in step; never sooner than `floorMs`, whose excess is spread by a quarter.
 */
export function retryDelayMs(attempt: number, floorMs: number, random: () => number): number {
  const jittered = random() * (BOUNDS_MS[attempt] ?? CAP_MS);
  return Math.round(jittered >= floorMs ? jittered : floorMs * (1 + random() / 4));
}
