// The begin of an attempt: which lanes it opens, on which grants. Pure, part of player-state.ts.
import type { ProfileName } from '@vedette/contracts';
import type {
  Cause,
  Circumstances,
  Effect,
  Lane,
  LaneId,
  Pending,
  PlayerMachine,
  Transition,
} from './player-machine.ts';
import { TIMING } from './timing.ts';
import { type Grant, grantFor, type View } from './view-grant.ts';

export interface BeginOptions {
  readonly revertTo?: ProfileName | null;
  /** End this view first: there is no room for both. */
  readonly replace?: View;
}

/** Asks control for a view, and makes the WebRTC offer meanwhile. */
export function begin(
  m: PlayerMachine,
  cause: Cause,
  now: Circumstances,
  options: BeginOptions = {},
): Transition {
  const { wish } = m;
  if (wish === null) return { machine: m, effects: [] };
  const tag = m.nextTag;
  const old = options.replace ?? (isDead(m) ? m.view : null);
  const effects: Effect[] = [
    { type: 'forget_retry' },
    { type: 'start', tag, cause, wish, udp: now.udp, replaces: old },
  ];
  let lanes: Lane[] = [];
  if (triesWebrtc(m, now) && !mayBeUnfit(m, now)) {
    const known = wish.profile === null ? now.soundNeeded.size > 0 : now.soundNeeded.has(wish.profile);
    const audio = wish.audio || known;
    lanes = [{ id: m.nextLane, protocol: 'webrtc', audio, stage: 'preparing' }];
    effects.push({ type: 'prepare', lane: m.nextLane, tag, audio });
  }
  const pending: Pending = {
    tag,
    cause,
    view: null,
    lanes,
    revertTo: options.revertTo ?? null,
    replaces: options.replace?.sessionId ?? null,
  };
  return {
    machine: { ...m, pending, waiting: false, nextTag: tag + 1, nextLane: m.nextLane + lanes.length },
    effects,
  };
}

/** Comes back to a view in hand, without a call to control. After a failure both protocols race. */
export function resume(m: PlayerMachine, view: View, cause: Cause, now: Circumstances): Transition {
  const tag = m.nextTag;
  const pending: Pending = { tag, cause, view, lanes: [], revertTo: null, replaces: null };
  const step = lanesFor({ ...m, pending, waiting: false, nextTag: tag + 1 }, view, now);
  const hls = grantFor(view, 'hls');
  const started = step.machine.pending;
  const races = cause !== 'upgrade' && m.failures > 1 && m.wish?.protocol == null;
  if (!races || started === null || hls === undefined || !now.hls) return step;
  if (started.lanes.some(({ protocol }) => protocol === 'hls')) return step;
  const both = openLane(step.machine, started, view, hls, true);
  return { machine: both.machine, effects: [...step.effects, ...both.effects] };
}

/** Gives the prepared lane its grant, or opens a lane on the best grant that can work here. */
export function lanesFor(m: PlayerMachine, view: View, now: Circumstances): Transition {
  const { pending } = m;
  if (pending === null) return { machine: m, effects: [] };
  // An upgrade is the look whether UDP has become possible.
  const fit = m.wish?.protocol === 'webrtc' || !now.unfit.has(view.profile);
  const looks = fit && (pending.cause === 'upgrade' || triesWebrtc(m, now));
  const webrtc = looks ? grantFor(view, 'webrtc') : undefined;
  const hls = now.hls && m.wish?.protocol !== 'webrtc' ? grantFor(view, 'hls') : undefined;
  const policyChoseHls = view.grants[0]?.protocol === 'hls' && hls !== undefined;
  const prepared = pending.lanes.find(({ stage }) => stage === 'preparing');
  const grant = policyChoseHls ? hls : (webrtc ?? hls ?? view.grants[0]);
  if (grant === undefined) return { machine: m, effects: [] };
  if (grant.protocol === 'webrtc' && prepared !== undefined) {
    const lanes = pending.lanes.map(
      (lane): Lane => (lane === prepared ? { ...lane, stage: 'opening' } : lane),
    );
    const open = effectOf(prepared, pending, view, grant);
    return overdueToo({ machine: { ...m, pending: { ...pending, lanes } }, effects: [open] });
  }
  const audio = m.wish?.audio === true || now.soundNeeded.has(view.profile);
  return overdueToo(openLane(m, { ...pending, lanes: [] }, view, grant, audio));
}

export function openLane(
  m: PlayerMachine,
  pending: Pending,
  view: View,
  grant: Grant,
  wantsSound: boolean,
): Transition {
  const audio = grant.protocol === 'hls' || wantsSound;
  const lane: Lane = { id: m.nextLane, protocol: grant.protocol, audio, stage: 'opening' };
  return {
    machine: {
      ...m,
      pending: { ...pending, lanes: [...pending.lanes, lane] },
      nextLane: m.nextLane + 1,
    },
    effects: [effectOf(lane, pending, view, grant)],
  };
}

/** The machine with a pending lane's stage changed; undefined when it is not pending. */
export function withLane(m: PlayerMachine, id: LaneId, stage: Lane['stage']): PlayerMachine | undefined {
  const { pending } = m;
  if (pending === null || !pending.lanes.some((lane) => lane.id === id)) return undefined;
  const lanes = pending.lanes.map((lane): Lane => (lane.id === id ? { ...lane, stage } : lane));
  return { ...m, pending: { ...pending, lanes } };
}

function triesWebrtc(m: PlayerMachine, now: Circumstances): boolean {
  if (!now.webrtc || m.wish?.protocol === 'hls') return false;
  return m.wish?.protocol === 'webrtc' || now.udp !== false;
}

/** Which stream it will be is policy's choice, so an offer that is made beforehand may be for nothing. */
function mayBeUnfit({ wish }: PlayerMachine, { unfit }: Circumstances): boolean {
  if (wish === null || wish.protocol === 'webrtc') return false;
  return wish.profile === null ? unfit.size > 0 : unfit.has(wish.profile);
}

/** Nothing of the old view moves any more, so its place may be given to the new one. */
function isDead(m: PlayerMachine): boolean {
  return m.shown === null || m.shown.fault !== null;
}

function overdueToo(step: Transition): Transition {
  return {
    machine: step.machine,
    effects: [...step.effects, { type: 'arm', timer: 'overdue', ms: TIMING.overdueMs }],
  };
}

function effectOf({ audio, id: lane }: Lane, pending: Pending, view: View, grant: Grant): Effect {
  return { type: 'open', lane, tag: pending.tag, cause: pending.cause, audio, grant, view };
}
