import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AudioFrameReader, type RadioFrame } from './audio-frame-reader.ts';
import { IcySplitter } from './icy-metadata.ts';

/** MPEG-1 layer III, 44.1 kHz stereo, of one of the given bitrates: a VBR stream. */
function mp3Frame(bitrateIndex: number, padded: boolean, seed: number): Uint8Array {
  const kbits = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320][bitrateIndex] ?? 128;
  const frame = new Uint8Array(Math.floor((144_000 * kbits) / 44_100) + (padded ? 1 : 0));
  // Never a byte of ones: real frames hold no sync word either, as far as a reader can hope.
  frame.forEach((_, i) => {
    frame[i] = (seed * 31 + i * 7) % 251;
  });
  frame.set([0xff, 0xfb, (bitrateIndex << 4) | (padded ? 2 : 0), 0x44]);
  return frame;
}

function adtsFrame(payload: number, seed: number): Uint8Array {
  const length = payload + 7;
  const frame = new Uint8Array(length).map((_, i) => (seed * 13 + i * 5) % 251);
  frame.set([
    0xff,
    0xf1,
    0x50,
    0x80 | (length >> 11),
    (length >> 3) & 0xff,
    ((length & 7) << 5) | 0x1f,
    0xfc,
  ]);
  return frame;
}

function read(chunks: readonly Uint8Array[]): RadioFrame[] {
  const frames: RadioFrame[] = [];
  const reader = new AudioFrameReader((frame) => frames.push(frame));
  for (const chunk of chunks) reader.push(chunk);
  return frames;
}

/** Cut at the given places, in any order. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, i) => bytes.subarray(from, at[i] ?? bytes.length));
}

const places = fc.array(fc.nat(), { maxLength: 20 });
const vbr = fc
  .array(fc.record({ rate: fc.integer({ min: 1, max: 14 }), padded: fc.boolean() }), {
    minLength: 3,
    maxLength: 12,
  })
  .map((frames) => frames.map(({ rate, padded }, i) => mp3Frame(rate, padded, i + 1)));
const aac = fc
  .array(fc.integer({ min: 1, max: 700 }), { minLength: 3, maxLength: 12 })
  .map((sizes) => sizes.map((size, i) => adtsFrame(size, i + 1)));

test('MP3 of a changing bitrate is found frame by frame, wherever the network cuts it', () => {
  fc.assert(
    fc.property(vbr, places, (frames, at) => {
      const found = read(cut(Buffer.concat(frames), at));
      // What a following frame would have to confirm has nothing behind it.
      expect(found.map(({ data }) => Buffer.from(data).toString('hex'))).toEqual(
        frames.slice(0, found.length).map((frame) => Buffer.from(frame).toString('hex')),
      );
      expect(found.length).toBeGreaterThanOrEqual(frames.length - 1);
      expect(found.every((frame) => frame.samples === 1152 && frame.sampleRate === 44_100)).toBe(true);
    }),
  );
});

test('AAC is found frame by frame without its headers, wherever the network cuts it', () => {
  fc.assert(
    fc.property(aac, places, (frames, at) => {
      const found = read(cut(Buffer.concat([...frames, new Uint8Array(9)]), at));
      expect(found.map(({ data }) => Buffer.from(data).toString('hex'))).toEqual(
        frames.slice(0, found.length).map((frame) => Buffer.from(frame.subarray(7)).toString('hex')),
      );
      expect(found.length).toBeGreaterThanOrEqual(frames.length - 1);
    }),
  );
});

test('junk and tags before and between the frames are passed over, and sound is found again', () => {
  const junk = fc
    .uint8Array({ maxLength: 400 })
    .map((bytes) => bytes.map((byte) => (byte === 0xff ? 0xfe : byte)));
  const tag = fc
    .uint8Array({ maxLength: 300 })
    .map((body) =>
      Buffer.concat([
        Buffer.from('ID3\x04\0\0\0\0'),
        Buffer.from([body.length >> 7, body.length & 0x7f]),
        body,
      ]),
    );
  fc.assert(
    fc.property(junk, tag, vbr, junk, vbr, places, (before, id3, first, between, second, at) => {
      const bytes = Buffer.concat([before, id3, ...first, between, ...second, new Uint8Array(9)]);
      const found = new Set(read(cut(bytes, at)).map(({ data }) => Buffer.from(data).toString('hex')));
      for (const frame of first.slice(0, -2)) expect(found).toContain(Buffer.from(frame).toString('hex'));
      for (const frame of second) expect(found).toContain(Buffer.from(frame).toString('hex'));
    }),
  );
});

test('any bytes at all are survived, and nothing grows', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 20 }), (chunks) => {
      const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      const found = read(chunks).reduce((sum, frame) => sum + frame.data.length, 0);
      expect(found).toBeLessThanOrEqual(bytes);
    }),
  );
});

test('metadata is taken out and sound left whole, wherever the network cuts them', () => {
  const block = fc.string({ maxLength: 200 }).map((text) => Buffer.from(text.replaceAll('\0', ' ')));
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.array(block, { maxLength: 8 }),
      places,
      (interval, blocks, at) => {
        const sound = new Uint8Array(interval * blocks.length).map((_, i) => i % 256);
        const body = Buffer.concat(
          blocks.flatMap((text, i) => {
            const units = Math.ceil(text.length / 16);
            const padded = Buffer.alloc(1 + units * 16);
            padded[0] = units;
            padded.set(text, 1);
            return [sound.subarray(i * interval, (i + 1) * interval), padded];
          }),
        );
        const heard: Uint8Array[] = [];
        const told: string[] = [];
        const splitter = new IcySplitter({
          interval,
          onSound: (bytes) => heard.push(bytes.slice()),
          onMetadata: (bytes) => told.push(Buffer.from(bytes).toString()),
        });
        for (const chunk of cut(body, at)) splitter.push(chunk);
        expect(Buffer.concat(heard).equals(sound)).toBe(true);
        expect(told).toEqual(blocks.filter((text) => text.length > 0).map((text) => text.toString()));
      },
    ),
  );
});
