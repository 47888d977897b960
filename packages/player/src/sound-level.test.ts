import { describe, expect, it } from 'vitest';
import { LevelRow, loudness } from './sound-level.ts';

const tone = (amplitude: number) =>
  Float32Array.from({ length: 2048 }, (_, i) => amplitude * Math.sin((2 * Math.PI * i) / 64));

describe('loudness', () => {
  it('is nothing in silence and in what nobody hears, and never more than all', () => {
    expect(loudness(new Float32Array(2048))).toBe(0);
    expect(loudness(tone(0.001))).toBe(0);
    expect(loudness(new Float32Array(2048).fill(1))).toBe(1);
    expect(loudness([])).toBe(0);
  });

  it('rises evenly to the ear: twice the amplitude is the same step everywhere', () => {
    const [quiet, twice, four] = [loudness(tone(0.02)), loudness(tone(0.04)), loudness(tone(0.08))];
    expect(twice - quiet).toBeCloseTo(four - twice, 5);
    expect(quiet).toBeGreaterThan(0.1);
  });
});

describe('the row of levels', () => {
  const row = () => new LevelRow({ bars: 4, msPerBar: 50 });
  const levels = (one: LevelRow) => Array.from({ length: one.length }, (_, age) => one.at(age));

  it('keeps the loudest moment of each bar, newest first', () => {
    const one = row();
    for (const [level, ms] of [
      [0.2, 0],
      [0.9, 20],
      [0.3, 40],
      [0.95, 50],
      [1, 101],
    ] as const)
      one.push(level, ms);
    expect(
      levels(one)
        .slice(0, 2)
        .map((level) => Math.round(level * 100)),
    ).toEqual([95, 90]);
    expect(one.progress(126)).toBeCloseTo(0.52);
  });

  it('falls slower than it rises, and comes to rest at nothing', () => {
    const one = row();
    one.push(1, 0);
    one.push(0, 50);
    one.push(0, 100);
    expect(one.at(0)).toBeCloseTo(0.72);
    for (let ms = 150; ms < 2000; ms += 50) one.push(0, ms);
    expect(levels(one)).toEqual([0, 0, 0, 0]);
  });

  it('takes a long pause in its stride, and keeps the newest when it is made narrower', () => {
    const one = row();
    one.push(1, 0);
    one.push(0.5, 3_600_000);
    expect(one.progress(3_600_000)).toBe(0);
    one.push(0, 3_600_050);
    one.resize(2);
    expect(one.length).toBe(2);
    expect(one.at(0)).toBeCloseTo(0.5);
    one.resize(6);
    expect(one.at(0)).toBeCloseTo(0.5);
    expect(one.at(5)).toBe(0);
  });
});
