/** Writes NAL units each behind a 4-byte big-endian length (ISO 14496-15). */
export function toLengthPrefixed(nals: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const nal of nals) size += 4 + nal.length;
  const out = new Uint8Array(size);
  let at = 0;
  for (const nal of nals) {
    writeLength(out, at, nal.length);
    out.set(nal, at + 4);
    at += 4 + nal.length;
  }
  return out;
}

/** Big-endian 32-bit length at `at`. */
export function writeLength(out: Uint8Array, at: number, length: number): void {
  out[at] = length >>> 24;
  out[at + 1] = (length >>> 16) & 0xff;
  out[at + 2] = (length >>> 8) & 0xff;
  out[at + 3] = length & 0xff;
}

/** Views of the NAL units of a length-prefixed access unit. Stops at the first length that does not fit. */
export function splitLengthPrefixed(data: Uint8Array): Uint8Array[] {
  const nals: Uint8Array[] = [];
  let at = 0;
  while (at + 4 <= data.length) {
    const length = readLength(data, at);
    if (at + 4 + length > data.length) break;
    nals.push(data.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return nals;
}

function readLength(data: Uint8Array, at: number): number {
  return (
    (data[at] ?? 0) * 0x1000000 +
    (((data[at + 1] ?? 0) << 16) | ((data[at + 2] ?? 0) << 8) | (data[at + 3] ?? 0))
  );
}
