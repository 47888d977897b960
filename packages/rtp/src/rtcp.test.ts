import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildReceiverReport, buildSenderReport } from './rtcp-build.ts';
import { parseRtcp } from './rtcp-packet.ts';
import { Camera, PPS, Reception, SPS, slice } from './rtp.fixture.ts';
import { parseRtpPacket } from './rtp-packet.ts';

describe('RTP header', () => {
  test('contributing sources, extension and padding are left out of the payload', () => {
    const packet = Uint8Array.of(
      ...[0xb2, 0xe0, 0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 2], // V2 P X CC=2, marker, PT 96
      ...[0, 0, 0, 3, 0, 0, 0, 4],
      ...[0xbe, 0xde, 0, 1, 9, 9, 9, 9],
      ...[7, 8, 9, 0, 0, 3],
    );
    expect(parseRtpPacket(packet)).toMatchObject({
      marker: true,
      payloadType: 96,
      sequence: 0x1234,
      timestamp: 1,
      ssrc: 2,
    });
    expect([...(parseRtpPacket(packet)?.payload ?? [])]).toEqual([7, 8, 9]);
  });

  test('what is too short, of another version or does not add up is refused', () => {
    const good = new Camera().send([SPS]).packets[0] ?? new Uint8Array();
    expect(parseRtpPacket(good.subarray(0, 11))).toBeNull();
    expect(parseRtpPacket(Uint8Array.of(0x40, ...good.subarray(1)))).toBeNull();
    expect(parseRtpPacket(Uint8Array.of(0x8f, ...good.subarray(1, 20)))).toBeNull();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void parseRtpPacket(bytes)));
  });
});

describe('RTCP', () => {
  test('a sender report with its CNAME is read as it was written', () => {
    const bytes = buildSenderReport({
      ssrc: 0xdead_beef,
      cname: 'vedette',
      wallClockMs: 1_700_000_000_250,
      rtpTimestamp: 0xffff_fff0,
      packets: 5,
      bytes: 600,
    });
    expect(bytes.length % 4).toBe(0);
    const [report, description] = parseRtcp(bytes);
    expect(report).toMatchObject({
      kind: 'sender-report',
      ssrc: 0xdead_beef,
      rtpTimestamp: 0xffff_fff0,
      packets: 5,
      bytes: 600,
      reports: [],
    });
    expect(report?.kind === 'sender-report' && report.wallClockMs).toBeCloseTo(1_700_000_000_250, 0);
    expect(description).toEqual({ kind: 'source-description', ssrc: 0xdead_beef, cname: 'vedette' });
  });

  test('receiver reports survive the round trip', () => {
    const block = fc.record({
      ssrc: fc.nat(2 ** 32 - 1),
      fractionLost: fc.nat(255).map((n) => n / 256),
      packetsLost: fc.integer({ min: -8_388_608, max: 8_388_607 }),
      highestSequence: fc.nat(2 ** 32 - 1),
      jitter: fc.nat(2 ** 32 - 1),
      lastSenderReport: fc.nat(2 ** 32 - 1),
      delaySinceLastSenderReport: fc.nat(2 ** 32 - 1),
    });
    fc.assert(
      fc.property(fc.array(block, { maxLength: 31 }), fc.string({ maxLength: 80 }), (blocks, cname) => {
        const [report] = parseRtcp(buildReceiverReport({ ssrc: 9, cname, blocks }));
        expect(report).toEqual({ kind: 'receiver-report', ssrc: 9, reports: blocks });
      }),
    );
  });

  test('PLI, FIR and generic NACK of a browser are told apart', () => {
    const compound = Uint8Array.of(
      ...[0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 5],
      ...[0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 5, 3, 0, 0, 0],
      ...[0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 5, 0xff, 0xfe, 0, 0b101],
      ...[0x81, 203, 0, 1, 0, 0, 0, 5],
    );
    expect(parseRtcp(compound)).toEqual([
      { kind: 'picture-loss', mediaSsrc: 5 },
      { kind: 'full-intra-request', mediaSsrc: 5, sequence: 3 },
      { kind: 'nack', mediaSsrc: 5, sequences: [0xfffe, 0xffff, 1] },
      { kind: 'bye', ssrcs: [5] },
    ]);
  });

  test('garbage never throws', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(200, 201, 202, 203, 205, 206),
        fc.uint8Array({ maxLength: 50 }),
        (type, bytes) => {
          parseRtcp(Uint8Array.of(0x81, type, 0, Math.floor(bytes.length / 4), ...bytes));
          parseRtcp(bytes);
        },
      ),
    );
  });

  test('our receiver report tells loss and echoes the sender report', () => {
    const got = new Reception();
    expect(got.receiver.receiverReport(0)).toBeNull();
    const camera = new Camera().send([SPS, PPS, slice('idr', 1)]).send([slice('p', 2)]);
    got.feed(camera.packets.filter((_, i) => i !== 1));
    got.receiver.rtcp(
      buildSenderReport({
        ssrc: 0x1234,
        cname: 'cam',
        wallClockMs: 1000,
        rtpTimestamp: 1,
        packets: 1,
        bytes: 1,
      }),
      2000,
      1000,
    );
    const [report] = parseRtcp(got.receiver.receiverReport(3000) ?? new Uint8Array());
    const block = report?.kind === 'receiver-report' ? report.reports[0] : undefined;
    expect(block).toMatchObject({
      ssrc: 0x1234,
      fractionLost: 0.25,
      packetsLost: 1,
      highestSequence: 65_503,
    });
    expect(block?.delaySinceLastSenderReport).toBe(65_536);
    expect(block?.lastSenderReport).toBeGreaterThan(0);
  });
});
