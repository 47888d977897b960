import type { NalSink } from './payload-format.ts';

const AGGREGATE = 48;
const FRAGMENT = 49;

/**
 * H.265 payloads (RFC 7798): single NAL units, aggregation packets, fragmentation units. PACI is skipped, and
 * decoding order numbers (sprop-max-don-diff above 0) are not used by cameras.
 */
export function unpackH265(payload: Uint8Array, sink: NalSink): void {
  if (payload.length < 3) {
    if (payload.length > 0) sink.skipped();
    return;
  }
  const type = ((payload[0] ?? 0) >> 1) & 0x3f;
  if (type === FRAGMENT) unpackFragment(payload, sink);
  else if (type === AGGREGATE) unpackAggregate(payload, sink);
  else if (type < AGGREGATE) sink.nal(payload);
  else sink.skipped();
}

function unpackFragment(payload: Uint8Array, sink: NalSink): void {
  const header = payload[2] ?? 0;
  const piece = payload.subarray(3);
  if ((header & 0x80) !== 0) {
    const first = ((payload[0] ?? 0) & 0x81) | ((header & 0x3f) << 1);
    sink.fragmentStart(Uint8Array.of(first, payload[1] ?? 0), piece);
  } else {
    sink.fragment(piece);
  }
  if ((header & 0x40) !== 0) sink.fragmentEnd();
}

function unpackAggregate(payload: Uint8Array, sink: NalSink): void {
  let at = 2;
  while (at + 2 <= payload.length) {
    const size = ((payload[at] ?? 0) << 8) | (payload[at + 1] ?? 0);
    at += 2;
    if (size === 0) continue;
    if (at + size > payload.length) {
      sink.skipped();
      return;
    }
    sink.nal(payload.subarray(at, at + size));
    at += size;
  }
}
