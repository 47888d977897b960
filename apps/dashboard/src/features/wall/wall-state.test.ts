import type { CameraId } from '@vedette/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  EMPTY_WALL,
  LAYOUTS,
  MAX_TILES,
  neighbour,
  type PlacedCamera,
  type WallAction,
  type WallState,
  wallReducer,
} from './wall-state.ts';

const camera = (n: number): PlacedCamera => ({ id: `c${n}` as CameraId, name: `Camera ${n}` });
const cameras = (count: number) => Array.from({ length: count }, (_, n) => camera(n));
const ids = (state: WallState) => state.slots.slice(0, state.layout).map((placed) => placed?.id ?? null);
const run = (state: WallState, ...actions: WallAction[]) => actions.reduce(wallReducer, state);
const full = run(EMPTY_WALL, { type: 'fill', cameras: cameras(9) });

describe('the wall', () => {
  it('is filled in the order of the list, and leaves what stands there', () => {
    const state = run(
      EMPTY_WALL,
      { type: 'layout', layout: 4 },
      { type: 'assign', camera: camera(2), slot: 1 },
      { type: 'fill', cameras: cameras(9) },
    );
    expect(ids(state)).toEqual(['c0', 'c2', 'c1', 'c3']);
  });

  it('remembers the tiles of a larger layout while a smaller one is shown', () => {
    const state = run(full, { type: 'layout', layout: 4 }, { type: 'layout', layout: 9 });
    expect(ids(state)).toEqual(ids(full));
  });

  it('puts a chosen camera into the selected tile when that is empty, else into the first empty one', () => {
    const first = run(EMPTY_WALL, { type: 'select', slot: 4 }, { type: 'assign', camera: camera(1) });
    expect(first.slots[4]?.id).toBe('c1');
    expect(run(first, { type: 'assign', camera: camera(2) }).slots[0]?.id).toBe('c2');
  });

  it('replaces the selected tile when none is empty', () => {
    const state = run(full, { type: 'select', slot: 5 }, { type: 'assign', camera: camera(77) });
    expect(state.slots[5]?.id).toBe('c77');
  });

  it('selects a camera that is on the wall already instead of showing it twice', () => {
    const state = run(full, { type: 'assign', camera: camera(6) });
    expect(state.selected).toBe(6);
    expect(ids(state)).toEqual(ids(full));
  });

  it('swaps two tiles when one is dropped on the other', () => {
    const state = run(full, { type: 'move', from: 0, to: 8 });
    expect([state.slots[0]?.id, state.slots[8]?.id, state.selected]).toEqual(['c8', 'c0', 8]);
  });

  it('stops at the edges when the selection moves', () => {
    expect(neighbour(0, 'left', 9)).toBe(0);
    expect(neighbour(2, 'right', 9)).toBe(2);
    expect(neighbour(4, 'down', 9)).toBe(7);
    expect(neighbour(7, 'down', 9)).toBe(7);
    expect(neighbour(5, 'up', 16)).toBe(1);
  });

  it('does not focus an empty tile, nor walk onto one while focused', () => {
    expect(run(EMPTY_WALL, { type: 'focus', slot: 3 }).focused).toBe(false);
    const state = run(full, { type: 'clear', slot: 1 }, { type: 'focus', slot: 0 });
    expect(run(state, { type: 'step', direction: 'right' }).selected).toBe(0);
    expect(run(state, { type: 'step', direction: 'down' })).toMatchObject({ selected: 3, focused: true });
  });

  it('leaves focus when the focused tile is cleared or its camera is deleted', () => {
    const state = run(full, { type: 'focus', slot: 2 });
    expect(run(state, { type: 'clear', slot: 2 }).focused).toBe(false);
    expect(run(state, { type: 'forget', cameraId: camera(2).id }).focused).toBe(false);
    expect(run(state, { type: 'clear', slot: 3 }).focused).toBe(true);
  });

  it('takes new names and is the same object when none has changed', () => {
    expect(run(full, { type: 'names', cameras: cameras(9) })).toBe(full);
    const renamed = run(full, { type: 'names', cameras: [{ id: camera(3).id, name: 'North gate' }] });
    expect(renamed.slots[3]?.name).toBe('North gate');
  });

  it('never shows a camera twice and never selects a tile that is not shown, whatever happens', () => {
    const slot = fc.integer({ min: -1, max: MAX_TILES });
    const direction = fc.constantFrom('left', 'right', 'up', 'down');
    const someCamera = fc.integer({ min: 0, max: 20 }).map(camera);
    const action = fc.oneof(
      fc.record({ type: fc.constant('layout'), layout: fc.constantFrom(...LAYOUTS) }),
      fc.record({ type: fc.constant('assign'), camera: someCamera }),
      fc.record({ type: fc.constant('assign'), camera: someCamera, slot }),
      fc.record({ type: fc.constant('move'), from: slot, to: slot }),
      fc.record({ type: fc.constant('clear'), slot }),
      fc.record({
        type: fc.constant('fill'),
        cameras: fc.uniqueArray(someCamera, { selector: (c) => c.id }),
      }),
      fc.record({ type: fc.constant('select'), slot }),
      fc.record({ type: fc.constant('step'), direction }),
      fc.record({ type: fc.constant('carry'), direction }),
      fc.record({ type: fc.constant('focus'), slot }),
      fc.constant({ type: 'unfocus' }),
      fc.record({ type: fc.constant('forget'), cameraId: someCamera.map(({ id }) => id) }),
    ) as fc.Arbitrary<WallAction>;
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const state = run(EMPTY_WALL, ...actions);
        const placed = state.slots.flatMap((one) => (one === null ? [] : [one.id]));
        expect(new Set(placed).size).toBe(placed.length);
        expect(state.slots).toHaveLength(MAX_TILES);
        expect(state.selected).toBeGreaterThanOrEqual(0);
        expect(state.selected).toBeLessThan(state.layout);
        if (state.focused) expect(state.slots[state.selected]).not.toBeNull();
      }),
    );
  });
});
