export interface EdgeSample {
  /** Seconds behind the live edge now and as it should be. */
  readonly latency: number;
  readonly target: number;
  /** Seconds in the buffer that are still to be played. */
  readonly ahead: number;
}

/** Play at this rate, or go to the live edge at once. */
export type EdgeAction = { readonly type: 'rate'; readonly rate: number } | { readonly type: 'seek' };

const JUMP_SECONDS = 4;
const LATE_SECONDS = 0.15;
const LEAST_AHEAD_SECONDS = 0.35;
const FASTEST = 1.25;

/** How HLS comes back to the live edge after a pause: by playing faster, as long as there is something to play. */
export function followEdge({ latency, target, ahead }: EdgeSample): EdgeAction {
  const late = latency - target;
  if (late > JUMP_SECONDS) return { type: 'seek' };
  if (late < LATE_SECONDS || ahead < LEAST_AHEAD_SECONDS) return { type: 'rate', rate: 1 };
  return { type: 'rate', rate: Math.min(FASTEST, Math.round((1 + late / 2) * 20) / 20) };
}
