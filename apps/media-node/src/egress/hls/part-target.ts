/** Frame rates that cameras name are whole numbers; what is this close to one is one, measured through jitter. */
const SNAP = 0.02;
/** So much of a frame may be missing to the wanted duration before another whole frame is added. */
const ROUNDING = 0.05;

/** The middle one of a few frame intervals: a lost frame or a hiccup does not move it. 0 when there are none. */
export function medianTicks(intervals: readonly number[]): number {
  const sorted = intervals.filter((ticks) => ticks > 0).sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

/**
 * PART-TARGET in ticks: the smallest whole number of frames that lasts at least `wantedMs`.
 * Of pictures, `frameTicks` is snapped to a whole frame rate within 2 %: cameras stamp them by rounded milliseconds.
 */
export function partTargetTicks(
  frameTicks: number,
  clockRate: number,
  wantedMs: number,
  kind: 'video' | 'audio' = 'video',
): number {
  const rate = clockRate / Math.max(1, frameTicks);
  const whole = kind === 'video' ? Math.round(rate) : 0;
  const frame = whole > 0 && Math.abs(rate - whole) / whole <= SNAP ? clockRate / whole : frameTicks;
  const frames = Math.max(1, Math.ceil((wantedMs * clockRate) / 1000 / frame - ROUNDING));
  return Math.ceil(frames * frame);
}
