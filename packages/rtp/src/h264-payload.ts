import type { NalSink } from './payload-format.ts';

const STAP_A = 24;
const FU_A = 28;

/** Rebuilt NAL headers, one view for each possible byte, so that a fragment costs no allocation. */
const HEADERS: readonly Uint8Array[] = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
const NO_HEADER = new Uint8Array();

/**
 * H.264 payloads (RFC 6184): single NAL units, STAP-A, FU-A. STAP-B, MTAP and FU-B need interleaved mode, which
 * no browser and hardly any camera speaks: skipped.
 */
export function unpackH264(payload: Uint8Array, sink: NalSink): void {
  const indicator = payload[0];
  if (indicator === undefined) return;
  const type = indicator & 0x1f;
  if (type === FU_A) unpackFragment(indicator, payload, sink);
  else if (type === STAP_A) unpackAggregate(payload, sink);
  else if (type < STAP_A) sink.nal(payload);
  else sink.skipped();
}

function unpackFragment(indicator: number, payload: Uint8Array, sink: NalSink): void {
  const header = payload[1];
  if (header === undefined) {
    sink.skipped();
    return;
  }
  const piece = payload.subarray(2);
  if ((header & 0x80) !== 0) {
    sink.fragmentStart(HEADERS[(indicator & 0xe0) | (header & 0x1f)] ?? NO_HEADER, piece);
  } else {
    sink.fragment(piece);
  }
  if ((header & 0x40) !== 0) sink.fragmentEnd();
}

function unpackAggregate(payload: Uint8Array, sink: NalSink): void {
  let at = 1;
  while (at + 2 <= payload.length) {
    const size = ((payload[at] ?? 0) << 8) | (payload[at + 1] ?? 0);
    at += 2;
    if (size === 0) continue; // zero padding at the end (gortsplib 8c26f5f0)
    if (at + size > payload.length) {
      sink.skipped();
      return;
    }
    sink.nal(payload.subarray(at, at + size));
    at += size;
  }
}
