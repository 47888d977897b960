import type { CameraId } from '@vedette/contracts';
import type { PlayerState } from '@vedette/player';
import { describe, expect, it } from 'vitest';
import { announcement } from './announcement.ts';

const states = (of: Readonly<Record<string, PlayerState>>) =>
  new Map(Object.entries(of).map(([id, state]) => [id as CameraId, state]));
const placed = [{ id: 'a' as CameraId, name: 'North gate' }, null, { id: 'b' as CameraId, name: 'Yard' }];

describe('what is said about the wall', () => {
  it('is who lost the picture, and who has it again', () => {
    expect(
      announcement(states({ a: 'live', b: 'offline' }), states({ a: 'reconnecting', b: 'live' }), placed),
    ).toBe('North gate: reconnecting. Yard: live again');
  });

  it('is nothing while tiles merely start, go or stay', () => {
    expect(announcement(states({}), states({ a: 'connecting' }), placed)).toBe('');
    expect(announcement(states({ a: 'connecting', b: 'live' }), states({ a: 'live' }), placed)).toBe('');
    expect(announcement(states({ a: 'offline' }), states({ a: 'offline' }), placed)).toBe('');
  });
});
