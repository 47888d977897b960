/** Bytes before each packet: `$`, channel and length (RFC 2326 section 10.12). */
export const INTERLEAVED_HEADER = 4;
export const RTP_HEADER = 12;
/** Bytes of an RTP packet with its header, no more than this. */
export const MAX_PACKET = 1400;

/**
 * One picture, or one packet of sound, as RTP packets, laid out as RTSP interleaves them, all in one buffer.
 * Sequence number, timestamp and SSRC are zero: `stampPackets` fills them into a copy. Made once a clip, so that
 * sending a picture is one copy and one write however many packets it has.
 */
export interface PacketTemplate {
  readonly bytes: Buffer;
  /** Where each packet's `$` is. */
  readonly offsets: readonly number[];
  readonly key: boolean;
  /** Bytes of RTP payload, for sender reports. */
  readonly payloadBytes: number;
}

export interface Payload {
  readonly head: Uint8Array;
  readonly body: Uint8Array;
}

/** One packet for each payload; the marker bit is on the last one if asked for. */
export function packPayloads(
  payloads: readonly Payload[],
  options: { readonly payloadType: number; readonly key: boolean; readonly marker: boolean },
): PacketTemplate {
  const payloadBytes = payloads.reduce((sum, parts) => sum + parts.head.length + parts.body.length, 0);
  const bytes = Buffer.alloc(payloadBytes + payloads.length * (INTERLEAVED_HEADER + RTP_HEADER));
  const offsets: number[] = [];
  let at = 0;
  for (const [index, { head, body }] of payloads.entries()) {
    const marked = options.marker && index === payloads.length - 1;
    offsets.push(at);
    bytes[at] = 0x24;
    bytes.writeUInt16BE(RTP_HEADER + head.length + body.length, at + 2);
    bytes[at + INTERLEAVED_HEADER] = 0x80;
    bytes[at + INTERLEAVED_HEADER + 1] = options.payloadType | (marked ? 0x80 : 0);
    at += INTERLEAVED_HEADER + RTP_HEADER;
    bytes.set(head, at);
    bytes.set(body, at + head.length);
    at += head.length + body.length;
  }
  return { bytes, offsets, key: options.key, payloadBytes };
}

export interface Stamp {
  /** Of the first packet; the others follow, modulo 65536. */
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
}

/** A copy of the picture's packets that is ready to be sent on interleaved channel 0. */
export function stampPackets(template: PacketTemplate, stamp: Stamp): Buffer {
  const bytes = Buffer.allocUnsafe(template.bytes.length);
  template.bytes.copy(bytes);
  let sequence = stamp.sequence;
  for (const offset of template.offsets) {
    const rtp = offset + INTERLEAVED_HEADER;
    bytes.writeUInt16BE(sequence & 0xffff, rtp + 2);
    bytes.writeUInt32BE(stamp.timestamp, rtp + 4);
    bytes.writeUInt32BE(stamp.ssrc, rtp + 8);
    sequence++;
  }
  return bytes;
}
