/**
 * The raw byte sequence payload of a NAL unit: every 00 00 03 becomes 00 00 (H.264 section 7.4.1).
 * Returns the very same array when there is nothing to remove.
 */
export function removeEmulationPrevention(nal: Uint8Array): Uint8Array {
  let zeros = 0;
  let out: Uint8Array | undefined;
  let length = 0;
  for (let i = 0; i < nal.length; i += 1) {
    const byte = nal[i] ?? 0;
    if (zeros >= 2 && byte === 3) {
      if (out === undefined) {
        out = new Uint8Array(nal.length);
        out.set(nal.subarray(0, i));
        length = i;
      }
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    if (out !== undefined) {
      out[length] = byte;
      length += 1;
    }
  }
  return out === undefined ? nal : out.subarray(0, length);
}

/** The reverse: makes a payload safe to stand between start codes. */
export function addEmulationPrevention(payload: Uint8Array): Uint8Array {
  const out: number[] = [];
  let zeros = 0;
  for (const byte of payload) {
    if (zeros >= 2 && byte <= 3) {
      out.push(3);
      zeros = 0;
    }
    out.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Uint8Array.from(out);
}
