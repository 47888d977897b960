import { describe, expect, it } from 'vitest';
import { figures } from './figures.ts';
import { tileLabel, wallSummary } from './tile-words.ts';

describe('the words of a tile', () => {
  it('give the reason whenever there is no live picture', () => {
    const tile = { slot: 2, name: 'North gate', sentence: 'The camera did not answer in time.' };
    expect(tileLabel({ ...tile, state: 'live' })).toBe('Tile 3, North gate, live');
    expect(tileLabel({ ...tile, state: 'live', heard: true })).toBe('Tile 3, North gate, live, sound on');
    expect(tileLabel({ ...tile, state: 'offline' })).toBe(
      'Tile 3, North gate, offline. The camera did not answer in time.',
    );
    expect(tileLabel({ ...tile, name: undefined, state: 'idle' })).toBe('Tile 3, empty');
  });

  it('name what needs a person first when the wall is summed up', () => {
    const summary = wallSummary(['live', 'offline', 'live', 'reconnecting']);
    expect(summary.map(({ words, count }) => `${count} ${words.word}`)).toEqual([
      '1 Offline',
      '1 Reconnecting',
      '2 Live',
    ]);
  });
});

describe('the figures of a tile', () => {
  const unknown = {
    protocol: 'webrtc',
    profile: 'sub',
    codec: null,
    audioCodec: null,
    width: null,
    height: null,
    framesPerSecond: null,
    bitsPerSecond: null,
    framesDropped: null,
    packetsLost: null,
    jitterMs: null,
    rttMs: null,
    latencyMs: null,
  } as const;

  it('leave out what is not known', () => {
    expect(figures(unknown)).toBe('');
    expect(figures({ ...unknown, bitsPerSecond: 512_000 })).toBe('512 kbit/s');
  });

  it('read size, rate, bit rate and delay', () => {
    expect(
      figures({
        ...unknown,
        width: 320,
        height: 180,
        framesPerSecond: 7.96,
        bitsPerSecond: 96_000,
        latencyMs: 61.4,
      }),
    ).toBe('320×180 · 8 fps · 96 kbit/s · 61 ms behind');
  });

  it('name the sound where it is all there is', () => {
    expect(figures({ ...unknown, audioCodec: 'aac', bitsPerSecond: 128_000 })).toBe('AAC · 128 kbit/s');
    expect(figures({ ...unknown, codec: 'h264', audioCodec: 'opus', bitsPerSecond: 96_000 })).toBe(
      '96 kbit/s',
    );
  });
});
