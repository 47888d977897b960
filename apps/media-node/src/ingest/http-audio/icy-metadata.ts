const SIZE_UNIT = 16;
const MAX_TITLE_CHARS = 500;
/** A title stands in quotes and ends before `';`, or with the block where a station forgot it. */
const TITLE = /StreamTitle='([\s\S]*?)'(?:;|$)/;

export interface IcySplitterOptions {
  /** `icy-metaint`: bytes of sound between two blocks; 0 or absent means that there are none. */
  readonly interval: number;
  readonly onSound: (bytes: Uint8Array) => void;
  /** Each block that says anything, without its padding. */
  readonly onMetadata: (block: Uint8Array) => void;
}

/**
 * Takes the metadata of SHOUTcast and Icecast out of a body, wherever the network cut it: after every `interval`
 * bytes of sound one byte that says how long the block is in units of 16, then the block, filled up with zeros.
 */
export class IcySplitter {
  readonly #options: IcySplitterOptions;
  #soundLeft: number;
  #block: Uint8Array | undefined;
  #filled = 0;

  constructor(options: IcySplitterOptions) {
    this.#options = options;
    this.#soundLeft = options.interval;
  }

  push(bytes: Uint8Array): void {
    const { interval, onSound } = this.#options;
    if (!(interval > 0)) {
      if (bytes.length > 0) onSound(bytes);
      return;
    }
    let at = 0;
    while (at < bytes.length) {
      if (this.#block !== undefined) at += this.#fill(this.#block, bytes, at);
      else if (this.#soundLeft === 0) {
        this.#begin(bytes[at] ?? 0);
        at += 1;
      } else {
        const end = Math.min(bytes.length, at + this.#soundLeft);
        this.#soundLeft -= end - at;
        onSound(bytes.subarray(at, end));
        at = end;
      }
    }
  }

  #begin(units: number): void {
    if (units === 0) this.#soundLeft = this.#options.interval;
    else this.#block = new Uint8Array(units * SIZE_UNIT);
    this.#filled = 0;
  }

  #fill(block: Uint8Array, bytes: Uint8Array, at: number): number {
    const taken = Math.min(block.length - this.#filled, bytes.length - at);
    block.set(bytes.subarray(at, at + taken), this.#filled);
    this.#filled += taken;
    if (this.#filled === block.length) {
      this.#block = undefined;
      this.#soundLeft = this.#options.interval;
      this.#options.onMetadata(withoutPadding(block));
    }
    return taken;
  }
}

/** What is being played; null where the station says an empty title, undefined where the block says none. */
export function streamTitle(block: Uint8Array): string | null | undefined {
  const found = TITLE.exec(stationText(block))?.[1];
  if (found === undefined) return undefined;
  const title = oneLine(found);
  return title === '' ? null : title;
}

/** Of a header or a block: UTF-8 where it is that, Latin-1 otherwise. */
export function stationText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  }
}

/** Without control characters, capped for whoever shows it; never ends in half a character. */
export function oneLine(text: string): string {
  const clean = text.replace(/\p{Cc}+/gu, ' ').trim();
  return clean
    .slice(0, MAX_TITLE_CHARS)
    .replace(/[\uD800-\uDBFF]$/, '')
    .trim();
}

function withoutPadding(block: Uint8Array): Uint8Array {
  let end = block.length;
  while (end > 0 && block[end - 1] === 0) end -= 1;
  return block.subarray(0, end);
}
