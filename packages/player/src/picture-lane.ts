// What a player asks of one connection and the place where its pictures appear. In a browser that is a video element
// (player-lane.ts); a viewer without a screen counts what arrives.
import type { IceServer } from '@vedette/contracts';
import type { LaneId, MachineEvent } from './player-machine.ts';
import type { PlayerStats } from './player-stats.ts';
import type { StartStopwatch } from './start-stopwatch.ts';
import type { Grant } from './view-grant.ts';

export interface PictureLaneOptions {
  readonly id: LaneId;
  readonly protocol: Grant['protocol'];
  readonly audio: boolean;
  readonly stopwatch: StartStopwatch;
  readonly tell: (event: MachineEvent) => void;
}

export type CreateLane = (options: PictureLaneOptions) => PictureLane;

export interface PictureLane {
  readonly stopwatch: StartStopwatch;
  /** Null where nothing is drawn. */
  readonly video: HTMLVideoElement | null;
  readonly hasSound: boolean;
  /** On the clock of the environment: when the last new picture came; null before `watch`. */
  readonly lastPictureMs: number | null;
  /** Everything that needs no grant, so that it is over when the grant comes. */
  prepare(): void;
  open(grant: Grant, iceServers: readonly IceServer[]): void;
  /** The view has fresh tokens. */
  renewed(grant: Grant): void;
  /** From now on this one is seen. */
  show(soundOnly: boolean): void;
  /** From the first picture on; `tick` then tells when pictures stop and when they come again. */
  watch(frozenSinceMs: number | null): void;
  tick(): void;
  stats(): Promise<Omit<PlayerStats, 'protocol' | 'profile'>>;
  /** May be repeated; `goodbye` tells the node, for a view that goes on over another connection. */
  close(goodbye: boolean): void;
}
