/** Seconds from the NTP era (1900) to the Unix epoch. */
const NTP_OFFSET_S = 2_208_988_800;
const CNAME = Buffer.from('vedette-simulator', 'ascii');

export interface SenderReport {
  readonly ssrc: number;
  /** Milliseconds since the Unix epoch, and the RTP timestamp of that same moment. */
  readonly wallMs: number;
  readonly timestamp: number;
  readonly packets: number;
  readonly payloadBytes: number;
}

/** A compound RTCP packet: sender report and source description with CNAME (RFC 3550 sections 6.4.1, 6.5). */
export function senderReport(report: SenderReport): Buffer {
  const sdesLength = 4 + Math.ceil((4 + 2 + CNAME.length + 1) / 4) * 4;
  const bytes = Buffer.alloc(28 + sdesLength);
  bytes.writeUInt32BE(0x80c80006, 0);
  bytes.writeUInt32BE(report.ssrc, 4);
  const seconds = Math.floor(report.wallMs / 1000);
  bytes.writeUInt32BE((seconds + NTP_OFFSET_S) % 2 ** 32, 8);
  bytes.writeUInt32BE(Math.floor(((report.wallMs - seconds * 1000) / 1000) * 2 ** 32), 12);
  bytes.writeUInt32BE(report.timestamp, 16);
  bytes.writeUInt32BE(report.packets % 2 ** 32, 20);
  bytes.writeUInt32BE(report.payloadBytes % 2 ** 32, 24);
  bytes.writeUInt16BE(0x81ca, 28);
  bytes.writeUInt16BE(sdesLength / 4 - 1, 30);
  bytes.writeUInt32BE(report.ssrc, 32);
  bytes.writeUInt8(1, 36);
  bytes.writeUInt8(CNAME.length, 37);
  CNAME.copy(bytes, 38);
  return bytes;
}
