import type { BrowserProtocol, DecisionStep, ProfileName, ReasonCode } from '@vedette/contracts';
import type { PlayerStats } from './player-stats.ts';
import type { PlayerStatus } from './player-status.ts';
import type { SoundState } from './sound-state.ts';
import type { StartTimeline } from './start-timeline.ts';

export interface FirstFrame {
  /** From `play()`, `setProfile()` or the begin of a reconnect to the first picture on screen. */
  readonly ms: number;
  readonly protocol: BrowserProtocol;
  readonly profile: ProfileName;
  readonly timeline: StartTimeline;
}

export interface SwitchFailed {
  readonly profile: ProfileName;
  readonly reason: ReasonCode;
  readonly sentence: string;
}

/** Details of the events by name; the element dispatches them as CustomEvents that do not bubble. */
export interface PlayerEvents {
  readonly statechange: PlayerStatus;
  readonly firstframe: FirstFrame;
  /** Every `stats-interval` while a picture is on screen. */
  readonly stats: PlayerStats;
  /** Why control chose this protocol, profile and node; after every start call. */
  readonly decision: { readonly steps: readonly DecisionStep[] };
  /** `setProfile()` got no picture; the old one goes on. */
  readonly switchfailed: SwitchFailed;
  readonly soundchange: SoundState;
}

export type PlayerEventName = keyof PlayerEvents;
