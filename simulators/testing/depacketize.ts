/** One RTP packet, read independently of the code that writes it (RFC 3550 section 5.1). */
export interface ReadPacket {
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Buffer;
}

/** The RTP packets in bytes framed as RTSP interleaves them. */
export function readInterleaved(bytes: Buffer): { channel: number; packet: ReadPacket }[] {
  const packets: { channel: number; packet: ReadPacket }[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] !== 0x24) throw new Error(`no $ at ${at}`);
    const length = bytes.readUInt16BE(at + 2);
    packets.push({
      channel: bytes[at + 1] ?? -1,
      packet: readPacket(bytes.subarray(at + 4, at + 4 + length)),
    });
    at += 4 + length;
  }
  return packets;
}

export function readPacket(rtp: Buffer): ReadPacket {
  if (rtp[0] !== 0x80) throw new Error('not a plain RTP header');
  return {
    payloadType: (rtp[1] ?? 0) & 0x7f,
    marker: ((rtp[1] ?? 0) & 0x80) !== 0,
    sequence: rtp.readUInt16BE(2),
    timestamp: rtp.readUInt32BE(4),
    ssrc: rtp.readUInt32BE(8),
    payload: rtp.subarray(12),
  };
}

/** NAL units from single NAL unit packets and FU-A (RFC 6184 sections 5.6, 5.8). */
export function readNals(packets: readonly ReadPacket[]): Buffer[] {
  const nals: Buffer[] = [];
  let parts: Buffer[] = [];
  for (const { payload } of packets) {
    if (((payload[0] ?? 0) & 31) !== 28) {
      nals.push(payload);
      continue;
    }
    const [indicator = 0, header = 0] = payload;
    if ((header & 0x80) !== 0) parts = [Buffer.of((indicator & 0xe0) | (header & 31))];
    parts.push(payload.subarray(2));
    if ((header & 0x40) !== 0) nals.push(Buffer.concat(parts));
  }
  return nals;
}
