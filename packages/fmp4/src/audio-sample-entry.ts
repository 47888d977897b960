import type { AudioTrack } from '@vedette/media-types';
import { box, fullBox, text, u8, u16, u32, zeros } from './box.ts';

/** objectTypeIndication, ISO 14496-1 table 5: MP3 of low rates is of MPEG-2. */
export function objectType(codec: 'aac' | 'mp3', clockRate: number): number {
  if (codec === 'aac') return 0x40;
  return clockRate < LOWEST_MPEG1_RATE ? 0x69 : 0x6b;
}
const LOWEST_MPEG1_RATE = 32_000;
/** What libopus encoders skip at 48 kHz; only used where the source does not tell. */
const OPUS_PRE_SKIP = 312;

/** `mp4a` with `esds` (AAC, MP3) or `Opus` with `dOps`. */
export function audioSampleEntry(track: AudioTrack): Buffer {
  const rate = track.codec === 'opus' ? 48_000 : track.clockRate;
  const fields = [
    zeros(6),
    u16(1), // data_reference_index
    zeros(8),
    u16(track.channels, 16),
    zeros(4),
    u32((rate & 0xffff) * 0x10000),
  ];
  switch (track.codec) {
    case 'aac':
    case 'mp3':
      return box('mp4a', ...fields, elementaryStreamDescriptor(objectType(track.codec, rate), track.config));
    case 'opus':
      return box('Opus', ...fields, opusSpecificBox(track));
    case 'pcmu':
    case 'pcma':
    case 'g722':
    case 'g726':
    case 'l16':
      throw new TypeError(`${track.codec} has no place in fragmented MP4 that browsers play`);
  }
}

/** ISO 14496-1 section 7.2.6; every length here is below 128, so that one byte holds it. */
function elementaryStreamDescriptor(objectType: number, config: Uint8Array | undefined): Buffer {
  const specific = config === undefined ? zeros(0) : Buffer.concat([u8(5, config.byteLength), config]);
  const decoder = Buffer.concat([u8(objectType, 0x15), zeros(3), u32(0, 0), specific]);
  const stream = Buffer.concat([u16(0), u8(0), u8(4, decoder.byteLength), decoder, u8(6, 1, 2)]);
  return fullBox('esds', 0, 0, u8(3, stream.byteLength), stream);
}

/** OpusSpecificBox: the fields of OpusHead (RFC 7845 section 5.1), big-endian and with version 0. */
function opusSpecificBox(track: AudioTrack): Buffer {
  const head = opusHead(track.config);
  if (head === undefined) {
    return box('dOps', u8(0, track.channels), u16(OPUS_PRE_SKIP), u32(48_000), u16(0), u8(0));
  }
  return box(
    'dOps',
    u8(0, head.readUInt8(1)),
    u16(head.readUInt16LE(2)),
    u32(head.readUInt32LE(4)),
    u16(head.readUInt16LE(8)),
    head.subarray(10),
  );
}

/** OpusHead after its magic, which some sources leave out; undefined where there is none. */
function opusHead(config: Uint8Array | undefined): Buffer | undefined {
  if (config === undefined) return undefined;
  const bytes = Buffer.from(config.buffer, config.byteOffset, config.byteLength);
  const head = bytes.subarray(0, 8).equals(text('OpusHead')) ? bytes.subarray(8) : bytes;
  return head.byteLength >= 11 ? head : undefined;
}
