import type { SentPicture } from './live-timeline.ts';
import { INTERLEAVED_HEADER } from './packet-template.ts';

/** How a camera spoils its own media. */
export interface OddMedia {
  /** Packets that never leave, percent. */
  readonly lossPercent: number;
  /** False: no marker bit, so that only the next timestamp ends a picture (FLIR). */
  readonly markers: boolean;
  /** Bytes of nothing between the packets of a connection. */
  readonly junk: boolean;
}

const JUNK = Buffer.from([0x0d, 0x0a, 0x13, 0x37, 0x24, 0xee, 0x01, 0x02, 0x00]);

/** The picture as it leaves such a camera; `random` is 0 to 1. */
export function spoil(picture: SentPicture, odd: OddMedia, random: () => number): SentPicture {
  const parts: Buffer[] = [];
  const offsets: number[] = [];
  let at = 0;
  for (const offset of picture.offsets) {
    const end = offset + INTERLEAVED_HEADER + picture.bytes.readUInt16BE(offset + 2);
    if (random() * 100 < odd.lossPercent) continue;
    const packet = Buffer.from(picture.bytes.subarray(offset, end));
    if (!odd.markers) packet[INTERLEAVED_HEADER + 1] = (packet[INTERLEAVED_HEADER + 1] ?? 0) & 0x7f;
    if (odd.junk) {
      parts.push(JUNK);
      at += JUNK.length;
    }
    offsets.push(at);
    parts.push(packet);
    at += packet.length;
  }
  return { ...picture, bytes: Buffer.concat(parts), offsets };
}
