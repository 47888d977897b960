import { findStartCode, splitAnnexB, writeLength } from '@vedette/bitstream';
import type { AccessUnit } from './access-unit.ts';
import type { NalKind, NalRules } from './nal-rules.ts';

/** Parameter sets are written once, from the prefix; delimiters and filler are of no use to anybody. */
function isKept(kind: NalKind | undefined): boolean {
  return kind === 'slice' || kind === 'key-slice' || kind === 'other';
}

/**
 * The bytes of an `EncodedFrame`: `prefix`, then the unit's NAL units, each behind its length. One allocation and
 * one copy of every byte. Slices that hold start codes inside (V380, Amatek) are taken apart; null when no slice is
 * left then.
 */
export function canonicalAccessUnit(
  unit: AccessUnit,
  prefix: Uint8Array,
  rules: NalRules,
): Uint8Array | null {
  let size = prefix.length;
  for (let i = 0; i < unit.kinds.length; i += 1) {
    if (isKept(unit.kinds[i])) size += 4 + (unit.sizes[i] ?? 0);
  }
  const out = Buffer.allocUnsafe(size);
  out.set(prefix);
  let at = prefix.length;
  for (let i = 0; i < unit.kinds.length; i += 1) {
    if (!isKept(unit.kinds[i])) continue;
    writeLength(out, at, unit.sizes[i] ?? 0);
    at += 4;
    const end = unit.starts[i + 1] ?? unit.pieces.length;
    for (let p = unit.starts[i] ?? 0; p < end; p += 1) {
      const piece = unit.pieces[p];
      if (piece === undefined) continue;
      out.set(piece, at);
      at += piece.length;
    }
  }
  return holdsStartCode(out, prefix.length) ? withoutStartCodes(out, prefix.length, rules) : out;
}

/** Looks inside the NAL units alone: a length between 256 and 511 looks like a start code, and is none. */
function holdsStartCode(data: Uint8Array, start: number): boolean {
  let code = findStartCode(data, start);
  let at = start;
  while (code !== -1 && at + 4 <= data.length) {
    const begin = at + 4;
    const end = begin + lengthAt(data, at);
    if (code < begin) code = findStartCode(data, begin);
    if (code !== -1 && code < end) return true;
    at = end;
  }
  return false;
}

function withoutStartCodes(data: Uint8Array, start: number, rules: NalRules): Uint8Array | null {
  const parts: Uint8Array[] = [data.subarray(0, start)];
  let hasSlice = false;
  for (let at = start; at + 4 <= data.length; ) {
    const length = lengthAt(data, at);
    for (const nal of splitAnnexB(data.subarray(at + 4, at + 4 + length))) {
      // A bare NAL header is what a fragmentation unit put before the start code.
      const kind = rules.kindOf(nal[0] ?? 0);
      if (nal.length <= rules.headerBytes || !isKept(kind)) continue;
      if (kind !== 'other') hasSlice = true;
      const prefix = new Uint8Array(4);
      writeLength(prefix, 0, nal.length);
      parts.push(prefix, nal);
    }
    at += 4 + length;
  }
  return hasSlice ? Buffer.concat(parts) : null;
}

function lengthAt(data: Uint8Array, at: number): number {
  return (
    (((data[at] ?? 0) << 24) |
      ((data[at + 1] ?? 0) << 16) |
      ((data[at + 2] ?? 0) << 8) |
      (data[at + 3] ?? 0)) >>>
    0
  );
}
