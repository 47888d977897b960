import type { CameraId } from '@vedette/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Dragged, readDragged, writeDragged } from './dragged.ts';

const passed = (dragged: Dragged) => {
  const carried = new Map<string, string>();
  writeDragged({ setData: (type, data) => void carried.set(type, data) }, dragged);
  return readDragged({ getData: (type) => carried.get(type) ?? '' });
};

describe('what is dragged', () => {
  it('arrives as it was picked up', () => {
    const camera = { id: 'c1' as CameraId, name: 'North gate' };
    expect(passed({ kind: 'camera', camera })).toEqual({ kind: 'camera', camera });
    expect(passed({ kind: 'tile', slot: 3 })).toEqual({ kind: 'tile', slot: 3 });
  });

  it('is nothing when it is not ours', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(readDragged({ getData: () => text })).toBeUndefined();
      }),
    );
  });
});
