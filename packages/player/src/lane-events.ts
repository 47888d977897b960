// What connections tell: answers, pictures, failures, silence. Pure, part of player-state.ts.
import { begin, openLane, resume, withLane } from './attempt.ts';
import { also, attemptFailed, giveUpPending, mayHelp, over, stay } from './outcome.ts';
import type {
  Circumstances,
  Effect,
  LaneFailure,
  LaneId,
  PlayerMachine,
  TimerName,
  Transition,
} from './player-machine.ts';
import { TIMING } from './timing.ts';
import { check } from './view-events.ts';
import { grantFor, type View } from './view-grant.ts';

export function answered(m: PlayerMachine, lane: LaneId, doubtful: boolean, now: Circumstances): Transition {
  const next = withLane(m, lane, 'answered');
  if (next === undefined) return stay(m);
  const open = now.udp === true ? TIMING.fallbackWhenUdpWorksMs : TIMING.fallbackMs;
  const ms = doubtful ? TIMING.fallbackWhenDoubtfulMs : open;
  return stay(next, [{ type: 'arm', timer: 'fallback', ms }]);
}

export function connected(m: PlayerMachine, lane: LaneId): Transition {
  const next = withLane(m, lane, 'connected');
  if (next === undefined) return stay(m);
  const webrtc = next.pending?.lanes.find(({ id }) => id === lane)?.protocol === 'webrtc';
  return stay(next, webrtc ? [{ type: 'udp', open: true }] : []);
}

export function firstFrame(m: PlayerMachine, id: LaneId, soundOnly: boolean, now: Circumstances): Transition {
  const { pending } = m;
  const lane = pending?.lanes.find((candidate) => candidate.id === id);
  if (!pending?.view || lane === undefined) return stay(m);
  const { view } = pending;
  const rival = pending.lanes.find((other) => other.protocol === 'webrtc' && other.id !== id);
  const unproven = pending.cause === 'reconnect' && m.shown?.fault === 'picture_stalled';
  const keepsRival = rival?.stage === 'connected';
  const effects: Effect[] = [
    { type: 'show', lane: id },
    { type: 'forget_retry' },
    { type: 'arm', timer: 'settle', ms: TIMING.settleMs },
  ];
  if (rival !== undefined && rival.stage === 'answered') effects.push({ type: 'udp', open: false });
  if (keepsRival) effects.push({ type: 'arm', timer: 'overdue', ms: TIMING.overdueMs });
  else if (!soundOnly && mayUpgrade(m, lane.protocol, view, now))
    effects.push({ type: 'arm', timer: 'upgrade', ms: 'probe' });
  const detour = lane.protocol === 'hls' ? (now.unfit.get(view.profile) ?? null) : null;
  const fault = unproven ? 'picture_stalled' : null;
  const { audio, protocol } = lane;
  const shown: PlayerMachine = {
    ...m,
    // After a freeze the new connection may repeat the old pictures: whether they move is still to be seen.
    shown: { lane: id, protocol, view, audio, soundOnly, detour, fault },
    pending: keepsRival ? { ...pending, cause: 'upgrade', lanes: [rival] } : null,
    view,
    waiting: false,
    trouble: null,
    halted: null,
  };
  return also(askForSound(shown, now), effects);
}

/** A connection that was made without sound gets a successor that has it; the picture stays until then. */
export function askForSound(m: PlayerMachine, now: Circumstances): Transition {
  const { pending, shown, wish } = m;
  if (shown === null || shown.audio || wish === null || !wish.audio || shown.fault !== null) return stay(m);
  if (pending !== null || m.waiting || m.halted !== null) return stay(m);
  return begin(m, 'switch', now, { revertTo: wish.profile });
}

/** HLS that the network forced on us may become WebRTC; HLS that policy chose stays. */
function mayUpgrade(m: PlayerMachine, protocol: string, view: View, now: Circumstances): boolean {
  if (now.unfit.has(view.profile)) return false;
  const forced = grantFor(view, 'webrtc') !== undefined || now.udp === false;
  return protocol === 'hls' && m.wish?.protocol == null && now.webrtc && forced;
}

export function laneFailed(
  m: PlayerMachine,
  id: LaneId,
  failure: LaneFailure,
  now: Circumstances,
): Transition {
  const known = m.shown?.lane === id || m.pending?.lanes.some((lane) => lane.id === id) === true;
  if (known && failure.code === 'session_revoked') return check(m);
  if (m.shown?.lane === id) {
    if (m.halted !== null) return over(m, m.halted);
    const faulty = { ...m, shown: { ...m.shown, fault: failure.code } };
    const spent = failure.kind === 'refused' ? { ...faulty, view: null } : faulty;
    return mayHelp(spent) ? attemptFailed(spent, failure.code, failure.retryAfterMs) : stay(spent);
  }
  const { pending } = m;
  const lane = pending?.lanes.find((candidate) => candidate.id === id);
  if (pending === null || lane === undefined) return stay(m);
  const effects: Effect[] = failure.kind === 'no-path' ? [{ type: 'udp', open: false }] : [];
  if (failure.kind === 'unfit' && lane.protocol === 'webrtc' && pending.view !== null)
    effects.push({ type: 'unfit', profile: pending.view.profile, reason: failure.code });
  const lanes = pending.lanes.filter((other) => other.id !== id);
  const left = { ...m, pending: { ...pending, lanes }, trouble: failure.code };
  if (lane.protocol === 'webrtc' && failure.kind !== 'refused') {
    // Before the grant is there, the start call decides.
    if (pending.view === null) return stay(left, effects);
    const other = addHls(left, now);
    if (other !== undefined) return also(other, effects);
  }
  if (lane.protocol === 'hls' && failure.kind === 'unfit') {
    const heard = addSound(left, now);
    if (heard !== undefined) return heard;
  }
  if (lanes.length > 0) return stay(left, effects);
  const spent = failure.kind === 'refused' ? { ...left, view: null } : left;
  return also(
    pending.cause === 'switch' || pending.cause === 'upgrade'
      ? giveUpPending(spent, failure.code, now)
      : attemptFailed(spent, failure.code, failure.retryAfterMs),
    effects,
  );
}

/** The pending attempt with an HLS lane beside what it has; undefined when there is one, or no grant for it. */
function addHls(m: PlayerMachine, now: Circumstances): Transition | undefined {
  const { pending } = m;
  const grant = grantFor(pending?.view ?? null, 'hls');
  if (!pending?.view || grant === undefined || !now.hls || m.wish?.protocol === 'webrtc') return undefined;
  if (pending.cause === 'upgrade' || pending.lanes.some(({ protocol }) => protocol === 'hls'))
    return undefined;
  return also(openLane(m, pending, pending.view, grant, true), [
    { type: 'arm', timer: 'overdue', ms: TIMING.overdueMs },
  ]);
}

/** HLS has the stream in a codec that this browser lacks: what was refused for want of a picture may still be heard. */
function addSound(m: PlayerMachine, now: Circumstances): Transition | undefined {
  const { pending } = m;
  const grant = grantFor(pending?.view ?? null, 'webrtc');
  if (!pending?.view || grant === undefined || !now.webrtc || m.wish?.protocol === 'hls') return undefined;
  const { profile } = pending.view;
  if (now.soundNeeded.has(profile) || pending.lanes.some(({ protocol }) => protocol === 'webrtc'))
    return undefined;
  return also(openLane(m, pending, pending.view, grant, true), [
    { type: 'sound_needed', profile },
    { type: 'arm', timer: 'overdue', ms: TIMING.overdueMs },
  ]);
}

export function moving(m: PlayerMachine, lane: LaneId): Transition {
  if (m.shown?.lane !== lane || m.shown.fault === null) return stay(m);
  const helped = m.pending?.cause === 'reconnect';
  return stay(
    {
      ...m,
      shown: { ...m.shown, fault: null },
      pending: helped ? null : m.pending,
      view: m.shown.view,
      waiting: false,
      trouble: null,
    },
    [{ type: 'forget_retry' }, { type: 'arm', timer: 'settle', ms: TIMING.settleMs }],
  );
}

export function timer(m: PlayerMachine, name: TimerName, now: Circumstances): Transition {
  switch (name) {
    case 'settle':
      return stay({ ...m, failures: m.shown?.fault === null ? 0 : m.failures });
    case 'fallback':
      return fallback(m, now);
    case 'overdue':
      return overdue(m, now);
    case 'upgrade':
      if (m.shown?.protocol !== 'hls' || m.shown.fault !== null || m.pending !== null) return stay(m);
      if (now.unfit.has(m.shown.view.profile)) return stay(m);
      if (now.udp === false && !now.probe) return stay(m, [{ type: 'arm', timer: 'upgrade', ms: 'probe' }]);
      return grantFor(m.shown.view, 'webrtc') === undefined
        ? begin(m, 'upgrade', { ...now, udp: undefined })
        : resume(m, m.shown.view, 'upgrade', { ...now, udp: undefined });
  }
}

function fallback(m: PlayerMachine, now: Circumstances): Transition {
  const slow = m.pending?.lanes.some(({ protocol, stage }) => protocol === 'webrtc' && stage === 'answered');
  if (slow !== true) return stay(m);
  return addHls(m, now) ?? stay(m, [{ type: 'arm', timer: 'overdue', ms: TIMING.overdueMs }]);
}

function overdue(m: PlayerMachine, now: Circumstances): Transition {
  const { pending } = m;
  if (pending === null || pending.view === null) return stay(m);
  const cameraIsTheTrouble =
    m.external !== null && m.external.state !== 'live' && m.external.state !== 'idle';
  const flows = pending.lanes.some(({ stage }) => stage === 'connected');
  if (cameraIsTheTrouble && flows) {
    return stay(m, [{ type: 'arm', timer: 'overdue', ms: TIMING.overdueMs }]);
  }
  const other = addHls(m, now);
  if (other !== undefined) return other;
  if (pending.cause === 'switch' || pending.cause === 'upgrade')
    return giveUpPending(m, 'picture_stalled', now);
  return attemptFailed(m, flows ? 'picture_stalled' : 'media_unreachable', 0);
}
