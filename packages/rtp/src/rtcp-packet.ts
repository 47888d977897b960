import { readUint32 } from './rtp-packet.ts';

/** One RTCP message out of a compound packet (RFC 3550 section 6, RFC 4585, RFC 5104). */
export type RtcpMessage =
  | {
      readonly kind: 'sender-report';
      readonly ssrc: number;
      /** Ms since the Unix epoch; null when the sender has no wall clock (all zeros). */
      readonly wallClockMs: number | null;
      /** Middle 32 bits of the NTP time, to be echoed in receiver reports. */
      readonly ntpMiddle: number;
      readonly rtpTimestamp: number;
      readonly packets: number;
      readonly bytes: number;
      readonly reports: readonly ReportBlock[];
    }
  | { readonly kind: 'receiver-report'; readonly ssrc: number; readonly reports: readonly ReportBlock[] }
  | { readonly kind: 'source-description'; readonly ssrc: number; readonly cname: string | null }
  | { readonly kind: 'bye'; readonly ssrcs: readonly number[] }
  /** Sequence numbers that the receiver misses. */
  | { readonly kind: 'nack'; readonly mediaSsrc: number; readonly sequences: readonly number[] }
  | { readonly kind: 'picture-loss'; readonly mediaSsrc: number }
  | { readonly kind: 'full-intra-request'; readonly mediaSsrc: number; readonly sequence: number };

/** What a receiver says of one sender (RFC 3550 section 6.4.1). */
export interface ReportBlock {
  readonly ssrc: number;
  /** 0 to 1, since the last report. */
  readonly fractionLost: number;
  readonly packetsLost: number;
  readonly highestSequence: number;
  /** Timestamp units. */
  readonly jitter: number;
  readonly lastSenderReport: number;
  /** Units of 1/65536 s. */
  readonly delaySinceLastSenderReport: number;
}

const NTP_TO_UNIX_SECONDS = 2_208_988_800;

/** Every message that is understood; what is not, or is cut short, is left out. Never throws. */
export function parseRtcp(data: Uint8Array): RtcpMessage[] {
  const messages: RtcpMessage[] = [];
  let at = 0;
  while (at + 4 <= data.length) {
    const first = data[at] ?? 0;
    const end = at + 4 + 4 * (((data[at + 2] ?? 0) << 8) | (data[at + 3] ?? 0));
    if (first >> 6 !== 2 || end > data.length) break;
    const message = parseOne(data.subarray(at, end), first & 0x1f, data[at + 1] ?? 0);
    if (message !== null) messages.push(message);
    at = end;
  }
  return messages;
}

function parseOne(packet: Uint8Array, count: number, type: number): RtcpMessage | null {
  switch (type) {
    case 200:
      return senderReport(packet, count);
    case 201:
      if (packet.length < 8) return null;
      return {
        kind: 'receiver-report',
        ssrc: readUint32(packet, 4),
        reports: reportBlocks(packet, 8, count),
      };
    case 202:
      return sourceDescription(packet, count);
    case 203:
      return bye(packet, count);
    case 205:
      return count === 1 ? nack(packet) : null;
    case 206:
      return payloadFeedback(packet, count);
    default:
      return null;
  }
}

function senderReport(packet: Uint8Array, count: number): RtcpMessage | null {
  if (packet.length < 28) return null;
  const seconds = readUint32(packet, 8);
  const fraction = readUint32(packet, 12);
  return {
    kind: 'sender-report',
    ssrc: readUint32(packet, 4),
    wallClockMs:
      seconds === 0 ? null : (seconds - NTP_TO_UNIX_SECONDS) * 1000 + (fraction * 1000) / 0x1_0000_0000,
    ntpMiddle: readUint32(packet, 10),
    rtpTimestamp: readUint32(packet, 16),
    packets: readUint32(packet, 20),
    bytes: readUint32(packet, 24),
    reports: reportBlocks(packet, 28, count),
  };
}

function reportBlocks(packet: Uint8Array, start: number, count: number): ReportBlock[] {
  const blocks: ReportBlock[] = [];
  for (let at = start; blocks.length < count && at + 24 <= packet.length; at += 24) {
    const lost = readUint32(packet, at + 4);
    blocks.push({
      ssrc: readUint32(packet, at),
      fractionLost: (lost >>> 24) / 256,
      packetsLost: (lost << 8) >> 8,
      highestSequence: readUint32(packet, at + 8),
      jitter: readUint32(packet, at + 12),
      lastSenderReport: readUint32(packet, at + 16),
      delaySinceLastSenderReport: readUint32(packet, at + 20),
    });
  }
  return blocks;
}

function sourceDescription(packet: Uint8Array, count: number): RtcpMessage | null {
  if (count === 0 || packet.length < 8) return null;
  const length = packet[9] ?? 0;
  const cname =
    packet[8] === 1 && 10 + length <= packet.length
      ? Buffer.from(packet.subarray(10, 10 + length)).toString('utf8')
      : null;
  return { kind: 'source-description', ssrc: readUint32(packet, 4), cname };
}

function bye(packet: Uint8Array, count: number): RtcpMessage {
  const ssrcs: number[] = [];
  for (let at = 4; ssrcs.length < count && at + 4 <= packet.length; at += 4) {
    ssrcs.push(readUint32(packet, at));
  }
  return { kind: 'bye', ssrcs };
}

function nack(packet: Uint8Array): RtcpMessage | null {
  if (packet.length < 12) return null;
  const sequences: number[] = [];
  for (let at = 12; at + 4 <= packet.length; at += 4) {
    const first = ((packet[at] ?? 0) << 8) | (packet[at + 1] ?? 0);
    const mask = ((packet[at + 2] ?? 0) << 8) | (packet[at + 3] ?? 0);
    sequences.push(first);
    for (let bit = 0; bit < 16; bit += 1) {
      if ((mask & (1 << bit)) !== 0) sequences.push((first + bit + 1) & 0xffff);
    }
  }
  return { kind: 'nack', mediaSsrc: readUint32(packet, 8), sequences };
}

function payloadFeedback(packet: Uint8Array, format: number): RtcpMessage | null {
  if (packet.length < 12) return null;
  if (format === 1) return { kind: 'picture-loss', mediaSsrc: readUint32(packet, 8) };
  if (format === 4 && packet.length >= 20) {
    return { kind: 'full-intra-request', mediaSsrc: readUint32(packet, 12), sequence: packet[16] ?? 0 };
  }
  return null;
}
