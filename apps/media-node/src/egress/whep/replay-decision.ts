/** Reaching the live edge may take this long, by the contract of WebRTC joins. */
const MAX_CATCH_UP_MS = 500;
/** A key frame should not wait behind itself, and a thin link should not be flooded. */
const MIN_PACE_BITS_PER_SECOND = 20_000_000;
const PACE_TIMES_BITRATE = 4;

/** At what rate packets leave towards one viewer: far above what the stream needs, far below a burst. */
export function paceBitsPerSecond(streamBitsPerSecond: number): number {
  return Math.max(MIN_PACE_BITS_PER_SECOND, PACE_TIMES_BITRATE * streamBitsPerSecond);
}

/**
 * Whether a joining viewer gets the whole group of pictures, or its key frame as a still until the next one:
 * while the past is sent at the pace, the live stream goes on arriving.
 */
export function chooseReplay(
  gop: { readonly bytes: number; readonly frames: { readonly length: number } },
  streamBitsPerSecond: number,
): 'gop' | 'key-frame' | 'none' {
  if (gop.frames.length === 0) return 'none';
  const spare = paceBitsPerSecond(streamBitsPerSecond) - streamBitsPerSecond;
  const catchUpMs = (gop.bytes * 8 * 1000) / spare;
  return catchUpMs <= MAX_CATCH_UP_MS ? 'gop' : 'key-frame';
}
