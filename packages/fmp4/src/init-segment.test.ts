import { describe, expect, it } from 'vitest';
import { codecString } from './codec-string.ts';
import { canPackage, initSegment } from './init-segment.ts';
import { AAC_TRACK, findBoxes, H264_TRACK, H265_TRACK, OPUS_TRACK, parseBoxes } from './testing/index.ts';

/** Content of the one sample entry, its fixed fields and boxes. */
function sampleEntry(bytes: Buffer, index = 0): Buffer {
  const entry = findBoxes(parseBoxes(bytes), 'moov/trak/mdia/minf/stbl/stsd')[index]?.body.subarray(8);
  if (entry === undefined) throw new Error('no sample entry');
  return entry;
}

describe('an init segment', () => {
  it('numbers tracks from 1 and keeps each clock as the timescale', () => {
    const boxes = parseBoxes(initSegment([H264_TRACK, AAC_TRACK]));
    expect(boxes.map((one) => one.type)).toEqual(['ftyp', 'moov']);
    expect(findBoxes(boxes, 'moov/trak/tkhd').map((one) => one.body.readUInt32BE(12))).toEqual([1, 2]);
    expect(findBoxes(boxes, 'moov/trak/mdia/mdhd').map((one) => one.body.readUInt32BE(12))).toEqual([
      90_000, 48_000,
    ]);
    expect(findBoxes(boxes, 'moov/mvex/trex').map((one) => one.body.readUInt32BE(4))).toEqual([1, 2]);
  });

  it('writes H.264 as avc1 with profile, level and parameter sets from the SPS', () => {
    const entry = sampleEntry(initSegment([H264_TRACK]));
    expect(entry.toString('latin1', 4, 8)).toBe('avc1');
    expect([entry.readUInt16BE(32), entry.readUInt16BE(34)]).toEqual([1280, 720]);
    const record = entry.subarray(entry.indexOf('avcC') + 4);
    expect(record.subarray(0, 6).toString('hex')).toBe('0164001fffe1');
    expect(record.includes(Buffer.from(H264_TRACK.parameterSets.sps))).toBe(true);
    expect(record.includes(Buffer.from(H264_TRACK.parameterSets.pps))).toBe(true);
    // High profile: 4:2:0, 8 bits.
    expect(record.subarray(-4).toString('hex')).toBe('fdf8f800');
  });

  it('writes H.265 as hvc1, never hev1, with all three parameter sets marked complete', () => {
    const entry = sampleEntry(initSegment([H265_TRACK]));
    expect(entry.toString('latin1', 4, 8)).toBe('hvc1');
    const record = entry.subarray(entry.indexOf('hvcC') + 4);
    // Version, then general profile, compatibility, constraints and level as the SPS has them.
    expect(record.subarray(0, 13).toString('hex')).toBe('0101600000009000000000003f');
    expect(record.readUInt8(21) & 3).toBe(3);
    expect(record.readUInt8(22)).toBe(3);
    expect([record.readUInt8(23), record.readUInt16BE(24)]).toEqual([0x80 | 32, 1]);
  });

  it('writes AAC with its AudioSpecificConfig and Opus with a dOps box', () => {
    const aac = sampleEntry(initSegment([AAC_TRACK]));
    expect(aac.toString('latin1', 4, 8)).toBe('mp4a');
    expect(aac.includes(Buffer.from('05021190', 'hex'))).toBe(true);
    const opus = sampleEntry(initSegment([OPUS_TRACK]));
    expect(opus.toString('latin1', 4, 8)).toBe('Opus');
    expect(opus.subarray(opus.indexOf('dOps') + 4, opus.indexOf('dOps') + 6)).toEqual(Buffer.of(0, 2));
  });

  it('turns the little-endian OpusHead into the big-endian dOps', () => {
    const config = Buffer.from('OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00', 'latin1');
    const opus = sampleEntry(initSegment([{ ...OPUS_TRACK, config }]));
    const box = opus.subarray(opus.indexOf('dOps') + 4);
    expect(box.toString('hex')).toBe('000201380000bb80000000');
  });

  it('takes no codec that browsers do not play from it', () => {
    expect(canPackage({ kind: 'audio', id: 1, codec: 'pcma', clockRate: 8000, channels: 1 })).toBe(false);
    expect(canPackage({ kind: 'audio', id: 1, codec: 'aac', clockRate: 8000, channels: 1 })).toBe(false);
    expect(canPackage(AAC_TRACK)).toBe(true);
    expect(canPackage(H265_TRACK)).toBe(true);
  });
});

describe('a codec string', () => {
  it.each([
    [H264_TRACK, 'avc1.64001F'],
    [H265_TRACK, 'hvc1.1.6.L63.90'],
    [AAC_TRACK, 'mp4a.40.2'],
    [OPUS_TRACK, 'opus'],
  ])('tells players what $codec needs', (track, expected) => {
    expect(codecString(track)).toBe(expected);
  });

  it('tells an escaped AAC object type', () => {
    expect(codecString({ ...AAC_TRACK, config: Uint8Array.of(0xf9, 0x46, 0x40) })).toBe('mp4a.40.42');
  });
});
