import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readInterleaved, readNals } from '../../testing/depacketize.ts';
import { packetize } from './h264-packetizer.ts';
import { MAX_PACKET, stampPackets } from './packet-template.ts';

const nal = fc
  .tuple(fc.constantFrom(0x67, 0x68, 0x65, 0x61, 0x41), fc.uint8Array({ minLength: 1, maxLength: 5000 }))
  .map(([header, body]) => Buffer.from([header, ...body]));

describe('packetize', () => {
  it('gives back the same NAL units, in packets of at most 1400 bytes, only the last of them marked', () => {
    fc.assert(
      fc.property(fc.array(nal, { minLength: 1, maxLength: 5 }), fc.nat(65535), (nals, sequence) => {
        const template = packetize(nals, true);
        const bytes = stampPackets(template, { sequence, timestamp: 123_456, ssrc: 0xdeadbeef });
        const packets = readInterleaved(bytes).map(({ packet }) => packet);
        expect(readNals(packets)).toEqual(nals);
        expect(packets.map(({ sequence: s }) => s)).toEqual(packets.map((_, i) => (sequence + i) & 0xffff));
        expect(packets.map(({ marker }) => marker)).toEqual(packets.map((_, i) => i === packets.length - 1));
        for (const { payload, timestamp, ssrc, payloadType } of packets) {
          expect(payload.length + 12).toBeLessThanOrEqual(MAX_PACKET);
          expect({ timestamp, ssrc, payloadType }).toEqual({
            timestamp: 123_456,
            ssrc: 0xdeadbeef,
            payloadType: 96,
          });
        }
        expect(template.payloadBytes).toBe(packets.reduce((sum, { payload }) => sum + payload.length, 0));
      }),
      { numRuns: 50 },
    );
  });

  it('leaves the template as it was, so that every camera may stamp it', () => {
    const template = packetize([Buffer.from([0x65, 1, 2, 3])], true);
    const before = Buffer.from(template.bytes);
    stampPackets(template, { sequence: 7, timestamp: 8, ssrc: 9 });
    expect(template.bytes).toEqual(before);
  });
});
