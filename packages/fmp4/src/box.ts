const EMPTY = new Uint8Array(0);

/** One box: 32-bit size, type, content (ISO 14496-12 section 4.2). */
export function box(type: string, ...content: readonly Uint8Array[]): Buffer {
  let size = 8;
  for (const part of content) size += part.byteLength;
  const out = Buffer.alloc(size);
  out.writeUInt32BE(size, 0);
  out.write(type, 4, 'latin1');
  let at = 8;
  for (const part of content) {
    out.set(part, at);
    at += part.byteLength;
  }
  return out;
}

/** A box that begins with a version and 24 bits of flags. */
export function fullBox(
  type: string,
  version: number,
  flags: number,
  ...content: readonly Uint8Array[]
): Buffer {
  return box(type, u32(version * 0x1000000 + flags), ...content);
}

export function u8(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values);
}

export function u16(...values: readonly number[]): Uint8Array {
  const out = Buffer.alloc(values.length * 2);
  values.forEach((value, i) => {
    out.writeUInt16BE(value, i * 2);
  });
  return out;
}

export function u32(...values: readonly number[]): Uint8Array {
  const out = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => {
    out.writeUInt32BE(value >>> 0, i * 4);
  });
  return out;
}

export function zeros(count: number): Uint8Array {
  return count === 0 ? EMPTY : new Uint8Array(count);
}

export function text(value: string): Uint8Array {
  return Buffer.from(value, 'latin1');
}
