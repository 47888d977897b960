import type { ReportBlock } from './rtcp-packet.ts';

const NTP_TO_UNIX_SECONDS = 2_208_988_800;

/** A sender report with a CNAME (RFC 3550 sections 6.4.1 and 6.5): at `wallClockMs` the media stood at `rtpTimestamp`. */
export function buildSenderReport(report: {
  readonly ssrc: number;
  readonly cname: string;
  readonly wallClockMs: number;
  readonly rtpTimestamp: number;
  readonly packets: number;
  readonly bytes: number;
}): Uint8Array {
  const head = Buffer.alloc(28);
  head[0] = 0x80;
  head[1] = 200;
  head.writeUInt16BE(6, 2);
  head.writeUInt32BE(report.ssrc >>> 0, 4);
  const seconds = Math.floor(report.wallClockMs / 1000);
  head.writeUInt32BE((seconds + NTP_TO_UNIX_SECONDS) >>> 0, 8);
  head.writeUInt32BE(Math.floor(((report.wallClockMs - seconds * 1000) / 1000) * 0x1_0000_0000) >>> 0, 12);
  head.writeUInt32BE(report.rtpTimestamp >>> 0, 16);
  head.writeUInt32BE(report.packets >>> 0, 20);
  head.writeUInt32BE(report.bytes >>> 0, 24);
  return Buffer.concat([head, buildCname(report.ssrc, report.cname)]);
}

/** A receiver report with a CNAME (RFC 3550 sections 6.4.2 and 6.5). */
export function buildReceiverReport(report: {
  readonly ssrc: number;
  readonly cname: string;
  readonly blocks: readonly ReportBlock[];
}): Uint8Array {
  const head = Buffer.alloc(8 + 24 * report.blocks.length);
  head[0] = 0x80 | report.blocks.length;
  head[1] = 201;
  head.writeUInt16BE(head.length / 4 - 1, 2);
  head.writeUInt32BE(report.ssrc >>> 0, 4);
  report.blocks.forEach((block, i) => {
    const at = 8 + 24 * i;
    head.writeUInt32BE(block.ssrc >>> 0, at);
    const lost = Math.max(-0x800000, Math.min(0x7fffff, block.packetsLost)) & 0xffffff;
    head.writeUInt32BE(((Math.min(255, Math.floor(block.fractionLost * 256)) << 24) | lost) >>> 0, at + 4);
    head.writeUInt32BE(block.highestSequence >>> 0, at + 8);
    head.writeUInt32BE(block.jitter >>> 0, at + 12);
    head.writeUInt32BE(block.lastSenderReport >>> 0, at + 16);
    head.writeUInt32BE(block.delaySinceLastSenderReport >>> 0, at + 20);
  });
  return Buffer.concat([head, buildCname(report.ssrc, report.cname)]);
}

function buildCname(ssrc: number, cname: string): Uint8Array {
  const text = Buffer.from(cname).subarray(0, 255);
  // The list of items ends in at least one zero byte and is padded to 32 bits.
  const packet = Buffer.alloc(Math.ceil((11 + text.length) / 4) * 4);
  packet[0] = 0x81;
  packet[1] = 202;
  packet.writeUInt16BE(packet.length / 4 - 1, 2);
  packet.writeUInt32BE(ssrc >>> 0, 4);
  packet[8] = 1;
  packet[9] = text.length;
  packet.set(text, 10);
  return packet;
}
