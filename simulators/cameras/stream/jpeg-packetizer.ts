import {
  MAX_PACKET,
  type PacketTemplate,
  type Payload,
  packPayloads,
  RTP_HEADER,
} from './packet-template.ts';

/** The static payload type of JPEG (RFC 3551). */
export const JPEG_PAYLOAD_TYPE = 26;
/** Quantization tables travel in the packets (RFC 2435 section 3.1.8). */
const TABLES_IN_BAND = 255;
const MAIN_HEADER = 8;

interface Jpeg {
  readonly width: number;
  readonly height: number;
  /** 1 for 4:2:0. */
  readonly type: number;
  readonly tables: Buffer;
  readonly scan: Buffer;
}

/** One baseline JPEG picture with the usual Huffman tables as RTP packets. Throws on any other. */
export function packetizeJpeg(picture: Buffer, maxPacket = MAX_PACKET): PacketTemplate {
  const jpeg = readJpeg(picture);
  const payloads: Payload[] = [];
  for (let from = 0; from < jpeg.scan.length; ) {
    const head =
      from === 0 ? Buffer.concat([mainHeader(jpeg, 0), tableHeader(jpeg)]) : mainHeader(jpeg, from);
    const body = jpeg.scan.subarray(from, from + maxPacket - RTP_HEADER - head.length);
    payloads.push({ head, body });
    from += body.length;
  }
  return packPayloads(payloads, { payloadType: JPEG_PAYLOAD_TYPE, key: true, marker: true });
}

function mainHeader(jpeg: Jpeg, offset: number): Buffer {
  const header = Buffer.alloc(MAIN_HEADER);
  header.writeUIntBE(offset, 1, 3);
  header[4] = jpeg.type;
  header[5] = TABLES_IN_BAND;
  header[6] = jpeg.width / 8;
  header[7] = jpeg.height / 8;
  return header;
}

function tableHeader(jpeg: Jpeg): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt16BE(jpeg.tables.length, 2);
  return Buffer.concat([header, jpeg.tables]);
}

/** The pictures of a file that holds one after the other. */
export function splitJpegs(file: Buffer): Buffer[] {
  const pictures: Buffer[] = [];
  for (let at = file.indexOf(START); at >= 0; ) {
    const next = file.indexOf(START, at + 2);
    pictures.push(file.subarray(at, next < 0 ? file.length : next));
    at = next;
  }
  return pictures;
}

const START = Buffer.from([0xff, 0xd8, 0xff]);

function readJpeg(picture: Buffer): Jpeg {
  const tables: Buffer[] = [];
  let size = { width: 0, height: 0, type: 0 };
  for (let at = 2; at + 4 <= picture.length; ) {
    const marker = picture.readUInt16BE(at);
    const end = at + 2 + picture.readUInt16BE(at + 2);
    const segment = picture.subarray(at + 4, end);
    if (marker === 0xffdb) tables.push(...quantizationTables(segment));
    if (marker === 0xffc0) {
      if (segment[7] !== 0x22) throw new Error('only 4:2:0 pictures are sent');
      size = { width: segment.readUInt16BE(3), height: segment.readUInt16BE(1), type: 1 };
    }
    if (marker === 0xffda) {
      if (size.width % 8 !== 0 || size.height % 8 !== 0 || size.width === 0)
        throw new Error('the sides of a picture are multiples of 8');
      // Both components of colour share the second table.
      const two = [tables[0], tables[1] ?? tables[0]].flatMap((table) => table ?? []);
      return { ...size, tables: Buffer.concat(two), scan: picture.subarray(end, picture.length - 2) };
    }
    at = end;
  }
  throw new Error('it is no JPEG picture');
}

function quantizationTables(segment: Buffer): Buffer[] {
  const tables: Buffer[] = [];
  for (let at = 0; at + 65 <= segment.length; at += 65) tables.push(segment.subarray(at + 1, at + 65));
  return tables;
}
