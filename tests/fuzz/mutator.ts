// A seed in; random numbers and bent copies of byte strings out, the same ones every time. Fast: no shrinking, one
// copy for each input. Not its job: what the bytes mean.

const INTERESTING = [0, 1, 2, 3, 0x7f, 0x80, 0xfe, 0xff, 0x0a, 0x0d, 0x20, 0x22, 0x24, 0x2c, 0x3a, 0x3d];
const MAX_BYTES = 70_000;

export class Mutator {
  #a: number;
  #b: number;
  #c: number;
  #d = 1;

  constructor(seed: number) {
    this.#a = seed >>> 0;
    this.#b = (seed * 0x9e3779b1) >>> 0;
    this.#c = ~seed >>> 0;
    for (let i = 0; i < 12; i += 1) this.next();
  }

  /** 32 random bits (sfc32 by Chris Doty-Humphrey). */
  next(): number {
    const sum = (this.#a + this.#b + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** 0 to `limit` - 1. */
  below(limit: number): number {
    return limit < 2 ? 0 : this.next() % limit;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(from: readonly T[], otherwise: T): T {
    return from[this.below(from.length)] ?? otherwise;
  }

  bytes(length: number): Uint8Array {
    const out = new Uint8Array(length);
    for (let i = 0; i < length; i += 1) out[i] = this.next();
    return out;
  }

  /** One to eight changes of a copy; `others` are what pieces are borrowed from, `words` what a grammar is made of. */
  mutate(input: Uint8Array, others: readonly Uint8Array[], words: readonly Uint8Array[]): Uint8Array {
    let out: Uint8Array = Uint8Array.from(input);
    const changes = 1 + this.below(this.chance(70) ? 3 : 8);
    for (let i = 0; i < changes; i += 1) out = this.#once(out, others, words);
    return out.length > MAX_BYTES ? out.subarray(0, MAX_BYTES) : out;
  }

  #once(data: Uint8Array, others: readonly Uint8Array[], words: readonly Uint8Array[]): Uint8Array {
    const at = this.below(data.length);
    switch (this.below(11)) {
      case 0:
        data[at] = (data[at] ?? 0) ^ (1 << this.below(8));
        return data;
      case 1:
        data[at] = this.next();
        return data;
      case 2:
        data[at] = this.pick(INTERESTING, 0);
        return data;
      case 3:
        return data.slice(0, at);
      case 4:
        return join(data.subarray(0, at), data.subarray(at + 1 + this.below(16)));
      case 5:
        return this.#repeat(data, at);
      case 6:
        return this.#splice(data, at, others);
      case 7:
        return join(data.subarray(0, at), this.pick(words, INTERESTING_WORD), data.subarray(at));
      case 8:
        data.set(this.pick(words, INTERESTING_WORD).subarray(0, data.length - at), at);
        return data;
      case 9:
        return join(data.subarray(0, at), this.bytes(1 + this.below(8)), data.subarray(at));
      default:
        return this.#bigEndian(data, at);
    }
  }

  /** A piece once more, or a great many times. */
  #repeat(data: Uint8Array, at: number): Uint8Array {
    const piece = data.subarray(at, at + 1 + this.below(64));
    const times = this.chance(90) ? 1 : 1 + this.below(600);
    const out = new Uint8Array(data.length + piece.length * times);
    out.set(data.subarray(0, at));
    for (let i = 0; i < times; i += 1) out.set(piece, at + i * piece.length);
    out.set(data.subarray(at), at + piece.length * times);
    return out;
  }

  #splice(data: Uint8Array, at: number, others: readonly Uint8Array[]): Uint8Array {
    const other = this.pick(others, data);
    return join(data.subarray(0, at), other.subarray(this.below(other.length)));
  }

  /** A length or a count that lies. */
  #bigEndian(data: Uint8Array, at: number): Uint8Array {
    const value = this.pick([0, 1, 0x7fff, 0x8000, 0xffff, data.length, data.length + 1], 0);
    data[at] = value >> 8;
    if (at + 1 < data.length) data[at + 1] = value;
    return data;
  }
}

const INTERESTING_WORD = Uint8Array.of(0, 0, 1);

function join(...parts: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const part of parts) size += part.length;
  const out = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function bytesOf(...texts: readonly string[]): Uint8Array[] {
  return texts.map((text) => Uint8Array.from(Buffer.from(text, 'latin1')));
}
