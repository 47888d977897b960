import type { AudioTrack, EncodedFrame } from '@vedette/media-types';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AudioFormat } from './audio-format.ts';
import { AudioReceiver, type AudioReceiverOptions, type LeadTrack } from './audio-receiver.ts';
import { CommonStart } from './common-start.ts';
import { buildSenderReport } from './rtcp-build.ts';
import { rtp } from './rtp.fixture.ts';

const PCMU: AudioFormat = { codec: 'pcmu', rtpClockRate: 8000, sampleRate: 8000, channels: 1 };
const AAC: AudioFormat = {
  codec: 'aac',
  rtpClockRate: 16_000,
  sampleRate: 16_000,
  channels: 1,
  config: Uint8Array.of(0x14, 0x08),
  aac: { kind: 'generic', sizeLength: 13, indexLength: 3, indexDeltaLength: 3 },
};
const OPUS: AudioFormat = { codec: 'opus', rtpClockRate: 48_000, sampleRate: 48_000, channels: 2 };
const MP3: AudioFormat = { codec: 'mp3', rtpClockRate: 90_000, sampleRate: undefined, channels: 2 };

class Listening {
  readonly tracks: AudioTrack[] = [];
  readonly frames: EncodedFrame[] = [];
  readonly receiver: AudioReceiver;
  #sequence = 65_530;

  constructor(format: AudioFormat, options: Partial<AudioReceiverOptions> = {}) {
    this.receiver = new AudioReceiver({
      trackId: 2,
      format,
      payloadType: 97,
      firstSeconds: 0,
      start: new CommonStart(),
      unordered: false,
      ssrc: 7,
      onTrack: (track) => this.tracks.push(track),
      onFrame: (frame) => this.frames.push(frame),
      ...options,
    });
  }

  send(timestamp: number, payload: Uint8Array, options: { marker?: boolean; atMs?: number } = {}): this {
    const packet = rtp({
      sequence: this.#sequence++,
      timestamp,
      payload,
      payloadType: 97,
      marker: options.marker ?? false,
    });
    const atMs = options.atMs ?? 1000;
    this.receiver.packet(packet, atMs, 1_700_000_000_000 + atMs);
    return this;
  }

  lose(count: number): this {
    this.#sequence += count;
    return this;
  }

  report(rtpTimestamp: number, wallClockMs: number): void {
    const report = buildSenderReport({
      ssrc: 1,
      cname: 'c',
      wallClockMs,
      rtpTimestamp,
      packets: 0,
      bytes: 0,
    });
    this.receiver.rtcp(report, 2000, 1_700_000_002_000);
  }

  get stamps(): number[] {
    return this.frames.map((frame) => frame.dtsTicks);
  }

  get data(): number[][] {
    return this.frames.map((frame) => [...frame.data]);
  }
}

function aacPacket(units: readonly Uint8Array[], sizes = units.map((unit) => unit.length)): Uint8Array {
  const headers = sizes.flatMap((size) => [size >> 5, (size << 3) & 0xff]);
  return Uint8Array.of(0, sizes.length * 16, ...headers, ...units.flatMap((unit) => [...unit]));
}

function unit(seed: number, length = 20): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (seed * 17 + i) & 0x7f);
}

function lead(senderOffsetMs: number | null, wallOffsetMs: number | null): LeadTrack {
  return { senderOffsetMs: () => senderOffsetMs, wallOffsetMs: () => wallOffsetMs };
}

describe('codecs whose packet is the frame', () => {
  test('the track is told before the first packet, frames are what came', () => {
    const heard = new Listening(PCMU);
    heard.receiver.start();
    expect(heard.tracks).toEqual([{ kind: 'audio', id: 2, codec: 'pcmu', clockRate: 8000, channels: 1 }]);
    heard.send(0xffff_ff60, unit(1, 160)).send(0, unit(2, 160)).send(160, unit(3, 160));
    expect(heard.stamps).toEqual([0, 160, 320]);
    expect(heard.data[2]).toEqual([...unit(3, 160)]);
    expect(heard.frames[0]).toMatchObject({ trackId: 2, kind: 'audio', key: true, parameterSetBytes: 0 });
  });

  test('G.722 counts samples in twos, its track does not', () => {
    const heard = new Listening({ codec: 'g722', rtpClockRate: 8000, sampleRate: 16_000, channels: 1 });
    heard.send(0, unit(1, 160)).send(160, unit(2, 160));
    expect(heard.tracks[0]).toMatchObject({ clockRate: 16_000 });
    expect(heard.stamps).toEqual([0, 320]);
    expect(heard.receiver.endSeconds).toBe(0.04);
  });

  test('L16 and G.726 say how their samples lie', () => {
    const samples = { bits: 16, littleEndian: true };
    const heard = new Listening({ codec: 'l16', rtpClockRate: 8000, sampleRate: 8000, channels: 1, samples });
    heard.send(0, unit(1, 320));
    expect(heard.tracks[0]).toMatchObject({ samples });
    expect(heard.receiver.endSeconds).toBe(0.02);
  });

  test('the length of Opus comes from its packets; empty ones are silence and left out', () => {
    const heard = new Listening(OPUS);
    heard
      .send(0, Uint8Array.of(0x78, 1))
      .send(960, new Uint8Array())
      .send(1920, Uint8Array.of(0x79, 1, 2));
    expect(heard.stamps).toEqual([0, 1920]);
    expect(heard.receiver.endSeconds).toBe((1920 + 1920) / 48_000);
    expect(heard.receiver.stats()).toMatchObject({ frames: 2, packetsIgnored: 1 });
  });
});

describe('AAC', () => {
  test('several access units of a packet are frames of their own', () => {
    const heard = new Listening(AAC);
    heard.send(5000, aacPacket([unit(1), unit(2), unit(3)])).send(5000 + 3 * 1024, aacPacket([unit(4)]));
    expect(heard.stamps).toEqual([0, 1024, 2048, 3072]);
    expect(heard.data).toEqual([1, 2, 3, 4].map((seed) => [...unit(seed)]));
    expect(heard.tracks[0]).toMatchObject({ codec: 'aac', config: AAC.config, clockRate: 16_000 });
  });

  test('one in several packets is put together', () => {
    const whole = unit(5, 90);
    const heard = new Listening(AAC);
    for (const at of [0, 30, 60])
      heard.send(0, aacPacket([whole.subarray(at, at + 30)], [90]), { marker: at === 60 });
    expect(heard.data).toEqual([[...whole]]);
  });

  test('one that lost a part is left out, the next is not', () => {
    const whole = unit(5, 90);
    const heard = new Listening(AAC);
    heard.send(0, aacPacket([whole.subarray(0, 30)], [90]));
    heard.lose(1).send(0, aacPacket([whole.subarray(60)], [90]));
    heard.send(1024, aacPacket([unit(6)]));
    expect(heard.data).toEqual([[...unit(6)]]);
    expect(heard.receiver.stats()).toMatchObject({ packetsLost: 1 });
    expect(heard.receiver.stats().framesDropped).toBeGreaterThan(0);
  });

  test('an ADTS header inside goes, and what it says counts', () => {
    const adts = Uint8Array.of(0xff, 0xf1, 0x50, 0x80, 0x01, 0x7f, 0xfc, 1, 2, 3, 4);
    const heard = new Listening(AAC).send(0, aacPacket([adts]));
    expect(heard.data).toEqual([[1, 2, 3, 4]]);
    expect(heard.tracks.at(-1)).toMatchObject({ clockRate: 44_100, channels: 2 });
  });

  test('LATM comes length by length, until the marker', () => {
    const heard = new Listening({ ...AAC, aac: { kind: 'latm' } });
    const long = unit(1, 300);
    heard.send(0, Uint8Array.of(255, 45, ...long.subarray(0, 200)));
    heard.send(0, long.subarray(200), { marker: true });
    heard.send(1024, Uint8Array.of(2, 8, 9, 1, 7), { marker: true });
    expect(heard.data).toEqual([[...long], [8, 9], [7]]);
    expect(heard.stamps).toEqual([0, 1024, 2048]);
  });
});

describe('MP3', () => {
  const frame = (seed: number) => Uint8Array.of(0xff, 0xfb, 0x90, 0x64, ...unit(seed, 413));

  test('frames tell rate and channels; the clock of RTP is not theirs', () => {
    const heard = new Listening(MP3);
    heard.receiver.start();
    expect(heard.tracks).toEqual([]);
    heard.send(0, Uint8Array.of(0, 0, 0, 0, ...frame(1), ...frame(2)));
    heard.send(4702, Uint8Array.of(0, 0, 0, 0, ...frame(3)));
    expect(heard.tracks).toMatchObject([{ codec: 'mp3', clockRate: 44_100, channels: 2 }]);
    expect(heard.stamps).toEqual([0, 1152, 2304]);
    expect(heard.data[1]).toEqual([...frame(2)]);
  });

  test('a frame in pieces is put together, one without its beginning is not', () => {
    const heard = new Listening(MP3);
    heard.send(0, Uint8Array.of(0, 0, 0, 0, ...frame(1).subarray(0, 200)));
    heard.send(0, Uint8Array.of(0, 0, 0, 200, ...frame(1).subarray(200)));
    heard.send(2351, Uint8Array.of(0, 0, 0, 200, ...frame(2).subarray(200)));
    expect(heard.data).toEqual([[...frame(1)]]);
  });
});

describe('the time line of sound', () => {
  test('goes on where the run stands, as much later as it arrived, less what it lasts', () => {
    const start = new CommonStart();
    start.heard(1000);
    const heard = new Listening(PCMU, { firstSeconds: 10, start });
    heard.send(77, unit(1, 160), { atMs: 1250 });
    expect(heard.stamps).toEqual([80_000 + 2000 - 160]);
  });

  test('a stamp that stands still costs no sound, and time goes on', () => {
    const heard = new Listening(PCMU);
    for (let n = 0; n < 4; n += 1) heard.send(500, unit(n, 160));
    expect(heard.stamps).toEqual([0, 160, 320, 480]);
    expect(heard.receiver.stats().framesRestamped).toBe(3);
  });

  test('moves to its picture once both have reports that agree', () => {
    const heard = new Listening(PCMU, { lead: lead(5_000_000, null) });
    heard.send(0, unit(0, 160));
    heard.report(160, 5_000_320);
    heard.send(160, unit(1, 160));
    expect(heard.stamps).toEqual([0, 160]);
    heard.report(320, 5_000_340);
    heard.send(320, unit(2, 160));
    expect(heard.stamps).toEqual([0, 160, 320 + 2400]);
  });

  test('moves back by leaving out what was heard already, never by going back', () => {
    const heard = new Listening(PCMU, { lead: lead(5_000_000, null) });
    heard.send(0, unit(0, 160));
    heard.report(0, 4_999_900);
    heard.report(160, 4_999_920);
    for (let n = 1; n < 8; n += 1) heard.send(n * 160, unit(n, 160));
    expect(heard.stamps).toEqual([0, 160, 320]);
    expect(heard.receiver.stats().framesDropped).toBe(5);
  });

  test('has the wall clock of the picture at the same place of the time line', () => {
    const heard = new Listening(PCMU, { lead: lead(null, 5_000_000) });
    heard.send(0, unit(0, 160)).send(160, unit(1, 160), { atMs: 4000 });
    expect(heard.frames.map((frame) => frame.wallClockMs)).toEqual([5_000_000, 5_000_020]);
  });

  test('reports of another clock move nothing', () => {
    const heard = new Listening(PCMU, { lead: lead(5_000_000, null) });
    heard.send(0, unit(0, 160));
    heard.report(0, 9_000_000);
    heard.report(160, 9_000_020);
    heard.send(160, unit(1, 160));
    expect(heard.stamps).toEqual([0, 160]);
  });
});

test('whatever bytes come, nothing throws and no time goes back', () => {
  const formats = [
    PCMU,
    AAC,
    { ...AAC, aac: { kind: 'latm' } } satisfies AudioFormat,
    OPUS,
    MP3,
    { ...MP3, codec: 'g722', sampleRate: 16_000 } satisfies AudioFormat,
  ];
  const packet = fc.record({
    payload: fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.constant(aacPacket([unit(1), unit(2)]))),
    timestamp: fc.oneof(fc.integer({ min: 0, max: 50_000 }), fc.integer({ min: 0, max: 2 ** 32 - 1 })),
    marker: fc.boolean(),
    lost: fc.integer({ min: 0, max: 2 }),
  });
  fc.assert(
    fc.property(fc.constantFrom(...formats), fc.array(packet, { maxLength: 30 }), (format, packets) => {
      const heard = new Listening(format);
      for (const one of packets) heard.lose(one.lost).send(one.timestamp, one.payload, one);
      let last = -1;
      for (const { dtsTicks, data } of heard.frames) {
        expect(dtsTicks).toBeGreaterThan(last);
        expect(data.length).toBeGreaterThan(0);
        last = dtsTicks;
      }
    }),
    { numRuns: 300 },
  );
});
