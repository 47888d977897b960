/** One RTP packet (RFC 3550 section 5.1); `payload` is a view of the received bytes, without padding. */
export interface RtpPacket {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Uint8Array;
}

const FIXED_HEADER = 12;

/** Null when the bytes are not RTP version 2, or header, extension or padding do not fit. */
export function parseRtpPacket(data: Uint8Array): RtpPacket | null {
  if (data.length < FIXED_HEADER) return null;
  const first = data[0] ?? 0;
  if (first >> 6 !== 2) return null;
  const second = data[1] ?? 0;
  let start = FIXED_HEADER + (first & 0x0f) * 4;
  if ((first & 0x10) !== 0) {
    if (start + 4 > data.length) return null;
    start += 4 + 4 * (((data[start + 2] ?? 0) << 8) | (data[start + 3] ?? 0));
  }
  let end = data.length;
  if ((first & 0x20) !== 0) {
    const padding = data[end - 1] ?? 0;
    // Some cameras set the bit and add nothing; a padding of zero bytes is taken at its word.
    end -= padding;
  }
  if (start > end) return null;
  return {
    marker: (second & 0x80) !== 0,
    payloadType: second & 0x7f,
    sequence: ((data[2] ?? 0) << 8) | (data[3] ?? 0),
    timestamp: readUint32(data, 4),
    ssrc: readUint32(data, 8),
    payload: data.subarray(start, end),
  };
}

export function readUint32(data: Uint8Array, at: number): number {
  return (
    (((data[at] ?? 0) << 24) |
      ((data[at + 1] ?? 0) << 16) |
      ((data[at + 2] ?? 0) << 8) |
      (data[at + 3] ?? 0)) >>>
    0
  );
}
