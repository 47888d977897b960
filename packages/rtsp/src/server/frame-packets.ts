import type { PacketBatch } from './rtsp-handler.ts';

/** Puts packets one behind the other as they go over TCP; nothing is copied a second time for any reader. */
export function framePackets(media: number, packets: readonly Buffer[], key: boolean): PacketBatch {
  let length = 0;
  for (const packet of packets) length += 4 + packet.length;
  const framed = Buffer.allocUnsafe(length);
  const views: Buffer[] = [];
  let at = 0;
  for (const packet of packets) {
    framed[at] = 0x24;
    framed[at + 1] = 2 * media;
    framed.writeUInt16BE(packet.length, at + 2);
    framed.set(packet, at + 4);
    views.push(framed.subarray(at + 4, at + 4 + packet.length));
    at += 4 + packet.length;
  }
  return { media, packets: views, framed, key };
}

/** The same bytes for a reader that has chosen another channel. */
export function onChannel(batch: PacketBatch, channel: number): Buffer {
  if (channel === 2 * batch.media) return batch.framed;
  const copy = Buffer.from(batch.framed);
  let at = 0;
  for (const packet of batch.packets) {
    copy[at + 1] = channel;
    at += 4 + packet.length;
  }
  return copy;
}

export function framedPacket(channel: number, data: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(4 + data.length);
  framed[0] = 0x24;
  framed[1] = channel;
  framed.writeUInt16BE(data.length, 2);
  framed.set(data, 4);
  return framed;
}
