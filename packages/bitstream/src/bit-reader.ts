/**
 * Reads bits, most significant first, from a raw byte sequence payload. Never throws: reading past the end
 * yields zeros and sets `overrun`, which a parser looks at once, at the end.
 */
export class BitReader {
  readonly #data: Uint8Array;
  #bit = 0;
  #overrun = false;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  get overrun(): boolean {
    return this.#overrun;
  }

  /** 1 to 32 bits as an unsigned number. */
  bits(count: number): number {
    let value = 0;
    for (let left = count; left > 0; ) {
      const byte = this.#data[this.#bit >> 3];
      if (byte === undefined) {
        this.#overrun = true;
        return 0;
      }
      const available = 8 - (this.#bit & 7);
      const take = Math.min(available, left);
      value = value * 2 ** take + ((byte >> (available - take)) & ((1 << take) - 1));
      this.#bit += take;
      left -= take;
    }
    return value;
  }

  flag(): boolean {
    return this.bits(1) === 1;
  }

  skip(count: number): void {
    this.#bit += count;
    if (this.#bit > this.#data.length * 8) this.#overrun = true;
  }

  /** ue(v), H.264 section 9.1. A code longer than 32 leading zeros is garbage and counts as an overrun. */
  unsigned(): number {
    let zeros = 0;
    while (!this.#overrun && this.bits(1) === 0) {
      zeros += 1;
      if (zeros > 32) {
        this.#overrun = true;
      }
    }
    if (this.#overrun) return 0;
    return zeros === 0 ? 0 : 2 ** zeros - 1 + this.bits(zeros);
  }

  /** se(v), H.264 section 9.1.1. */
  signed(): number {
    const code = this.unsigned();
    return code % 2 === 1 ? (code + 1) / 2 : 0 - code / 2;
  }
}
