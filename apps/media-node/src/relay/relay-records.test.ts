import type { EncodedFrame, Track } from '@vedette/media-types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  endRecord,
  frameRecord,
  type RelayedState,
  RelayFormatError,
  RelayReader,
  stateRecord,
  tracksRecord,
} from './relay-records.ts';

type Told = readonly Track[] | EncodedFrame | RelayedState;

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const ticks = fc.maxSafeNat();
const aVideo = fc.record(
  {
    kind: fc.constant('video' as const),
    id: fc.nat(1000),
    codec: fc.constantFrom('h264' as const, 'h265' as const),
    clockRate: fc.constant(90_000),
    parameterSets: fc.record(
      { vps: bytes(40), sps: bytes(80), pps: bytes(20) },
      { requiredKeys: ['sps', 'pps'] },
    ),
    width: fc.nat(8000),
    height: fc.nat(8000),
  },
  { noNullPrototype: true },
);
const anAudio = fc.record(
  {
    kind: fc.constant('audio' as const),
    id: fc.nat(1000),
    codec: fc.constantFrom('opus' as const, 'aac' as const, 'pcmu' as const, 'l16' as const),
    clockRate: fc.constantFrom(8000, 44_100, 48_000),
    channels: fc.integer({ min: 1, max: 8 }),
    config: bytes(10),
    samples: fc.record({ bits: fc.integer({ min: 2, max: 16 }), littleEndian: fc.boolean() }),
  },
  { requiredKeys: ['kind', 'id', 'codec', 'clockRate', 'channels'], noNullPrototype: true },
);
const aFrame = bytes(3000).chain((data) =>
  fc.record({
    trackId: fc.nat(1000),
    kind: fc.constantFrom('video' as const, 'audio' as const),
    dtsTicks: ticks,
    ptsTicks: ticks,
    key: fc.boolean(),
    data: fc.constant(data),
    parameterSetBytes: fc.nat(data.length),
    wallClockMs: fc.double({ min: 0, max: 4e12, noNaN: true }),
  }),
);
const something = fc.oneof(
  fc.array(fc.oneof(aVideo, anAudio), { maxLength: 4 }),
  aFrame,
  fc.constantFrom<RelayedState>(
    { health: 'live', reason: 'live' },
    { health: 'offline', reason: 'camera_unreachable' },
  ),
);

function recordOf(one: Told): Buffer {
  if ('health' in one) return stateRecord(one);
  return 'wallClockMs' in one ? frameRecord(one) : tracksRecord(one);
}

function readAll(): { readonly told: Told[]; readonly reader: RelayReader } {
  const told: Told[] = [];
  const take = (one: Told) => void told.push(one);
  const end = () => void told.push({ health: 'idle', reason: 'stream_dropped' });
  return { told, reader: new RelayReader({ tracks: take, frame: take, state: take, end }) };
}

/** Bytes by their values, whatever class they are of. */
const plain = (told: readonly Told[]) =>
  told.map((one) => ('wallClockMs' in one ? { ...one, data: [...one.data] } : one));

describe('records between nodes', () => {
  it('come out as they went in, however the connection cuts them', () => {
    fc.assert(
      fc.property(
        fc.array(something, { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 20 }),
        (sent: readonly Told[], cuts) => {
          const all = Buffer.concat(sent.map(recordOf));
          const { reader, told } = readAll();
          for (let at = 0, i = 0; at < all.length; i += 1) {
            const length = cuts[i % cuts.length] ?? 1;
            reader.push(all.subarray(at, at + length));
            at += length;
          }
          expect(plain(told)).toEqual(plain(sent));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('refuse what contradicts itself, and never throw anything else', () => {
    fc.assert(
      fc.property(aFrame, bytes(60), fc.nat(60), (frame, noise, at) => {
        const bent = Buffer.from(frameRecord(frame));
        bent.set(noise.subarray(0, Math.max(0, bent.length - at)), Math.min(at, bent.length));
        try {
          readAll().reader.push(bent);
        } catch (error) {
          expect(error).toBeInstanceOf(RelayFormatError);
        }
      }),
    );
    const huge = Buffer.from([2, 0xff, 0xff, 0xff, 0xff]);
    expect(() => readAll().reader.push(huge)).toThrow(RelayFormatError);
    expect(() => readAll().reader.push(Buffer.from([2, 0, 0, 0, 1, 0]))).toThrow(/cut short/);
    expect(() => readAll().reader.push(Buffer.from([1, 0, 0, 0, 1, 0x7b]))).toThrow(/JSON/);
  });

  it('tell the end, and pass over kinds that a newer node may send', () => {
    const { reader, told } = readAll();
    const live: RelayedState = { health: 'live', reason: 'live' };
    reader.push(Buffer.concat([Buffer.from([77, 0, 0, 0, 2, 1, 2]), stateRecord(live), endRecord()]));
    expect(told).toEqual([live, { health: 'idle', reason: 'stream_dropped' }]);
  });
});
