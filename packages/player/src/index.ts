export { browserClock, type Clock } from './clock.ts';
export { ConnectionBudget } from './connection-budget.ts';
export { NetworkMemory } from './network-memory.ts';
export type { PlayerApi } from './player-api.ts';
export { createPlayerEnvironment, type PlayerEnvironment } from './player-environment.ts';
export type { FirstFrame, PlayerEventName, PlayerEvents, SwitchFailed } from './player-events.ts';
export type { PlayerStats } from './player-stats.ts';
export type { ExternalState, PlayerState, PlayerStatus } from './player-status.ts';
export type { StartTimeline } from './start-timeline.ts';
