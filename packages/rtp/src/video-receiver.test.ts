import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  AUD,
  aggregate,
  Camera,
  fragments,
  hex,
  OTHER_SPS,
  PPS,
  Reception,
  SEI,
  SPS,
  slice,
} from './rtp.fixture.ts';

const idr = slice('idr', 1);
const p = (n: number) => slice('p', n);

describe('canonical access units', () => {
  test('parameter sets stand once before each key frame, delimiters are gone, lengths are big-endian', () => {
    const camera = new Camera()
      .send([AUD, SPS, PPS, SEI, idr])
      .send([AUD, p(2)])
      .send([aggregate([SPS, PPS]), SPS, ...fragments(slice('idr', 3, 300), 100)]);
    const got = new Reception().feed(camera.packets);
    expect(got.nals).toEqual([hex([SPS, PPS, SEI, idr]), hex([p(2)]), hex([SPS, PPS, slice('idr', 3, 300)])]);
    expect(got.frames.map((f) => f.key)).toEqual([true, false, true]);
    expect(got.frames[0]?.parameterSetBytes).toBe(8 + SPS.length + PPS.length);
    expect(got.frames[1]?.parameterSetBytes).toBe(0);
    expect(got.tracks).toHaveLength(1);
    expect(got.tracks[0]).toMatchObject({ width: 1280, height: 720, codec: 'h264', clockRate: 90_000 });
  });

  test('whatever mix of single units, aggregates and fragments, every frame comes out as it went in', () => {
    const unit = fc.record({
      key: fc.boolean(),
      slices: fc.integer({ min: 1, max: 3 }),
      bytes: fc.integer({ min: 3, max: 600 }),
      how: fc.constantFrom('single', 'aggregate', 'fragments'),
      sei: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(unit, { minLength: 1, maxLength: 12 }), (units) => {
        const camera = new Camera();
        const expected: string[][] = [];
        units.forEach((one, n) => {
          const key = one.key || n === 0;
          const slices = Array.from({ length: one.slices }, (_, i) =>
            slice(key ? 'idr' : 'p', n * 4 + i, one.bytes, i === 0),
          );
          const nals = [...(key ? [SPS, PPS] : []), ...(one.sei ? [SEI] : []), ...slices];
          expected.push(hex(nals));
          if (one.how === 'single') camera.send(nals);
          else if (one.how === 'aggregate') camera.send([aggregate(nals)]);
          else camera.send(nals.flatMap((nal) => (nal.length > 100 ? fragments(nal, 90) : [nal])));
        });
        expect(new Reception().feed(camera.packets).nals).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  test('timestamps wrap unseen and frames keep their distance', () => {
    const camera = new Camera()
      .send([SPS, PPS, idr])
      .send([p(1)])
      .send([p(2)]);
    const { frames } = new Reception().feed(camera.packets);
    expect(frames.map((f) => f.dtsTicks)).toEqual([90_000, 96_000, 102_000]);
    expect(frames.map((f) => f.ptsTicks)).toEqual([90_000, 96_000, 102_000]);
  });
});

describe('where an access unit ends', () => {
  test('a marker on SPS, PPS or SEI means nothing (Tapo, Reolink Duo 2)', () => {
    const camera = new Camera()
      .send([SPS, PPS, SEI, idr], { marker: true })
      .send([SEI, p(1)], { marker: true });
    expect(new Reception().feed(camera.packets).nals).toEqual([hex([SPS, PPS, SEI, idr]), hex([SEI, p(1)])]);
  });

  test('without any marker the next timestamp ends it (FLIR)', () => {
    const camera = new Camera()
      .send([SPS, PPS, idr], { marker: 'never' })
      .send([p(1)], { marker: 'never' })
      .send([p(2)], { marker: 'never' });
    expect(new Reception().feed(camera.packets).nals).toEqual([hex([SPS, PPS, idr]), hex([p(1)])]);
  });

  test('SPS and IDR with different timestamps are one unit', () => {
    const camera = new Camera()
      .send([SPS, PPS])
      .send([idr])
      .send([p(1)]);
    expect(new Reception().feed(camera.packets).nals).toEqual([hex([SPS, PPS, idr]), hex([p(1)])]);
  });

  test('a camera that marks every slice is found out: from then on its slices stay together', () => {
    const first = slice('idr', 1, 40, true);
    const second = slice('idr', 2, 40, false);
    const camera = new Camera();
    for (let n = 0; n < 4; n += 1) camera.send([SPS, PPS, first, second], { marker: true });
    const got = new Reception().feed(camera.packets);
    expect(got.nals.slice(1)).toEqual([hex([SPS, PPS, first, second]), hex([SPS, PPS, first, second])]);
  });
});

describe('what a camera never means', () => {
  test('a slice that is nothing but headers and start codes is no frame, and the next one is a key frame', () => {
    const hollow = Uint8Array.of(0x65, 0, 0, 1, 0x41);
    const camera = new Camera()
      .send([SPS, PPS, idr])
      .send([hollow])
      .send([p(1)])
      .send([idr]);
    const got = new Reception().feed(camera.packets);
    expect(got.nals).toEqual([hex([SPS, PPS, idr]), hex([SPS, PPS, idr])]);
    expect(got.receiver.stats().framesDropped).toBe(2);
  });
});

describe('parameter sets', () => {
  test('those of the SDP are used and told before the first frame', () => {
    const got = new Reception({ parameterSets: [SPS, PPS] });
    got.receiver.start();
    expect(got.tracks).toHaveLength(1);
    got.feed(new Camera().send([idr]).packets);
    expect(got.nals).toEqual([hex([SPS, PPS, idr])]);
    expect(got.tracks).toHaveLength(1);
  });

  test('bad and empty ones of the SDP are ignored (Hikvision, VStarcam), those in the stream count', () => {
    const got = new Reception({ parameterSets: [new Uint8Array(), Uint8Array.of(0x67, 0x42), PPS] });
    got.receiver.start();
    expect(got.tracks).toEqual([]);
    got.feed(new Camera().send([SPS, PPS, idr]).packets);
    expect(got.nals).toEqual([hex([SPS, PPS, idr])]);
  });

  test('a change in the middle is told before its key frame and not earlier', () => {
    const got = new Reception();
    const camera = new Camera().send([SPS, PPS, idr]).send([OTHER_SPS, p(1)]);
    got.feed(camera.packets.splice(0));
    expect(got.tracks.map((t) => t.width)).toEqual([1280]);
    got.feed(camera.send([PPS, idr]).packets);
    expect(got.tracks.map((t) => t.width)).toEqual([1280, 320]);
  });

  test('a key frame before any parameter set is of no use and is dropped', () => {
    const got = new Reception().feed(
      new Camera()
        .send([idr])
        .send([p(1)])
        .send([SPS, PPS, idr]).packets,
    );
    expect(got.nals).toEqual([hex([SPS, PPS, idr])]);
    expect(got.receiver.stats().framesDropped).toBe(2);
  });
});

describe('Annex B where it does not belong', () => {
  const START = Uint8Array.of(0, 0, 0, 1);
  const joined = (nals: Uint8Array[]) => Uint8Array.from(nals.flatMap((nal) => [...START, ...nal]));

  test('a packet that begins with a start code and holds a whole picture is taken apart (V380)', () => {
    const camera = new Camera().send([joined([SPS, PPS, idr])]).send([joined([p(1)])]);
    expect(new Reception().feed(camera.packets).nals).toEqual([hex([SPS, PPS, idr]), hex([p(1)])]);
  });

  test('the same behind an SPS header, in fragments (Amatek)', () => {
    const whole = Uint8Array.from([...SPS, ...joined([PPS, slice('idr', 4, 200)])]);
    const camera = new Camera().send(fragments(whole, 50)).send([p(1)]);
    expect(new Reception().feed(camera.packets).nals).toEqual([
      hex([SPS, PPS, slice('idr', 4, 200)]),
      hex([p(1)]),
    ]);
  });

  test('start codes between slices of one fragmented unit, trailing zeros (Mercury)', () => {
    const first = slice('idr', 5, 300);
    const second = slice('idr', 6, 300, false);
    const whole = Uint8Array.from([...first, 0, 0, 0, 1, ...second, 0, 0]);
    const camera = new Camera().send([SPS, PPS, ...fragments(whole, 100)]).send([p(1)]);
    expect(new Reception().feed(camera.packets).nals[0]).toEqual(hex([SPS, PPS, first, second]));
  });

  test('a unit of 256 to 511 bytes is no start code, though its length looks like one', () => {
    const big = slice('p', 9, 300);
    const camera = new Camera().send([SPS, PPS, idr]).send([SEI, big]);
    expect(new Reception().feed(camera.packets).nals[1]).toEqual(hex([SEI, big]));
  });
});

describe('loss', () => {
  const stream = () => {
    const camera = new Camera();
    for (let n = 0; n < 12; n += 1) {
      if (n % 4 === 0) camera.send([SPS, PPS, ...fragments(slice('idr', n, 200), 60)]);
      else camera.send(fragments(slice('p', n, 150), 60));
    }
    return camera.packets;
  };
  const whole = new Reception().feed(stream());

  test('drops the damaged frame and everything until the next key frame, and counts both', () => {
    const packets = stream();
    packets.splice(7, 1); // a fragment of the first P frame
    const got = new Reception().feed(packets);
    expect(got.nals).toEqual([whole.nals[0], ...whole.nals.slice(4)]);
    expect(got.receiver.stats()).toMatchObject({ packetsLost: 1, framesDropped: 3, frames: 9 });
  });

  test('whatever is lost, repeated or cut, what comes out is whole frames and never one without its past', () => {
    const known = new Map(whole.nals.map((nals, i) => [nals.join(), i]));
    const total = stream().length;
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(total - 1), { maxLength: 10 }), (missing) => {
        const packets = stream().filter((_, i) => !missing.includes(i));
        const got = new Reception().feed(packets);
        let previous = -1;
        for (const [i, nals] of got.nals.entries()) {
          const index = known.get(nals.join());
          expect(index).toBeDefined();
          if (!got.frames[i]?.key) expect(index).toBe(previous + 1);
          previous = index ?? -1;
        }
      }),
      { numRuns: 100 },
    );
  });

  test('over UDP packets in any order within the window come out right, repeated ones once', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(20)), (delays) => {
        const packets = stream().map((packet, i) => ({
          packet,
          at: i + (i === 0 ? 0 : delays.next().value),
        }));
        const [first, ...rest] = packets;
        rest.sort((a, b) => a.at - b.at);
        const order = [first, ...rest.flatMap((one, i) => (i % 5 === 0 ? [one, one] : [one]))];
        const got = new Reception({ unordered: true });
        got.feed(
          order.flatMap((one) => (one ? [one.packet] : [])),
          1,
        );
        expect(got.nals).toEqual(whole.nals);
        expect(got.receiver.stats().packetsLost).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test('over UDP a packet that never comes holds the others back no longer than 150 ms', () => {
    const packets = stream();
    packets.splice(7, 1);
    const got = new Reception({ unordered: true }).feed(packets.slice(0, 10), 20);
    expect(got.receiver.stats().packetsLost).toBe(0);
    got.feed(packets.slice(10, 18), 20);
    expect(got.receiver.stats().packetsLost).toBe(1);
  });

  test('over UDP a gap that comes to light late still drops what needs the lost pictures', () => {
    const camera = new Camera().send([SPS, PPS, idr]);
    for (let n = 1; n < 90; n += 1) camera.send([p(n)]);
    const { packets } = camera;
    // A leap ahead gives up the packets before the window; the window then begins with one that comes in time.
    const first = packets.slice(0, 3);
    const leap = packets[80] ?? new Uint8Array();
    const rest = packets.slice(17, 80);
    const got = new Reception({ unordered: true }).feed([...first, leap, ...rest], 0.1);
    expect(got.receiver.stats().packetsLost).toBe(14);
    expect(got.frames).toHaveLength(1);
  });

  test('a camera that starts its numbering over is followed', () => {
    const got = new Reception();
    const before = new Camera().send([SPS, PPS, idr]);
    const after = new Camera();
    after.sequence = 60_000; // looks old
    after.timestamp = before.timestamp;
    for (let n = 0; n < 90; n += 1) after.send(n % 30 === 0 ? [SPS, PPS, idr] : [p(n)]);
    got.feed(before.packets).feed(after.packets);
    expect(got.frames.length).toBeGreaterThan(20);
  });
});

describe('robustness', () => {
  test('other payload types on the same channel are ignored (Geovision sends 50)', () => {
    const camera = new Camera().send([SPS, PPS, idr]);
    const stray = camera.packets.map((packet) => {
      const copy = Uint8Array.from(packet);
      copy[1] = 50;
      return copy;
    });
    const got = new Reception().feed([...stray, ...camera.packets]);
    expect(got.frames).toHaveLength(1);
    expect(got.receiver.stats().packetsIgnored).toBe(3);
  });

  test('a unit above 8 MB is given up', () => {
    const got = new Reception();
    const camera = new Camera().send([SPS, PPS, idr]);
    const chunk = new Uint8Array(60_000).fill(0x55);
    const pieces = Array.from({ length: 150 }, (_, i) =>
      Uint8Array.of(
        0x7c,
        (i === 0 ? 0x80 : 0) | (i === 149 ? 0x40 : 0) | 1,
        ...(i === 0 ? [0x9a] : []),
        ...chunk,
      ),
    );
    got.feed(
      camera
        .send(pieces)
        .send([p(2)])
        .send([SPS, PPS, idr]).packets,
    );
    expect(got.frames).toHaveLength(2);
    expect(got.receiver.stats().framesDropped).toBe(2);
  });

  test('random bytes never throw, in either codec', () => {
    for (const codec of ['h264', 'h265'] as const) {
      fc.assert(
        fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 30 }), (payloads) => {
          const got = new Reception({ codec });
          got.feed(new Camera().send(payloads).packets);
          got.feed(payloads);
          for (const payload of payloads) got.receiver.rtcp(payload, 1, 1);
        }),
        { numRuns: 100 },
      );
    }
  });

  test('a stream that never sends an IDR is shown from its recovery point after ten seconds', () => {
    const recovery = Uint8Array.of(6, 6, 1, 0x84, 0x80);
    const camera = new Camera();
    for (let n = 0; n < 200; n += 1) camera.send([SPS, PPS, ...(n % 30 === 0 ? [recovery] : []), p(n)]);
    const got = new Reception().feed(camera.packets, 20);
    expect(got.frames.length).toBeGreaterThan(0);
    expect(got.frames[0]?.key).toBe(true);
  });
});

test('H.265: aggregation and fragmentation units become hvc1 access units with all three sets', () => {
  const from = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));
  const vps = from('40010c01ffff016000000300900000030000030078959809');
  const sps = from(
    '420101016000000300900000030000030078a003c08010e596566924cafff0003000468080000003008000000c84',
  );
  const pps = from('4401c172b46264');
  const irap = Uint8Array.of(0x26, 0x01, 0x80, ...new Uint8Array(100).fill(0x42));
  const trail = Uint8Array.of(0x02, 0x01, 0x80, 0x33);
  const ap = Uint8Array.of(
    0x60,
    0x01,
    ...[vps, sps, pps].flatMap((n) => [n.length >> 8, n.length & 255, ...n]),
  );
  const fu = [
    Uint8Array.of(0x62, 0x01, 0x80 | 19, ...irap.subarray(2, 60)),
    Uint8Array.of(0x62, 0x01, 0x40 | 19, ...irap.subarray(60)),
  ];
  const got = new Reception({ codec: 'h265' }).feed(new Camera().send([ap, ...fu]).send([trail]).packets);
  expect(got.tracks[0]).toMatchObject({ codec: 'h265', width: 1920, height: 1080 });
  expect(got.nals).toEqual([hex([vps, sps, pps, irap]), hex([trail])]);
  expect(got.frames[0]?.key).toBe(true);
});
