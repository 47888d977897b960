/** A picture loss indication (RFC 4585 section 6.3.1): the next picture should be a key frame. */
export function buildPictureLoss(ssrc: number, mediaSsrc: number): Uint8Array {
  const packet = Buffer.alloc(12);
  packet.set([0x81, 206, 0, 2]);
  packet.writeUInt32BE(ssrc, 4);
  packet.writeUInt32BE(mediaSsrc, 8);
  return packet;
}

/** How much the receiver bears, bits a second (draft-alvestrand-rmcat-remb-03 section 2.2). */
export function buildBitrateLimit(ssrc: number, mediaSsrc: number, bitsPerSecond: number): Uint8Array {
  const packet = Buffer.alloc(24);
  packet.set([0x8f, 206, 0, 5]);
  packet.writeUInt32BE(ssrc, 4);
  packet.write('REMB', 12, 'latin1');
  const exponent = Math.max(0, Math.ceil(Math.log2(bitsPerSecond / 2 ** 18)));
  const mantissa = Math.floor(bitsPerSecond / 2 ** exponent);
  packet.writeUInt32BE(((1 << 24) | (exponent << 18) | mantissa) >>> 0, 16);
  packet.writeUInt32BE(mediaSsrc, 20);
  return packet;
}
