const FIRST_SIGHT_SECONDS = 10;
/** Beyond it segments are cut between key frames: no player should wait longer for a whole one. */
const LONGEST_SECONDS = 20;
/** EXTINF is rounded before it is compared, so a GOP may be this much longer than whole seconds. */
const ROUNDED_AWAY = 0.1;

/** EXT-X-TARGETDURATION: one remembered GOP, or as many as make up the shortest segment; 10 s on first sight. */
export function targetDurationSeconds(expectedGopMs: number | undefined, minSegmentMs: number): number {
  if (expectedGopMs === undefined || !(expectedGopMs > 0)) return FIRST_SIGHT_SECONDS;
  const gops = Math.max(1, Math.ceil(minSegmentMs / expectedGopMs - ROUNDED_AWAY));
  const seconds = Math.ceil((gops * expectedGopMs) / 1000 - ROUNDED_AWAY);
  return Math.min(Math.max(1, seconds), LONGEST_SECONDS);
}
