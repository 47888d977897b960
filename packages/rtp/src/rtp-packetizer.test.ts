import { splitLengthPrefixed, toLengthPrefixed } from '@vedette/bitstream';
import type { AudioTrack, EncodedFrame, VideoTrack } from '@vedette/media-types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AudioFormat } from './audio-format.ts';
import { AudioReceiver } from './audio-receiver.ts';
import { CommonStart } from './common-start.ts';
import { hex, OTHER_SPS, PPS, Reception, SEI, SPS, slice } from './rtp.fixture.ts';
import { parseRtpPacket, type RtpPacket } from './rtp-packet.ts';
import { RtpPacketizer, rtpClockRate } from './rtp-packetizer.ts';

const PICTURE: VideoTrack = {
  kind: 'video',
  id: 1,
  codec: 'h264',
  clockRate: 90_000,
  parameterSets: { sps: SPS, pps: PPS },
  width: 1280,
  height: 720,
};

function packetizer(
  track: VideoTrack | AudioTrack,
  options: { firstSequence?: number; offset?: number } = {},
) {
  return new RtpPacketizer({
    track,
    payloadType: track.kind === 'video' ? 96 : 97,
    ssrc: 0xdead_beef,
    firstSequence: options.firstSequence ?? 65_530,
    timestampOffset: options.offset ?? 0xffff_ff00,
  });
}

function picture(nals: readonly Uint8Array[], ticks: number, sets = 0): EncodedFrame {
  return {
    trackId: 1,
    kind: 'video',
    dtsTicks: ticks,
    ptsTicks: ticks,
    key: sets > 0,
    data: toLengthPrefixed(nals),
    parameterSetBytes: sets,
    wallClockMs: 0,
  };
}

function sound(data: Uint8Array, ticks: number): EncodedFrame {
  return {
    trackId: 2,
    kind: 'audio',
    dtsTicks: ticks,
    ptsTicks: ticks,
    key: true,
    data,
    parameterSetBytes: 0,
    wallClockMs: 0,
  };
}

function parsed(packets: readonly Uint8Array[]): RtpPacket[] {
  return packets.map((packet) => parseRtpPacket(packet)).filter((packet) => packet !== null);
}

const keyPicture = (bytes: number, ticks = 0) =>
  picture([SPS, PPS, slice('idr', 1, bytes)], ticks, SPS.length + PPS.length + 8);

describe('pictures as packets', () => {
  it('come back as they were, whatever the sizes of their slices', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 1, max: 6000 }), { minLength: 1, maxLength: 4 }), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.integer({ min: 0, max: 0xffff }),
        fc.integer({ min: 0, max: 0xffff_ffff }),
        (pictures, firstSequence, offset) => {
          const out = packetizer(PICTURE, { firstSequence, offset });
          const sent = [keyPicture(3000)].concat(
            pictures.map((sizes, i) =>
              picture(
                sizes.map((size, j) => slice('p', i + j, size, j === 0)),
                (i + 1) * 6000,
              ),
            ),
          );
          const got = new Reception().feed(sent.flatMap((frame) => out.packetize(frame)));
          expect(got.nals).toEqual(sent.map(({ data }) => hex(splitLengthPrefixed(data))));
          const first = got.frames[0]?.ptsTicks ?? 0;
          expect(got.frames.map(({ ptsTicks }) => ptsTicks - first)).toEqual(
            sent.map(({ ptsTicks }) => ptsTicks),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('count on through the turn of sequence and timestamp, and the marker ends each', () => {
    const out = packetizer(PICTURE);
    const packets = parsed([
      ...out.packetize(keyPicture(20_000)),
      ...out.packetize(picture([slice('p', 2)], 6000)),
    ]);
    expect(packets.map(({ sequence }) => sequence)).toEqual(packets.map((_, i) => (65_530 + i) & 0xffff));
    const markers = packets.flatMap(({ marker }, i) => (marker ? [i] : []));
    expect(markers).toEqual([packets.length - 2, packets.length - 1]);
    expect(packets.at(-1)?.timestamp).toBe((0xffff_ff00 + 6000) >>> 0);
    expect(packets.every(({ payload }) => payload.length <= 1400)).toBe(true);
    expect(packets.every(({ ssrc, payloadType }) => ssrc === 0xdead_beef && payloadType === 96)).toBe(true);
  });

  it('carry the marker also where the last NAL unit is an empty one that is not sent', () => {
    const endOfSequence = Uint8Array.of(10);
    const packets = parsed(packetizer(PICTURE).packetize(picture([slice('p', 1), endOfSequence], 0)));
    expect(packets).toHaveLength(1);
    expect(packets[0]?.marker).toBe(true);
  });

  it('with B-frames are stamped by when they are shown', () => {
    const out = packetizer(PICTURE, { offset: 0 });
    const [shown] = parsed(out.packetize({ ...picture([slice('p', 1)], 3000), ptsTicks: 9000 }));
    expect(shown?.timestamp).toBe(9000);
  });

  it('keep further units, and other parameter sets, in their places', () => {
    const out = packetizer(PICTURE);
    const first = picture([OTHER_SPS, PPS, SEI, slice('idr', 4, 5000)], 0, OTHER_SPS.length + PPS.length + 8);
    const got = new Reception().feed(
      [first, picture([slice('p', 5)], 6000)].flatMap((frame) => out.packetize(frame)),
    );
    expect(got.nals[0]).toEqual(hex(splitLengthPrefixed(first.data)));
  });

  it('of H.265 travel in fragments that name their type (RFC 7798 section 4.4.3)', () => {
    const nal = Uint8Array.from({ length: 4000 }, (_, i) => i & 0xff);
    nal.set([19 << 1, 1]);
    const track: VideoTrack = { ...PICTURE, codec: 'h265' };
    const packets = parsed(packetizer(track).packetize(picture([nal], 0)));
    expect(packets.map(({ payload }) => [...payload.subarray(0, 3)])).toEqual([
      [49 << 1, 1, 0x80 | 19],
      [49 << 1, 1, 19],
      [49 << 1, 1, 0x40 | 19],
    ]);
    expect(Buffer.concat(packets.map(({ payload }) => payload.subarray(3)))).toEqual(
      Buffer.from(nal.subarray(2)),
    );
    expect(packets.map(({ marker }) => marker)).toEqual([false, false, true]);
  });

  it('are counted as sender reports count them, without headers', () => {
    const out = packetizer(PICTURE);
    const packets = [...out.packetize(keyPicture(5000))];
    const bytes = packets.reduce((sum, { length }) => sum + length - 12, 0);
    expect(out.sent).toEqual({ packets: packets.length, bytes });
  });
});

interface SoundCase {
  readonly name: string;
  readonly track: AudioTrack;
  readonly format: AudioFormat;
  /** A frame of about so many bytes, and how many samples it holds. */
  readonly frame: (bytes: number, seed: number) => { readonly data: Uint8Array; readonly samples: number };
}

const noise = (length: number, seed: number) =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 17 + (i >> 3)) & 0xff);
const even = (bytes: number, unit: number) => Math.max(unit, bytes - (bytes % unit));

function plain(
  codec: AudioTrack['codec'],
  sampleRate: number,
  channels: number,
  samplesOf: (bytes: number) => number,
  extra: Partial<AudioTrack> = {},
  unit = 1,
): SoundCase {
  const track: AudioTrack = { kind: 'audio', id: 2, codec, clockRate: sampleRate, channels, ...extra };
  return {
    name: `${codec} ${channels}`,
    track,
    format: {
      codec,
      rtpClockRate: rtpClockRate(track),
      sampleRate,
      channels,
      ...(track.samples === undefined ? {} : { samples: track.samples }),
      ...(track.config === undefined ? {} : { config: track.config }),
    },
    frame: (bytes, seed) => {
      const data = noise(even(bytes, unit), seed);
      return { data, samples: samplesOf(data.length) };
    },
  };
}

const g726 = (bits: number, littleEndian: boolean) =>
  plain('g726', 8000, 1, (bytes) => (bytes * 8) / bits, { samples: { bits, littleEndian } }, bits);

const CASES: readonly SoundCase[] = [
  plain('pcmu', 8000, 1, (bytes) => bytes),
  plain('pcma', 16_000, 2, (bytes) => bytes / 2, {}, 2),
  plain('g722', 16_000, 1, (bytes) => bytes * 2),
  g726(4, true),
  g726(5, false),
  g726(3, true),
  plain('l16', 44_100, 2, (bytes) => bytes / 4, { samples: { bits: 16, littleEndian: false } }, 4),
  {
    ...plain('aac', 48_000, 2, () => 1024, { config: Uint8Array.of(0x11, 0x90) }),
    frame: (bytes, seed) => ({ data: noise(bytes, seed), samples: 1024 }),
  },
  {
    ...plain('opus', 48_000, 2, () => 960),
    // One frame of 20 ms, CELT, full band.
    frame: (bytes, seed) => ({
      data: Uint8Array.of(0xfc, ...noise(Math.min(bytes, 1200), seed)),
      samples: 960,
    }),
  },
  {
    ...plain('mp3', 32_000, 2, () => 1152),
    format: { codec: 'mp3', rtpClockRate: 90_000, sampleRate: undefined, channels: 2 },
    // MPEG 1 layer III, 320 kbit/s at 32 kHz: 1440 bytes, which no packet holds; or 160 kbit/s.
    frame: (bytes, seed) => {
      const data = noise(bytes > 1000 ? 1440 : 720, seed);
      data.set([0xff, 0xfb, bytes > 1000 ? 0xe8 : 0xa8, 0]);
      return { data, samples: 1152 };
    },
  },
];

describe.each(CASES)('sound as packets: $name', ({ frame, format, track }) => {
  it('comes back as it was, on the same clock', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 40, max: 4000 }), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 0, max: 0xffff }),
        fc.integer({ min: 0, max: 0xffff_ffff }),
        (sizes, firstSequence, offset) => {
          const out = packetizer(track, { firstSequence, offset });
          const got: EncodedFrame[] = [];
          const receiver = new AudioReceiver({
            trackId: 2,
            format,
            payloadType: 97,
            firstSeconds: 0,
            start: new CommonStart(),
            unordered: false,
            ssrc: 7,
            onTrack: () => undefined,
            onFrame: (received) => got.push(received),
          });
          const sent: EncodedFrame[] = [];
          let samples = 0;
          for (const [i, size] of sizes.entries()) {
            const made = frame(size, i);
            sent.push(sound(made.data, samples));
            samples += made.samples;
          }
          for (const one of sent)
            for (const packet of out.packetize(one)) {
              expect(packet.length).toBeLessThanOrEqual(1412);
              const atMs = 1000 + (one.ptsTicks * 1000) / track.clockRate;
              receiver.packet(packet, atMs, 1_700_000_000_000 + atMs);
            }
          expect(
            Buffer.concat(got.map(({ data }) => data)).equals(Buffer.concat(sent.map(({ data }) => data))),
          ).toBe(true);
          // Where each frame began, a frame begins there again.
          const first = got[0]?.ptsTicks ?? 0;
          const begins = new Set(got.map(({ ptsTicks }) => ptsTicks - first));
          const missing = sent.filter(
            ({ ptsTicks }) => ![-1, 0, 1].some((near) => begins.has(ptsTicks + near)),
          );
          expect(missing.map(({ ptsTicks }) => ptsTicks)).toEqual([]);
          expect(receiver.stats()).toMatchObject({ packetsLost: 0, packetsIgnored: 0, framesDropped: 0 });
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('sound as packets', () => {
  it('of L16 goes out big-endian, whatever it came as', () => {
    const track: AudioTrack = {
      kind: 'audio',
      id: 2,
      codec: 'l16',
      clockRate: 16_000,
      channels: 1,
      samples: { bits: 16, littleEndian: true },
    };
    const [packet] = parsed(packetizer(track).packetize(sound(Uint8Array.of(1, 2, 3, 4), 0)));
    expect(packet?.payload).toEqual(Buffer.from([2, 1, 4, 3]));
  });

  it('of AAC that no packet holds travels in fragments that all tell its size, the marker on the last', () => {
    const track: AudioTrack = { kind: 'audio', id: 2, codec: 'aac', clockRate: 48_000, channels: 6 };
    const packets = parsed(packetizer(track).packetize(sound(noise(4000, 1), 0)));
    expect(packets.map(({ payload }) => ((payload[2] ?? 0) << 5) | ((payload[3] ?? 0) >> 3))).toEqual([
      4000, 4000, 4000,
    ]);
    expect(packets.map(({ marker }) => marker)).toEqual([false, false, true]);
  });
});
