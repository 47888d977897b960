const RTP_HEADER_BYTES = 12;
const MAX_SOURCES = 16;
/** Nothing else comes for so long: the camera gives every session the same SSRC, and it is ours after all. */
const PATIENCE_MS = 3000;

/**
 * Packets of a session before ours. live555 before 2017.06.04 goes on sending to whoever got the socket number of a
 * connection that broke. What comes before our first SETUP cannot be ours, and neither can its SSRC, unless nothing
 * else comes.
 */
export class StaleSources {
  readonly #ssrcs = new Set<number>();
  #sinceMs: number | undefined;

  /** A packet that nobody has asked for yet. */
  early(data: Uint8Array): void {
    const ssrc = ssrcOf(data);
    if (ssrc !== undefined && this.#ssrcs.size < MAX_SOURCES) this.#ssrcs.add(ssrc);
  }

  isStale(data: Uint8Array, nowMs: number): boolean {
    if (this.#ssrcs.size === 0) return false;
    const ssrc = ssrcOf(data);
    if (ssrc === undefined || !this.#ssrcs.has(ssrc)) {
      // There is another: ours.
      this.#sinceMs = Number.POSITIVE_INFINITY;
      return false;
    }
    this.#sinceMs ??= nowMs;
    if (nowMs - this.#sinceMs <= PATIENCE_MS) return true;
    this.#ssrcs.clear();
    return false;
  }
}

function ssrcOf(data: Uint8Array): number | undefined {
  const [first = 0, type = 0] = data;
  const isRtcp = type >= 192 && type <= 223;
  if (data.length < (isRtcp ? 8 : RTP_HEADER_BYTES) || first >> 6 !== 2) return undefined;
  const at = isRtcp ? 4 : 8;
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).readUInt32BE(at);
}
