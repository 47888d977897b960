export { CameraMemory, type Unfit } from './camera-memory.ts';
export type { Capabilities } from './capabilities.ts';
export { browserClock, type Clock } from './clock.ts';
export { ConnectionBudget, type ReloadLeave, type ReloadMode } from './connection-budget.ts';
export { type DefineOptions, defineVedettePlayer } from './define-vedette-player.ts';
export { Listening } from './listening.ts';
export { NetworkMemory } from './network-memory.ts';
export type { CreateLane, PictureLane, PictureLaneOptions } from './picture-lane.ts';
export type { PictureStage } from './picture-stage.ts';
export { VedettePlayer, type VedettePlayerOptions } from './player.ts';
export type { PlayerApi } from './player-api.ts';
export { createPlayerEnvironment, type PlayerEnvironment } from './player-environment.ts';
export type { FirstFrame, PlayerEventName, PlayerEvents, SwitchFailed } from './player-events.ts';
export type { PlayerStats } from './player-stats.ts';
export type { ExternalState, PlayerState, PlayerStatus } from './player-status.ts';
export type { SoundState } from './sound-state.ts';
export type { StartTimeline } from './start-timeline.ts';
export { STATE_WORDS } from './state-words.ts';
export { VedettePlayerElement } from './vedette-player-element.ts';

import type { VedettePlayerElement } from './vedette-player-element.ts';

declare global {
  interface HTMLElementTagNameMap {
    'vedette-player': VedettePlayerElement;
  }
}
