import { Buffer } from 'node:buffer';

/** Page header up to the segment table (RFC 3533 section 6). */
const HEADER_BYTES = 27;
const CONTINUED = 1;
const FIRST = 2;
/** A page is 65307 bytes at most; more without an end is no Ogg. */
const LIMIT_BYTES = 131_072;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit += 1) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value >>> 0;
});

function crc(page: Uint8Array): number {
  let value = 0;
  for (const byte of page) value = ((value << 8) ^ (CRC_TABLE[((value >>> 24) ^ byte) & 0xff] ?? 0)) >>> 0;
  return value;
}

/** Writes an Ogg stream of Opus (RFC 7845), one packet a page, so that nothing waits for a page to fill. */
export class OpusOggWriter {
  #sequence = 0;
  #granule = 0n;

  /** The two pages that every stream begins with. */
  headers(channels: number): Uint8Array {
    const head = Buffer.alloc(19);
    head.write('OpusHead', 'latin1');
    head.writeUInt8(1, 8);
    head.writeUInt8(channels, 9);
    head.writeUInt32LE(48_000, 12);
    const tags = Buffer.alloc(16);
    tags.write('OpusTags', 'latin1');
    return Buffer.concat([this.#page(head, FIRST), this.#page(tags, 0)]);
  }

  /** `samples` at 48 kHz. */
  packet(data: Uint8Array, samples: number): Uint8Array {
    this.#granule += BigInt(samples);
    return this.#page(data, 0);
  }

  #page(packet: Uint8Array, flags: number): Uint8Array {
    const full = Math.floor(packet.length / 255);
    const page = Buffer.alloc(HEADER_BYTES + full + 1 + packet.length);
    page.write('OggS', 'latin1');
    page.writeUInt8(flags, 5);
    page.writeBigInt64LE(this.#granule, 6);
    page.writeUInt32LE(1, 14);
    page.writeUInt32LE(this.#sequence, 18);
    page.writeUInt8(full + 1, 26);
    page.fill(255, HEADER_BYTES, HEADER_BYTES + full);
    page.writeUInt8(packet.length % 255, HEADER_BYTES + full);
    page.set(packet, HEADER_BYTES + full + 1);
    page.writeUInt32LE(crc(page), 22);
    this.#sequence += 1;
    return page;
  }
}

/** Takes the packets out of an Ogg stream that comes in pieces; the stream of our own FFmpeg, so nothing is repaired. */
export class OggReader {
  readonly #onPacket: (packet: Uint8Array) => void;
  #rest: Buffer = Buffer.alloc(0);
  #begun: readonly Uint8Array[] = [];

  constructor(onPacket: (packet: Uint8Array) => void) {
    this.#onPacket = onPacket;
  }

  push(bytes: Uint8Array): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const at = this.#rest.indexOf('OggS', 0, 'latin1');
      if (at < 0) break;
      if (at > 0) this.#rest = this.#rest.subarray(at);
      const pageBytes = this.#page();
      if (pageBytes === 0) break;
      this.#rest = this.#rest.subarray(pageBytes);
    }
    if (this.#rest.length > LIMIT_BYTES) this.#rest = Buffer.alloc(0);
  }

  /** Length of the page at the start, 0 when it is not complete yet. */
  #page(): number {
    const page = this.#rest;
    if (page.length < HEADER_BYTES) return 0;
    const segments = page[26] ?? 0;
    const table = page.subarray(HEADER_BYTES, HEADER_BYTES + segments);
    let at = HEADER_BYTES + segments;
    const pageBytes = at + table.reduce((sum, bytes) => sum + bytes, 0);
    if (table.length < segments || page.length < pageBytes) return 0;
    if (((page[5] ?? 0) & CONTINUED) === 0) this.#begun = [];
    let start = at;
    for (const bytes of table) {
      at += bytes;
      if (bytes === 255) continue;
      this.#onPacket(Buffer.concat([...this.#begun, page.subarray(start, at)]));
      this.#begun = [];
      start = at;
    }
    if (at > start) this.#begun = [...this.#begun, Buffer.from(page.subarray(start, at))];
    return pageBytes;
  }
}
