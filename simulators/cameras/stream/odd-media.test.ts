import { describe, expect, it } from 'vitest';
import { packetize } from './h264-packetizer.ts';
import { spoil } from './odd-media.ts';

const template = packetize([Buffer.alloc(5000, 0x41)], false);
const packets = template.offsets.length;
const well = { lossPercent: 0, markers: true, junk: false };

describe('spoiled media', () => {
  it('is what it was when nothing is odd', () => {
    expect(spoil(template, well, () => 0.5)).toEqual({ ...template, bytes: template.bytes });
  });

  it('lacks about as many packets as it was told', () => {
    let n = 0;
    const every = () => (n++ % 4) / 4;
    expect(spoil(template, { ...well, lossPercent: 25 }, every).offsets).toHaveLength(packets - 1);
  });

  it('has no marker', () => {
    const { bytes, offsets } = spoil(template, { ...well, markers: false }, () => 1);
    expect(offsets.map((at) => (bytes[at + 5] ?? 0) & 0x80)).toEqual(offsets.map(() => 0));
  });

  it('has junk between packets that are whole', () => {
    const { bytes, offsets } = spoil(template, { ...well, junk: true }, () => 1);
    expect(bytes.length).toBeGreaterThan(template.bytes.length);
    expect(offsets.every((at) => bytes[at] === 0x24)).toBe(true);
  });
});
