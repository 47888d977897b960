import type { PlayerState } from './player-status.ts';

/** The states as an operator reads them. */
export const STATE_WORDS: Readonly<Record<PlayerState, string>> = {
  idle: 'Stopped',
  connecting: 'Connecting',
  waiting: 'Waiting',
  live: 'Live',
  reconnecting: 'Reconnecting',
  offline: 'Offline',
  not_configured: 'Not configured',
  at_capacity: 'At capacity',
  forbidden: 'Not allowed',
  ended: 'Ended',
};
