import { VIDEO_PAYLOAD_TYPE } from './h264-packetizer.ts';
import {
  MAX_PACKET,
  type PacketTemplate,
  type Payload,
  packPayloads,
  RTP_HEADER,
} from './packet-template.ts';

const NOTHING = new Uint8Array(0);
const FRAGMENTATION_UNIT = 49;

/** Packs the NAL units of one picture (RFC 7798: single NAL unit packets and FU); the marker bit is on the last packet. */
export function packetizeH265(
  nals: readonly Uint8Array[],
  key: boolean,
  maxPacket = MAX_PACKET,
): PacketTemplate {
  const payloads = nals.flatMap((nal) => nalPayloads(nal, maxPacket - RTP_HEADER));
  return packPayloads(payloads, { payloadType: VIDEO_PAYLOAD_TYPE, key, marker: true });
}

function nalPayloads(nal: Uint8Array, max: number): Payload[] {
  if (nal.length <= max) return [{ head: NOTHING, body: nal }];
  const [first = 0, second = 0] = nal;
  const room = max - 3;
  const payloads: Payload[] = [];
  for (let from = 2; from < nal.length; from += room) {
    const start = from === 2 ? 0x80 : 0;
    const end = from + room >= nal.length ? 0x40 : 0;
    // payload header and FU header, RFC 7798 section 4.4.3
    payloads.push({
      head: Uint8Array.of(
        (first & 0x81) | (FRAGMENTATION_UNIT << 1),
        second,
        start | end | ((first >> 1) & 63),
      ),
      body: nal.subarray(from, from + room),
    });
  }
  return payloads;
}
