import { execPath } from 'node:process';
import { describe, expect, it } from 'vitest';
import { readInterleaved, readNals } from '../../testing/depacketize.ts';
import { loadScenes, SCENES } from '../scenes.ts';
import { splitAnnexB } from './annex-b.ts';
import { loadClip, parseClip } from './clip.ts';

const scenes = await loadScenes(SCENES.length);

describe('the committed clips', () => {
  it.each(scenes)(
    '$name: main is 240 pictures of 720p with a key frame every 2 s, sub 128 of 180p every 4 s',
    ({ clips }) => {
      const { main, sub } = clips;
      expect([main.pictures.length, main.facts.width, main.facts.height]).toEqual([240, 1280, 720]);
      expect(main.keyIndexes).toEqual([0, 30, 60, 90, 120, 150, 180, 210]);
      expect(['Main', 'High']).toContain(main.facts.profile);
      expect([sub.pictures.length, sub.facts.width, sub.facts.height]).toEqual([128, 320, 180]);
      expect(sub.keyIndexes).toEqual([0, 32, 64, 96]);
      // Constrained Baseline: profile_idc 66 with constraint_set1
      expect(sub.facts.profileLevelId.slice(0, 2)).toBe('42');
      expect(Number.parseInt(sub.facts.profileLevelId.slice(2, 4), 16) & 0x40).toBe(0x40);
      expect(main.kilobits).toBeLessThan(500);
      expect(sub.kilobits).toBeLessThan(100);
    },
  );

  it('carry their parameter sets before every key frame', () => {
    for (const { clips } of scenes) {
      for (const picture of [...clips.main.pictures, ...clips.sub.pictures]) {
        const types = readNals(readInterleaved(picture.bytes).map(({ packet }) => packet)).map(
          (nal) => (nal[0] ?? 0) & 31,
        );
        if (picture.key) expect(types.slice(0, 3)).toEqual([7, 8, 5]);
        else expect(new Set(types)).toEqual(new Set([1]));
      }
    }
  });
});

describe('loadClip', () => {
  it('names the file when it is no H.264', async () => {
    await expect(loadClip(import.meta.filename, 15)).rejects.toThrow(/clip\.test\.ts cannot be played/);
    await expect(loadClip(`${execPath}-missing`, 15)).rejects.toThrow();
  });

  it('refuses what does not begin with a key frame, or has B-frames', () => {
    const start = Buffer.of(0, 0, 0, 1);
    const fmtp = scenes[0]?.clips.main.sdp.find((line) => line.includes('sprop-parameter-sets=')) ?? '';
    const [sps = Buffer.alloc(0), pps = Buffer.alloc(0)] = (fmtp.split('sprop-parameter-sets=')[1] ?? '')
      .split(',')
      .map((text) => Buffer.from(text, 'base64'));
    const join = (...nals: Buffer[]) => Buffer.concat(nals.flatMap((nal) => [start, nal]));
    // first_mb_in_slice 0 is one bit '1'; slice_type 5 (P) is 00110, 6 (B) is 00111
    const p = Buffer.of(0x41, 0b1001_1000, 0x80);
    const b = Buffer.of(0x01, 0b1001_1100, 0x80);
    expect(() => parseClip(join(sps, pps, p), 15)).toThrow('key frame');
    expect(() => parseClip(join(sps, pps, b), 15)).toThrow('B-frames');
    expect(() => parseClip(join(p), 15)).toThrow('parameter sets');
  });
});

describe('splitAnnexB', () => {
  it('takes three- and four-byte start codes and leaves trailing zeros out', () => {
    const stream = Buffer.of(0, 0, 0, 1, 0x67, 1, 0, 0, 1, 0x68, 2, 0, 0, 0, 0, 1, 0x65, 3, 0, 0);
    expect(splitAnnexB(stream)).toEqual([Buffer.of(0x67, 1), Buffer.of(0x68, 2), Buffer.of(0x65, 3)]);
    expect(splitAnnexB(Buffer.alloc(10))).toEqual([]);
    expect(splitAnnexB(Buffer.alloc(0))).toEqual([]);
  });
});
