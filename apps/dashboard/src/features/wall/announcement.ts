import type { CameraId } from '@vedette/contracts';
import type { PlayerState } from '@vedette/player';
import { tileWords } from './tile-words.ts';
import type { PlacedCamera } from './wall-state.ts';

const WORTH_SAYING: ReadonlySet<PlayerState> = new Set([
  'reconnecting',
  'offline',
  'not_configured',
  'at_capacity',
  'forbidden',
  'ended',
]);

/**
 * What a screen reader should say about a change of states: cameras that lost their picture, and those that have it
 * again after trouble. Empty when there is nothing to say.
 */
export function announcement(
  before: ReadonlyMap<CameraId, PlayerState>,
  after: ReadonlyMap<CameraId, PlayerState>,
  placed: readonly (PlacedCamera | null)[],
): string {
  const names = new Map(placed.map((camera) => [camera?.id, camera?.name]));
  return [...after]
    .flatMap(([id, state]) => {
      const old = before.get(id);
      if (old === undefined || old === state) return [];
      const isBack = state === 'live' && WORTH_SAYING.has(old);
      if (!isBack && !WORTH_SAYING.has(state)) return [];
      return [`${names.get(id) ?? id}: ${tileWords(state).word.toLowerCase()}${isBack ? ' again' : ''}`];
    })
    .join('. ');
}
