import type { NalKind } from './nal-rules.ts';

/** NAL units of one access unit, still in the pieces they arrived in. Reused: read it before returning. */
export class AccessUnit {
  timestamp = 0;
  /** Arrival of its first packet: monotonic, and ms since the Unix epoch. */
  arrivalMs = 0;
  arrivalWallMs = 0;
  /** Pieces of all units, in order. */
  readonly pieces: Uint8Array[] = [];
  readonly kinds: NalKind[] = [];
  /** For each unit, the index of its first piece and its bytes. */
  readonly starts: number[] = [];
  readonly sizes: number[] = [];
  bytes = 0;
  hasSlice = false;
  hasKeySlice = false;

  get empty(): boolean {
    return this.kinds.length === 0;
  }

  get lastIsSlice(): boolean {
    const kind = this.kinds[this.kinds.length - 1];
    return kind === 'slice' || kind === 'key-slice';
  }

  begin(kind: NalKind): void {
    this.kinds.push(kind);
    this.starts.push(this.pieces.length);
    this.sizes.push(0);
    if (kind === 'key-slice') this.hasKeySlice = true;
    if (kind === 'slice' || kind === 'key-slice') this.hasSlice = true;
  }

  append(piece: Uint8Array): void {
    this.pieces.push(piece);
    const last = this.sizes.length - 1;
    this.sizes[last] = (this.sizes[last] ?? 0) + piece.length;
    this.bytes += piece.length;
  }

  /** The bytes of unit `index` in one array; a copy only when it came in pieces. */
  unit(index: number): Uint8Array {
    const first = this.starts[index] ?? 0;
    const end = this.starts[index + 1] ?? this.pieces.length;
    if (end - first === 1) return this.pieces[first] ?? EMPTY;
    const out = Buffer.allocUnsafe(this.sizes[index] ?? 0);
    let at = 0;
    for (let i = first; i < end; i += 1) {
      const piece = this.pieces[i] ?? EMPTY;
      out.set(piece, at);
      at += piece.length;
    }
    return out;
  }

  /** Forgets the newest unit. */
  dropLast(): void {
    const first = this.starts.pop();
    const size = this.sizes.pop();
    const kind = this.kinds.pop();
    if (first === undefined || size === undefined || kind === undefined) return;
    this.pieces.length = first;
    this.bytes -= size;
    this.hasKeySlice = this.kinds.includes('key-slice');
    this.hasSlice = this.hasKeySlice || this.kinds.includes('slice');
  }

  clear(): void {
    this.pieces.length = 0;
    this.kinds.length = 0;
    this.starts.length = 0;
    this.sizes.length = 0;
    this.bytes = 0;
    this.hasSlice = false;
    this.hasKeySlice = false;
  }
}

const EMPTY = new Uint8Array();
