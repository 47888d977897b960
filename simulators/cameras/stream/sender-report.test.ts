import { expect, it } from 'vitest';
import { senderReport } from './sender-report.ts';

it('a sender report says which moment an RTP timestamp stands for, and who sends', () => {
  const wallMs = Date.UTC(2026, 10, 20, 12, 0, 0) + 250;
  const bytes = senderReport({ ssrc: 0xcafe, wallMs, timestamp: 90_000, packets: 5, payloadBytes: 999 });
  expect([bytes[0], bytes[1], bytes.readUInt16BE(2)]).toEqual([0x80, 200, 6]);
  expect(bytes.readUInt32BE(4)).toBe(0xcafe);
  const unixMs = (bytes.readUInt32BE(8) - 2_208_988_800) * 1000 + (bytes.readUInt32BE(12) / 2 ** 32) * 1000;
  expect(Math.abs(unixMs - wallMs)).toBeLessThan(0.001);
  expect([16, 20, 24].map((at) => bytes.readUInt32BE(at))).toEqual([90_000, 5, 999]);
  expect(bytes[29]).toBe(202);
  expect(28 + (bytes.readUInt16BE(30) + 1) * 4).toBe(bytes.length);
  expect(bytes.toString('ascii', 38, 38 + (bytes[37] ?? 0))).toBe('vedette-simulator');
});
