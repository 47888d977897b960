// The player without a page: the same decisions, calls and patience, over lanes of another making. Importing it touches
// nothing of a browser.
export { bearerApi } from './bearer-api.ts';
export { browserClock } from './clock.ts';
export { isUnfit } from './is-unfit.ts';
export type { ConnectionStats } from './media-connection.ts';
export type { PictureLane, PictureLaneOptions } from './picture-lane.ts';
export { VedettePlayer } from './player.ts';
export { createPlayerEnvironment, type PlayerEnvironment } from './player-environment.ts';
export type { LaneFailure } from './player-machine.ts';
export type { PlayerStats } from './player-stats.ts';
export type { PlayerStatus } from './player-status.ts';
export { problemOf } from './problem-answer.ts';
export { StallWatchdog, type WatchVerdict } from './stall-watchdog.ts';
export type { Grant } from './view-grant.ts';
