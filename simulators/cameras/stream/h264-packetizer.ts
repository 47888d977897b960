/** Bytes before each packet: `$`, channel and length (RFC 2326 section 10.12). */
export const INTERLEAVED_HEADER = 4;
export const RTP_HEADER = 12;
export const H264_PAYLOAD_TYPE = 96;
/** Bytes of an RTP packet with its header, no more than this. */
export const MAX_PACKET = 1400;

/**
 * One picture as RTP packets (RFC 6184: single NAL unit packets and FU-A), laid out as RTSP interleaves
 * them, all in one buffer. Sequence number, timestamp and SSRC are zero: `stampPackets` fills them into a
 * copy. Made once a clip, so that sending a picture is one copy and one write however many packets it has.
 */
export interface PacketTemplate {
  readonly bytes: Buffer;
  /** Where each packet's `$` is. */
  readonly offsets: readonly number[];
  readonly key: boolean;
  /** Bytes of RTP payload, for sender reports. */
  readonly payloadBytes: number;
}

/** Packs the NAL units of one picture; the marker bit is on the last packet. */
export function packetize(nals: readonly Uint8Array[], key: boolean, maxPacket = MAX_PACKET): PacketTemplate {
  const payloads = nals.flatMap((nal) => nalPayloads(nal, maxPacket - RTP_HEADER));
  const payloadBytes = payloads.reduce((sum, parts) => sum + parts.head.length + parts.body.length, 0);
  const bytes = Buffer.alloc(payloadBytes + payloads.length * (INTERLEAVED_HEADER + RTP_HEADER));
  const offsets: number[] = [];
  let at = 0;
  for (const [index, { head, body }] of payloads.entries()) {
    offsets.push(at);
    bytes[at] = 0x24;
    bytes.writeUInt16BE(RTP_HEADER + head.length + body.length, at + 2);
    bytes[at + INTERLEAVED_HEADER] = 0x80;
    bytes[at + INTERLEAVED_HEADER + 1] = H264_PAYLOAD_TYPE | (index === payloads.length - 1 ? 0x80 : 0);
    at += INTERLEAVED_HEADER + RTP_HEADER;
    bytes.set(head, at);
    bytes.set(body, at + head.length);
    at += head.length + body.length;
  }
  return { bytes, offsets, key, payloadBytes };
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

const NOTHING = new Uint8Array(0);

function nalPayloads(nal: Uint8Array, max: number): { head: Uint8Array; body: Uint8Array }[] {
  if (nal.length <= max) return [{ head: NOTHING, body: nal }];
  const header = nal[0] ?? 0;
  const room = max - 2;
  const payloads: { head: Uint8Array; body: Uint8Array }[] = [];
  for (let from = 1; from < nal.length; from += room) {
    const start = from === 1 ? 0x80 : 0;
    const end = from + room >= nal.length ? 0x40 : 0;
    // FU indicator (type 28) and FU header, RFC 6184 section 5.8
    payloads.push({
      head: Uint8Array.of((header & 0xe0) | 28, start | end | (header & 0x1f)),
      body: nal.subarray(from, from + room),
    });
  }
  return payloads;
}
