/** How far `a` is ahead of `b` on the circle of 16-bit sequence numbers: -32768 to 32767 (RFC 1982). */
export function sequenceDelta(a: number, b: number): number {
  return ((a - b) << 16) >> 16;
}

/** How far `a` is ahead of `b` on the circle of 32-bit timestamps, signed. */
export function timestampDelta(a: number, b: number): number {
  return (a - b) | 0;
}
