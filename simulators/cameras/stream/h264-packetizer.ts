import {
  MAX_PACKET,
  type PacketTemplate,
  type Payload,
  packPayloads,
  RTP_HEADER,
} from './packet-template.ts';

/** Of every video codec: one camera sends one. */
export const VIDEO_PAYLOAD_TYPE = 96;

const NOTHING = new Uint8Array(0);

/** Packs the NAL units of one picture (RFC 6184: single NAL unit packets and FU-A); the marker bit is on the last packet. */
export function packetize(nals: readonly Uint8Array[], key: boolean, maxPacket = MAX_PACKET): PacketTemplate {
  const payloads = nals.flatMap((nal) => nalPayloads(nal, maxPacket - RTP_HEADER));
  return packPayloads(payloads, { payloadType: VIDEO_PAYLOAD_TYPE, key, marker: true });
}

function nalPayloads(nal: Uint8Array, max: number): Payload[] {
  if (nal.length <= max) return [{ head: NOTHING, body: nal }];
  const header = nal[0] ?? 0;
  const room = max - 2;
  const payloads: Payload[] = [];
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
