import { CameraId, GroupId, SiteId } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { pickable } from './pickable-scopes.ts';

const of = {
  typed: '',
  sites: [{ id: SiteId.parse('s1'), name: 'Harbour', cameras: 1 }],
  groups: [{ id: GroupId.parse('g1'), name: 'Gates', cameras: 3 }],
  cameras: [{ id: CameraId.parse('c1'), name: 'Harbour gate' }],
  given: [],
};
const names = (list: ReturnType<typeof pickable>) => list.map(({ name, note }) => `${name} (${note})`);

describe('what can be given to somebody', () => {
  it('lists all, sites and groups before single cameras', () => {
    expect(names(pickable(of))).toEqual([
      'Every camera ()',
      'Harbour (site, 1 camera)',
      'Gates (group, 3 cameras)',
      'Harbour gate (camera)',
    ]);
  });

  it('keeps what fits the name, and leaves out what is given already', () => {
    expect(names(pickable({ ...of, typed: ' harb' }))).toEqual([
      'Harbour (site, 1 camera)',
      'Harbour gate (camera)',
    ]);
    const given = [{ scope: { kind: 'site', id: SiteId.parse('s1') } } as const];
    expect(names(pickable({ ...of, typed: 'harb', given }))).toEqual(['Harbour gate (camera)']);
  });
});
