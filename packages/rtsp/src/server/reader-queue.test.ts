import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { framePackets } from './frame-packets.ts';
import { ReaderQueue } from './reader-queue.ts';
import type { PacketBatch } from './rtsp-handler.ts';

const [VIDEO, AUDIO] = [0, 1];
const batch = (media: number, key: boolean, bytes = 100) =>
  framePackets(media, [Buffer.alloc(bytes - 4)], key);

/** A way out that takes one batch whenever it is told to, or all while it is `open`. */
function reader(maxBytes: number) {
  const sent: PacketBatch[] = [];
  const way = { open: true };
  const queue = new ReaderQueue({
    maxBytes,
    send: (one) => {
      sent.push(one);
      return way.open;
    },
  });
  return { queue, sent, way };
}

describe('what waits for a reader', () => {
  it('begins at a key frame of each section', () => {
    const { queue, sent } = reader(1000);
    queue.push(batch(VIDEO, false));
    queue.push(batch(AUDIO, true));
    // Sound is always a beginning, of sound alone.
    queue.push(batch(VIDEO, false));
    queue.push(batch(VIDEO, true));
    queue.push(batch(VIDEO, false));
    expect(queue.stats()).toEqual({ bytesSent: 300, framesSent: 3, framesDropped: 2 });
    expect(sent.map(({ media, key }) => [media, key])).toEqual([
      [AUDIO, true],
      [VIDEO, true],
      [VIDEO, false],
    ]);
  });

  it('goes out in order once the way takes more', () => {
    const { queue, sent, way } = reader(10_000);
    way.open = false;
    const batches = [batch(VIDEO, true), batch(VIDEO, false), batch(AUDIO, true), batch(VIDEO, false)];
    for (const one of batches) queue.push(one);
    expect(sent).toEqual(batches.slice(0, 1));
    expect(queue.waitingBytes).toBe(300);
    queue.ready();
    expect(sent).toEqual(batches.slice(0, 2));
    way.open = true;
    queue.ready();
    expect(sent).toEqual(batches);
    expect(queue.waitingBytes).toBe(0);
  });

  it('is forgotten when it is too much, and the picture goes on at a key frame, also where sound comes first', () => {
    const { queue, sent, way } = reader(250);
    way.open = false;
    queue.push(batch(VIDEO, true));
    for (let i = 0; i < 3; i += 1) queue.push(batch(VIDEO, false));
    expect(queue.waitingBytes).toBe(0);
    way.open = true;
    queue.ready();
    queue.push(batch(AUDIO, true));
    queue.push(batch(VIDEO, false));
    queue.push(batch(VIDEO, true));
    // What waited in vain counts as dropped, not as sent.
    expect(queue.stats()).toEqual({ bytesSent: 300, framesSent: 3, framesDropped: 4 });
    expect(sent.map(({ media, key }) => [media, key])).toEqual([
      [VIDEO, true],
      [AUDIO, true],
      [VIDEO, true],
    ]);
  });

  it('never holds more than its bound beside one frame, nor sends a frame without those it needs', () => {
    const step = fc.oneof(
      fc.record({
        media: fc.constantFrom(VIDEO, AUDIO),
        key: fc.boolean(),
        bytes: fc.integer({ min: 10, max: 400 }),
      }),
      fc.constantFrom('open' as const, 'shut' as const),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { queue, sent, way } = reader(1000);
        const given: PacketBatch[] = [];
        for (const one of steps) {
          if (one === 'shut') way.open = false;
          else if (one === 'open') {
            way.open = true;
            queue.ready();
          } else {
            const made = batch(one.media, one.media === AUDIO || one.key, one.bytes);
            given.push(made);
            queue.push(made);
          }
          expect(queue.waitingBytes).toBeLessThanOrEqual(1000);
        }
        const places = sent.map((one) => given.indexOf(one));
        expect(places).toEqual([...places].sort((a, b) => a - b));
        const pictures = given.filter(({ media }) => media === VIDEO);
        const { framesDropped, framesSent } = queue.stats();
        expect(framesSent).toBe(sent.length);
        if (queue.waitingBytes === 0) expect(framesSent + framesDropped).toBe(given.length);
        let last = -2;
        for (const one of sent.filter(({ media }) => media === VIDEO)) {
          const place = pictures.indexOf(one);
          expect(one.key || place === last + 1).toBe(true);
          last = place;
        }
      }),
    );
  });
});
