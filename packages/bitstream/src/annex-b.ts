const START_CODE = Uint8Array.of(0, 0, 1);

/** Where the next 00 00 01 begins at or after `from`, or -1. Native search, fit for every frame. */
export function findStartCode(data: Uint8Array, from: number): number {
  const buffer = Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return buffer.indexOf(START_CODE, from);
}

/** `end` moved before any zero bytes: a NAL unit never ends in one (H.264 section 7.4.1). */
export function trimTrailingZeros(data: Uint8Array, start: number, end: number): number {
  while (end > start && data[end - 1] === 0) end -= 1;
  return end;
}

/**
 * NAL units of an Annex B byte stream, as views. Start codes of three or four bytes, zeros before and after are
 * removed, empty units left out. Bytes before the first start code count as a unit: cameras send them so.
 */
export function splitAnnexB(data: Uint8Array): Uint8Array[] {
  const nals: Uint8Array[] = [];
  let start = 0;
  while (start <= data.length) {
    const code = findStartCode(data, start);
    const end = trimTrailingZeros(data, start, code === -1 ? data.length : code);
    if (end > start) nals.push(data.subarray(start, end));
    if (code === -1) break;
    start = code + 3;
  }
  return nals;
}
