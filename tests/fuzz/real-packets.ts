import { readFileSync } from 'node:fs';
import { splitAnnexB } from '@vedette/bitstream';

const PAYLOAD_TYPE = 96;
const ROOM = 1200;
const TICKS_A_PICTURE = 6000;

let h264: readonly Uint8Array[] | undefined;
let h265: readonly Uint8Array[] | undefined;

/** The sub stream of one clip as RTP packets, numbered from 0. */
export function h264Packets(): readonly Uint8Array[] {
  h264 ??= packets('lobby-sub.h264', 1, (nal) => (nal[0] ?? 0) & 31, isH264Slice, fragmentH264);
  return h264;
}

export function h265Packets(): readonly Uint8Array[] {
  h265 ??= packets(
    'gate-sub.h265',
    2,
    (nal) => ((nal[0] ?? 0) >> 1) & 63,
    (type) => type < 32,
    fragmentH265,
  );
  return h265;
}

const isH264Slice = (type: number) => type === 1 || type === 5;

function packets(
  file: string,
  headerBytes: number,
  typeOf: (nal: Uint8Array) => number,
  isSlice: (type: number) => boolean,
  fragment: (nal: Uint8Array, at: number) => Uint8Array,
): Uint8Array[] {
  const bytes = readFileSync(new URL(`../../fixtures/clips/${file}`, import.meta.url));
  const out: Uint8Array[] = [];
  let picture = 0;
  for (const nal of splitAnnexB(bytes)) {
    const slice = isSlice(typeOf(nal));
    if (nal.length <= ROOM) out.push(rtp(nal, picture, slice));
    else {
      for (let at = headerBytes; at < nal.length; at += ROOM)
        out.push(rtp(fragment(nal, at), picture, slice && at + ROOM >= nal.length));
    }
    if (slice) picture += 1;
  }
  return out;
}

function rtp(payload: Uint8Array, picture: number, marker: boolean): Uint8Array {
  const packet = new Uint8Array(12 + payload.length);
  packet[0] = 0x80;
  packet[1] = PAYLOAD_TYPE | (marker ? 0x80 : 0);
  new DataView(packet.buffer).setUint32(4, picture * TICKS_A_PICTURE);
  packet[11] = 0x2a;
  packet.set(payload, 12);
  return packet;
}

function fragmentH264(nal: Uint8Array, at: number): Uint8Array {
  const header = nal[0] ?? 0;
  const flags = (at === 1 ? 0x80 : 0) | (at + ROOM >= nal.length ? 0x40 : 0);
  return Buffer.concat([
    Uint8Array.of((header & 0xe0) | 28, flags | (header & 31)),
    nal.subarray(at, at + ROOM),
  ]);
}

function fragmentH265(nal: Uint8Array, at: number): Uint8Array {
  const header = nal[0] ?? 0;
  const flags = (at === 2 ? 0x80 : 0) | (at + ROOM >= nal.length ? 0x40 : 0);
  return Buffer.concat([
    Uint8Array.of((header & 0x81) | (49 << 1), nal[1] ?? 0, flags | ((header >> 1) & 63)),
    nal.subarray(at, at + ROOM),
  ]);
}
