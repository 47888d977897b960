/** Time and chance as the player sees them; tests hold both still. */
export interface Clock {
  /** Milliseconds that never go backwards; the same zero as `performance.now()`. */
  now(): number;
  /** Calls back once after `ms`; the returned function cancels and may be called again. */
  after(ms: number, callback: () => void): () => void;
  /** Evenly in [0, 1). */
  random(): number;
}

export const browserClock: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};
