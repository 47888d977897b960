import type { PlayerStatus } from './player-status.ts';

/** Whether two statuses say the same, apart from the age of the picture, which moves all the time. */
export function sameStatus(a: PlayerStatus, b: PlayerStatus): boolean {
  return (
    a.state === b.state &&
    a.reason === b.reason &&
    a.protocol === b.protocol &&
    a.profile === b.profile &&
    a.soundOnly === b.soundOnly &&
    a.detour === b.detour &&
    a.sessionId === b.sessionId &&
    a.failedAttempts === b.failedAttempts
  );
}
