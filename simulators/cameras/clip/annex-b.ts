/**
 * Splits an H.264 byte stream into NAL units without start codes (ITU-T H.264 Annex B). The units are
 * views of `stream`; zero bytes before a start code belong to no unit.
 */
export function splitAnnexB(stream: Buffer): Buffer[] {
  const units: Buffer[] = [];
  let start = -1;
  for (;;) {
    const code = stream.indexOf(START_CODE, Math.max(start, 0));
    if (start >= 0) {
      let end = code < 0 ? stream.length : code;
      while (end > start && stream[end - 1] === 0) end--;
      if (end > start) units.push(stream.subarray(start, end));
    }
    if (code < 0) return units;
    start = code + START_CODE.length;
  }
}

const START_CODE = Buffer.from([0, 0, 1]);
