// The words between the pure half of a player (player-state.ts) and the half that does things (player.ts).
import type { BrowserProtocol, ProfileName, ReasonCode, SessionId } from '@vedette/contracts';
import type { Unfit } from './camera-memory.ts';
import type { ExternalState } from './player-status.ts';
import type { Grant, View } from './view-grant.ts';

/** One attempt to bring pictures: a connection with a video element of its own. */
export type LaneId = number;

export interface Lane {
  readonly id: LaneId;
  readonly protocol: BrowserProtocol;
  /** Sound was asked for too; over HLS it comes with the picture. */
  readonly audio: boolean;
  /** `preparing`: has no grant yet. `answered`: WHEP has answered. `connected`: packets can flow. */
  readonly stage: 'preparing' | 'opening' | 'answered' | 'connected';
}

export type Cause = 'play' | 'switch' | 'reconnect' | 'move' | 'upgrade';

/** What is being built while the old picture, if any, stays. */
export interface Pending {
  /** Numbers the attempts; late answers of older ones are recognised by it. */
  readonly tag: number;
  readonly cause: Cause;
  /** Null until control has answered. */
  readonly view: View | null;
  readonly lanes: readonly Lane[];
  /** The wish to return to when a switch fails. */
  readonly revertTo: ProfileName | null;
  /** The old view has been ended to make room for this one. */
  readonly replaces: SessionId | null;
}

export interface Shown {
  readonly lane: LaneId;
  readonly protocol: BrowserProtocol;
  readonly view: View;
  readonly audio: boolean;
  /** The stream has no picture. */
  readonly soundOnly: boolean;
  /** Why it is not WebRTC; null where nothing spoke against it. */
  readonly detour: ReasonCode | null;
  /** Why new pictures do not arrive; null while they do. */
  readonly fault: ReasonCode | null;
}

export interface Wish {
  readonly profile: ProfileName | null;
  readonly protocol: BrowserProtocol | null;
  readonly audio: boolean;
}

export interface PlayerMachine {
  /** Null: not asked to play. */
  readonly wish: Wish | null;
  readonly shown: Shown | null;
  readonly pending: Pending | null;
  /** The view to come back to; null when there is none or it is known to be over. */
  readonly view: View | null;
  /** The pause before the next attempt is running, or control is being asked about a view. */
  readonly waiting: boolean;
  /** The view that control is being asked about. */
  readonly checking: SessionId | null;
  /** Of this outage, in a row. */
  readonly failures: number;
  /** Why the last attempt came to nothing. */
  readonly trouble: ReasonCode | null;
  /** Refused for good: no attempt until `play()`. */
  readonly halted: ReasonCode | null;
  readonly external: ExternalState | null;
  readonly nextTag: number;
  readonly nextLane: LaneId;
}

export type TimerName = 'fallback' | 'overdue' | 'settle' | 'upgrade';

/** Why a lane failed: what may still work differs. */
export type LaneFailureKind =
  /** ICE found no way. */
  | 'no-path'
  /** The node does not take this grant any more. */
  | 'refused'
  /** WebRTC cannot carry this stream, now or at the next attempt. */
  | 'unfit'
  /** Anything else that another attempt may cure. */
  | 'broken';

export interface LaneFailure {
  readonly kind: LaneFailureKind;
  readonly code: ReasonCode;
  readonly retryAfterMs: number;
}

export type MachineEvent =
  | { readonly type: 'play'; readonly wish: Wish }
  | { readonly type: 'stop' }
  | { readonly type: 'profile'; readonly profile: ProfileName | null }
  | { readonly type: 'started'; readonly tag: number; readonly view: View }
  | {
      readonly type: 'start_failed';
      readonly tag: number;
      readonly code: ReasonCode;
      readonly retryAfterMs: number;
    }
  /** `doubtful`: the browser has no address to send UDP from that it would name. */
  | { readonly type: 'answered'; readonly lane: LaneId; readonly doubtful: boolean }
  | { readonly type: 'connected' | 'first_frame'; readonly lane: LaneId }
  /** In place of a first frame, of a stream without pictures; its sound is then watched as pictures are. */
  | { readonly type: 'first_sound'; readonly lane: LaneId }
  /** Whether sound is wanted from now on. */
  | { readonly type: 'sound'; readonly wanted: boolean }
  | { readonly type: 'failed'; readonly lane: LaneId; readonly failure: LaneFailure }
  /** Of the picture on screen: no new one for too long; again new ones; none for so long that it needs help. */
  | { readonly type: 'frozen' | 'moving' | 'starved'; readonly lane: LaneId }
  | { readonly type: 'retry' }
  | { readonly type: 'timer'; readonly name: TimerName }
  | { readonly type: 'renewed'; readonly view: View }
  /** Control does not know the view any more; `revoked` says why it was taken away, if it was. */
  | { readonly type: 'view_lost'; readonly sessionId: SessionId; readonly revoked: ReasonCode | null }
  | { readonly type: 'session_moved'; readonly sessionId: SessionId; readonly reason: ReasonCode }
  | { readonly type: 'session_ended'; readonly sessionId: SessionId; readonly reason: ReasonCode }
  | { readonly type: 'external'; readonly state: ExternalState | null }
  | { readonly type: 'online' };

export type Effect =
  | {
      readonly type: 'start';
      readonly tag: number;
      readonly cause: Cause;
      readonly wish: Wish;
      /** What to tell policy about UDP; undefined is unknown. */
      readonly udp: boolean | undefined;
      readonly replaces: View | null;
    }
  /** Make a WebRTC offer before the grant is there. */
  | {
      readonly type: 'prepare';
      readonly lane: LaneId;
      readonly tag: number;
      readonly audio: boolean;
    }
  | {
      readonly type: 'open';
      readonly lane: LaneId;
      readonly tag: number;
      readonly cause: Cause;
      readonly audio: boolean;
      readonly grant: Grant;
      readonly view: View;
    }
  | { readonly type: 'show'; readonly lane: LaneId }
  /** `goodbye`: the view goes on without this connection, so its node must be told. */
  | { readonly type: 'close'; readonly lane: LaneId; readonly goodbye: boolean }
  /** Ask control why the node does not take the view any more. */
  | { readonly type: 'check'; readonly view: View }
  | { readonly type: 'lease'; readonly view: View }
  | { readonly type: 'end'; readonly view: View }
  | { readonly type: 'retry_in'; readonly attempt: number; readonly floorMs: number }
  | { readonly type: 'forget_retry' }
  | { readonly type: 'arm'; readonly timer: TimerName; readonly ms: number | 'probe' }
  | { readonly type: 'disarm'; readonly timer: TimerName }
  /** Tell the other players of the page whether WebRTC got through. */
  | { readonly type: 'udp'; readonly open: boolean }
  /** Tell the other players of the page that WebRTC cannot carry this stream. */
  | { readonly type: 'unfit'; readonly profile: ProfileName; readonly reason: ReasonCode }
  /** Tell them that this stream is sound alone, which WebRTC carries and HLS does not. */
  | { readonly type: 'sound_needed'; readonly profile: ProfileName }
  | { readonly type: 'switch_failed'; readonly profile: ProfileName; readonly reason: ReasonCode };

/** What the browser can do and what the page knows about its network, at the moment of an event. */
export interface Circumstances {
  readonly webrtc: boolean;
  readonly hls: boolean;
  readonly udp: boolean | undefined;
  /** Streams of this camera that WebRTC is known not to carry. */
  readonly unfit: Unfit;
  /** Those whose sound must be asked for over WebRTC, wanted or not. */
  readonly soundNeeded: ReadonlySet<ProfileName>;
  /** This player may look whether UDP has become possible. */
  readonly probe: boolean;
}

export interface Transition {
  readonly machine: PlayerMachine;
  readonly effects: readonly Effect[];
}
