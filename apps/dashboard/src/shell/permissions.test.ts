import { describe, expect, it } from 'vitest';
import { destinationsFor } from './destinations.ts';
import { may } from './permissions.ts';

describe('what the page offers', () => {
  it('to a viewer is the wall and the cameras', () => {
    expect(destinationsFor('viewer').map(({ label }) => label)).toEqual(['Wall', 'Cameras']);
    expect(may('viewer', 'cameras.change')).toBe(false);
  });

  it('to an operator is nodes and sessions besides, to look at', () => {
    expect(destinationsFor('operator').map(({ label }) => label)).toEqual([
      'Wall',
      'Cameras',
      'Nodes',
      'Sessions',
    ]);
    expect(may('operator', 'sessions.end')).toBe(false);
  });

  it('to an administrator is everything', () => {
    expect(destinationsFor('admin')).toHaveLength(6);
    expect(may('admin', 'cameras.change')).toBe(true);
  });
});
