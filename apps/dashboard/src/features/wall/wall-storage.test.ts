import type { CameraId } from '@vedette/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_WALL, MAX_TILES, wallReducer } from './wall-state.ts';
import { readWall, wallFromQuery, wallQuery, writeWall } from './wall-storage.ts';

const placed = (n: number) => ({ id: `c${n}` as CameraId, name: `Camera ${n}` });
const wall = wallReducer(
  wallReducer({ ...EMPTY_WALL, layout: 4 }, { type: 'assign', camera: placed(1), slot: 0 }),
  { type: 'assign', camera: placed(2), slot: 2 },
);

describe('a kept wall', () => {
  it('comes back as it was written, with the names', () => {
    expect(readWall(writeWall(wall))?.slots).toEqual(wall.slots);
    expect(readWall(writeWall(wall))?.layout).toBe(4);
  });

  it('is undefined when nothing was kept or it cannot be read', () => {
    for (const text of [
      null,
      '',
      '{',
      '[]',
      '{"v":2}',
      '{"v":1,"layout":5,"slots":[]}',
      '{"v":1,"layout":9}',
    ])
      expect(readWall(text)).toBeUndefined();
  });

  it('leaves out what is no camera, and shows none twice', () => {
    const state = readWall(
      JSON.stringify({
        v: 1,
        layout: 9,
        slots: [{ id: '../x' }, { id: 'c1' }, 7, { id: 'c1', name: 'again' }],
      }),
    );
    expect(state?.slots.filter((slot) => slot !== null)).toEqual([{ id: 'c1', name: 'c1' }]);
  });

  it('travels in a link with its gaps', () => {
    expect(wallQuery(wall)).toBe('layout=4&cameras=c1,,c2');
    expect(
      wallFromQuery({ layout: 4, cameras: 'c1,,c2' })
        ?.slots.slice(0, 4)
        .map((slot) => slot?.id),
    ).toEqual(['c1', undefined, 'c2', undefined]);
  });

  it('takes the smallest layout that holds the cameras when the link names none', () => {
    expect(wallFromQuery({ cameras: 'c1,c2,c3,c4,c5' })?.layout).toBe(9);
  });

  it('survives any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(readWall(text)?.slots.length ?? MAX_TILES).toBe(MAX_TILES);
        expect(wallFromQuery({ cameras: text })?.slots).toHaveLength(MAX_TILES);
      }),
    );
  });
});
