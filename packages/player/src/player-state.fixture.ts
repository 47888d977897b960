// A machine to drive by events, with what it asked for; for tests of the player's decisions.
import type { CameraId, ReasonCode, SessionId } from '@vedette/contracts';
import type {
  Circumstances,
  Effect,
  LaneFailureKind,
  LaneId,
  MachineEvent,
  PlayerMachine,
} from './player-machine.ts';
import { IDLE, transition } from './player-state.ts';
import type { Grant, View } from './view-grant.ts';

export const CAPABLE: Circumstances = {
  webrtc: true,
  hls: true,
  udp: undefined,
  unfit: new Map(),
  soundNeeded: new Set(),
  probe: false,
};

export function viewOf(id: string, protocols: readonly Grant['protocol'][] = ['webrtc', 'hls']): View {
  return {
    sessionId: id as SessionId,
    cameraId: 'cam1' as CameraId,
    profile: 'sub',
    grants: protocols.map((protocol) => ({
      protocol,
      profile: 'sub',
      url: `http://n/${protocol}/${id}`,
      token: id,
    })),
    lifeMs: 300_000,
    iceServers: [],
    decision: [],
  };
}

export class Drive {
  machine: PlayerMachine = IDLE;
  circumstances: Circumstances = CAPABLE;
  /** Of the last event. */
  effects: readonly Effect[] = [];

  tell(event: MachineEvent): this {
    const step = transition(this.machine, event, this.circumstances);
    this.machine = step.machine;
    this.effects = step.effects;
    return this;
  }

  play(wish: Partial<NonNullable<PlayerMachine['wish']>> = {}): this {
    return this.tell({ type: 'play', wish: { profile: null, protocol: null, audio: false, ...wish } });
  }

  /** Control answers the pending start. */
  started(view: View): this {
    return this.tell({ type: 'started', tag: this.machine.pending?.tag ?? 0, view });
  }

  refused(code: ReasonCode, retryAfterMs = 0): this {
    return this.tell({ type: 'start_failed', tag: this.machine.pending?.tag ?? 0, code, retryAfterMs });
  }

  lane(protocol: Grant['protocol']): LaneId {
    return this.machine.pending?.lanes.find((lane) => lane.protocol === protocol)?.id ?? -1;
  }

  get shownLane(): LaneId {
    return this.machine.shown?.lane ?? -1;
  }

  fails(lane: LaneId, code: ReasonCode = 'media_unreachable', kind: LaneFailureKind = 'broken'): this {
    return this.tell({ type: 'failed', lane, failure: { kind, code, retryAfterMs: 0 } });
  }

  /** From a start to a picture over WebRTC. */
  live(view: View = viewOf('v1')): this {
    this.play().started(view);
    const lane = this.lane('webrtc');
    return this.tell({ type: 'answered', lane, doubtful: false })
      .tell({ type: 'connected', lane })
      .tell({ type: 'first_frame', lane });
  }

  /** From a start to a picture over HLS, because UDP does not get through. */
  liveByHls(view: View = viewOf('v1')): this {
    this.play().started(view);
    this.tell({ type: 'answered', lane: this.lane('webrtc'), doubtful: false });
    this.tell({ type: 'timer', name: 'fallback' });
    return this.tell({ type: 'first_frame', lane: this.lane('hls') });
  }

  types(): string[] {
    return this.effects.map(({ type }) => type);
  }

  effect<T extends Effect['type']>(type: T): Extract<Effect, { type: T }> | undefined {
    return this.effects.find((effect): effect is Extract<Effect, { type: T }> => effect.type === type);
  }

  effectsOf<T extends Effect['type']>(type: T): Extract<Effect, { type: T }>[] {
    return this.effects.filter((effect): effect is Extract<Effect, { type: T }> => effect.type === type);
  }
}
