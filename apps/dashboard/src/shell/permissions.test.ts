import { describe, expect, it } from 'vitest';
import { DESTINATIONS, destinationsFor } from './destinations.ts';
import { may } from './permissions.ts';

const labels = (permissions: readonly string[]) => destinationsFor({ permissions }).map(({ label }) => label);

describe('what the page offers', () => {
  it('follows what control says that somebody may do, whatever the role is called', () => {
    expect(labels(['camera.read', 'view.watch'])).toEqual(['Wall', 'Cameras']);
    expect(labels(['camera.read', 'session.read', 'audit.read'])).toEqual(['Cameras', 'Sessions', 'Audit']);
    expect(may({ permissions: ['camera.read'] }, 'camera.write')).toBe(false);
    expect(may({ permissions: ['camera.write'] }, 'camera.write')).toBe(true);
  });

  it('is reached by a key of its own each', () => {
    expect(new Set(DESTINATIONS.map(({ key }) => key)).size).toBe(DESTINATIONS.length);
  });
});
