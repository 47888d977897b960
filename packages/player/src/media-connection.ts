import type { IceServer } from '@vedette/contracts';
import type { LaneFailure } from './player-machine.ts';
import type { StartTimeline } from './start-timeline.ts';
import type { Grant } from './view-grant.ts';

export interface ConnectionStats {
  readonly codec: string | null;
  readonly audioCodec: string | null;
  readonly framesDecoded: number | null;
  readonly bytesReceived: number | null;
  readonly framesDropped: number | null;
  readonly packetsLost: number | null;
  readonly jitterMs: number | null;
  readonly rttMs: number | null;
  readonly latencyMs: number | null;
}

/** What a connection tells; nothing more after `failed`, and nothing at all after `close()`. */
export interface ConnectionEvents {
  /** The node has answered; `doubtful` when no UDP address was found to receive at. */
  answered(doubtful: boolean): void;
  connected(): void;
  failed(failure: LaneFailure): void;
  step(name: keyof StartTimeline): void;
}

/** Brings one stream into one video element. */
export interface MediaConnection {
  /** Everything that needs no grant, so that it is over when the grant comes. */
  prepare(): void;
  open(grant: Grant, iceServers: readonly IceServer[]): void;
  /** The view has fresh tokens. */
  renewed(grant: Grant): void;
  stats(): Promise<ConnectionStats>;
  /** Whether there is sound, as far as the node has said. */
  readonly sound: boolean;
  /** False once the node has said that no picture comes; undefined while nobody knows. */
  readonly picture: boolean | undefined;
  /** Any number that grows while sound arrives, silence included. */
  soundCount(): number;
  /**
   * Lets go of everything, the video element's source included; may be repeated. `goodbye` tells the node, for a view
   * that goes on over another connection; the end of a view is told by control.
   */
  close(goodbye: boolean): void;
}
