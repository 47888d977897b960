// Enters: the player's state and what happened. Leaves: the next state and what to do about it. Pure: no clock, no
// chance, no browser. Views and lanes that the next state no longer holds are ended and closed by comparison (settle).
// Not its job: doing any of it (player.ts), the words for it (describe-status.ts).
import type { ReasonCode } from '@vedette/contracts';
import { begin, lanesFor, openLane, resume, withLane } from './attempt.ts';
import type {
  Circumstances,
  Effect,
  LaneFailure,
  LaneId,
  MachineEvent,
  PlayerMachine,
  TimerName,
  Transition,
} from './player-machine.ts';
import { settle } from './settle.ts';
import { startVerdict } from './start-verdict.ts';
import { TIMING } from './timing.ts';
import { grantFor, type View } from './view-grant.ts';

export const IDLE: PlayerMachine = {
  wish: null,
  shown: null,
  pending: null,
  view: null,
  waiting: false,
  failures: 0,
  trouble: null,
  halted: null,
  external: null,
  nextTag: 1,
  nextLane: 1,
};

export function transition(
  machine: PlayerMachine,
  event: MachineEvent,
  circumstances: Circumstances,
): Transition {
  const step = decide(machine, event, circumstances);
  return { machine: step.machine, effects: settle(machine, step.machine, step.effects) };
}

function decide(m: PlayerMachine, event: MachineEvent, now: Circumstances): Transition {
  switch (event.type) {
    case 'play':
      if (m.wish !== null && m.halted === null) return stay({ ...m, wish: event.wish });
      return begin({ ...m, wish: event.wish, halted: null, trouble: null, failures: 0 }, 'play', now);
    case 'stop':
      return stay({ ...IDLE, external: m.external, nextTag: m.nextTag, nextLane: m.nextLane });
    case 'profile':
      return wishProfile(m, event.profile, now);
    case 'started':
      return started(m, event.tag, event.view, now);
    case 'start_failed':
      return startFailed(m, event, now);
    case 'answered':
      return answered(m, event.lane, event.doubtful, now);
    case 'connected':
      return connected(m, event.lane);
    case 'first_frame':
      return firstFrame(m, event.lane, now);
    case 'failed':
      return laneFailed(m, event.lane, event.failure, now);
    case 'frozen':
      if (m.shown?.lane !== event.lane || m.shown.fault !== null) return stay(m);
      return stay({ ...m, shown: { ...m.shown, fault: 'picture_stalled' } });
    case 'moving':
      return moving(m, event.lane);
    case 'starved':
      if (m.shown?.lane !== event.lane) return stay(m);
      if (m.halted !== null) return over(m, m.halted);
      if (!mayHelp(m)) return stay(m);
      return attemptFailed({ ...m, trouble: null }, 'picture_stalled', 0);
    case 'retry':
      return retry({ ...m, waiting: false }, now);
    case 'timer':
      return timer(m, event.name, now);
    case 'renewed':
      return stay(renewed(m, event.view));
    case 'view_lost':
      return viewLost(m, event.sessionId, event.revoked, now);
    case 'session_moved':
      return viewOver(m, event.sessionId, event.reason, now);
    case 'session_ended':
      return sessionEnded(m, event.sessionId, event.reason, now);
    case 'external': {
      const next = { ...m, external: event.state };
      return event.state?.state === 'live' && m.waiting
        ? retry({ ...next, waiting: false }, now)
        : stay(next);
    }
    case 'online':
      return m.waiting ? retry({ ...m, waiting: false }, now) : stay(m);
  }
}

function wishProfile(
  m: PlayerMachine,
  profile: NonNullable<PlayerMachine['wish']>['profile'],
  now: Circumstances,
): Transition {
  if (m.wish === null || m.wish.profile === profile) return stay(m);
  const next = { ...m, wish: { ...m.wish, profile } };
  if (m.halted !== null) return stay(next);
  if (m.shown === null) return begin(next, m.pending?.cause ?? 'play', now);
  if (m.shown.view.profile === profile) {
    return stay({ ...next, pending: m.pending?.cause === 'switch' ? null : m.pending });
  }
  const revertTo = m.pending?.cause === 'switch' ? m.pending.revertTo : m.wish.profile;
  return begin(next, m.shown.fault === null ? 'switch' : 'reconnect', now, { revertTo });
}

function started(m: PlayerMachine, tag: number, view: View, now: Circumstances): Transition {
  const { pending } = m;
  if (pending?.tag !== tag || pending.view !== null) {
    return stay(m, holds(m, view.sessionId) ? [] : [{ type: 'end', view }]);
  }
  const wanted = { ...m, pending: { ...pending, view }, view };
  // Policy still says HLS: nothing is won by exchanging one HLS connection for another.
  if (pending.cause === 'upgrade' && view.grants[0]?.protocol === 'hls') {
    return giveUpPending({ ...wanted, view: m.shown?.view ?? null }, 'playback_failed', now);
  }
  return lanesFor(wanted, view, now);
}

function startFailed(
  m: PlayerMachine,
  event: Extract<MachineEvent, { type: 'start_failed' }>,
  now: Circumstances,
): Transition {
  const { pending } = m;
  if (pending?.tag !== event.tag || pending.view !== null) return stay(m);
  const { code } = event;
  const full = code === 'quota_exceeded' || code === 'at_capacity';
  if (pending.cause === 'switch' && full && pending.replaces === null && m.shown !== null) {
    return begin(m, 'switch', now, { revertTo: pending.revertTo, replace: m.shown.view });
  }
  if (pending.cause === 'switch' || pending.cause === 'upgrade') return giveUpPending(m, code, now);
  const verdict = startVerdict(code);
  if (!verdict.again) {
    const fresh = m.shown !== null && m.shown.fault === null;
    return stay({ ...m, pending: null, shown: fresh ? m.shown : null, view: null, halted: code }, [
      { type: 'forget_retry' },
    ]);
  }
  return attemptFailed(m, code, Math.max(verdict.floorMs, event.retryAfterMs));
}

function answered(m: PlayerMachine, lane: LaneId, doubtful: boolean, now: Circumstances): Transition {
  const next = withLane(m, lane, 'answered');
  if (next === undefined) return stay(m);
  const open = now.udp === true ? TIMING.fallbackWhenUdpWorksMs : TIMING.fallbackMs;
  const ms = doubtful ? TIMING.fallbackWhenDoubtfulMs : open;
  return stay(next, [{ type: 'arm', timer: 'fallback', ms }]);
}

function connected(m: PlayerMachine, lane: LaneId): Transition {
  const next = withLane(m, lane, 'connected');
  if (next === undefined) return stay(m);
  const webrtc = next.pending?.lanes.find(({ id }) => id === lane)?.protocol === 'webrtc';
  return stay(next, webrtc ? [{ type: 'udp', open: true }] : []);
}

function firstFrame(m: PlayerMachine, id: LaneId, now: Circumstances): Transition {
  const { pending } = m;
  const lane = pending?.lanes.find((candidate) => candidate.id === id);
  if (!pending?.view || lane === undefined) return stay(m);
  const { view } = pending;
  const rival = pending.lanes.find((other) => other.protocol === 'webrtc' && other.id !== id);
  const keepsRival = rival?.stage === 'connected';
  const effects: Effect[] = [
    { type: 'show', lane: id },
    { type: 'forget_retry' },
    { type: 'arm', timer: 'settle', ms: TIMING.settleMs },
  ];
  if (rival !== undefined && rival.stage === 'answered') effects.push({ type: 'udp', open: false });
  if (keepsRival) effects.push({ type: 'arm', timer: 'overdue', ms: TIMING.overdueMs });
  else if (mayUpgrade(m, lane.protocol, view, now))
    effects.push({ type: 'arm', timer: 'upgrade', ms: 'probe' });
  return stay(
    {
      ...m,
      shown: { lane: id, protocol: lane.protocol, view, fault: null },
      pending: keepsRival ? { ...pending, cause: 'upgrade', lanes: [rival] } : null,
      view,
      waiting: false,
      trouble: null,
      halted: null,
    },
    effects,
  );
}

/** HLS that the network forced on us may become WebRTC; HLS that policy chose stays. */
function mayUpgrade(m: PlayerMachine, protocol: string, view: View, now: Circumstances): boolean {
  const forced = grantFor(view, 'webrtc') !== undefined || now.udp === false;
  return protocol === 'hls' && m.wish?.protocol == null && now.webrtc && forced;
}

function laneFailed(m: PlayerMachine, id: LaneId, failure: LaneFailure, now: Circumstances): Transition {
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
  const lanes = pending.lanes.filter((other) => other.id !== id);
  const left = { ...m, pending: { ...pending, lanes }, trouble: failure.code };
  if (lane.protocol === 'webrtc' && failure.kind !== 'refused') {
    // Before the grant is there, the start call decides.
    if (pending.view === null) return stay(left, effects);
    const other = addHls(left, now);
    if (other !== undefined) return also(other, effects);
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
  return also(openLane(m, pending, pending.view, grant), [
    { type: 'arm', timer: 'overdue', ms: TIMING.overdueMs },
  ]);
}

function moving(m: PlayerMachine, lane: LaneId): Transition {
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

/** An attempt is no help while one is under way, or while control says that the camera itself is the trouble. */
function mayHelp(m: PlayerMachine): boolean {
  if (m.pending !== null || m.waiting || m.halted !== null) return false;
  const connectionStands = m.shown?.fault === 'picture_stalled';
  const state = m.external?.state;
  return !(connectionStands && state !== undefined && state !== 'live' && state !== 'idle');
}

function attemptFailed(m: PlayerMachine, code: ReasonCode, floorMs: number): Transition {
  return stay({ ...m, pending: null, waiting: true, trouble: code, failures: m.failures + 1 }, [
    { type: 'retry_in', attempt: m.failures, floorMs },
  ]);
}

/** The old picture is still good: what was to replace it is dropped, and nothing else changes. */
function giveUpPending(m: PlayerMachine, code: ReasonCode, now: Circumstances): Transition {
  const { pending, shown, wish } = m;
  if (pending === null) return stay(m);
  const dropped: PlayerMachine = { ...m, pending: null, trouble: null, view: shown?.view ?? null };
  if (pending.cause !== 'switch' || wish === null) {
    return stay(dropped, now.webrtc ? [{ type: 'arm', timer: 'upgrade', ms: 'probe' }] : []);
  }
  const reverted = { ...dropped, wish: { ...wish, profile: pending.revertTo } };
  const effects: Effect[] =
    wish.profile === null ? [] : [{ type: 'switch_failed', profile: wish.profile, reason: code }];
  const gone = shown === null || shown.fault !== null || pending.replaces !== null;
  return gone ? also(attemptFailed({ ...reverted, view: null }, code, 0), effects) : stay(reverted, effects);
}

function retry(m: PlayerMachine, now: Circumstances): Transition {
  if (m.wish === null || m.halted !== null || m.pending !== null) return stay(m);
  const cause = m.shown === null ? 'play' : 'reconnect';
  // The grant in hand costs no call to control and works without it; if it fails, control decides.
  return m.view !== null && m.failures % 2 === 1 ? resume(m, m.view, cause, now) : begin(m, cause, now);
}

function timer(m: PlayerMachine, name: TimerName, now: Circumstances): Transition {
  switch (name) {
    case 'settle':
      return stay({ ...m, failures: m.shown?.fault === null ? 0 : m.failures });
    case 'fallback':
      return fallback(m, now);
    case 'overdue':
      return overdue(m, now);
    case 'upgrade':
      if (m.shown?.protocol !== 'hls' || m.shown.fault !== null || m.pending !== null) return stay(m);
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

function renewed(m: PlayerMachine, view: View): PlayerMachine {
  const same = (other: View | null | undefined) => other?.sessionId === view.sessionId;
  return {
    ...m,
    view: same(m.view) ? view : m.view,
    shown: m.shown !== null && same(m.shown.view) ? { ...m.shown, view } : m.shown,
    pending: m.pending !== null && same(m.pending.view) ? { ...m.pending, view } : m.pending,
  };
}

/** The view must be started anew; its picture, if it still runs, stays until then. */
function viewOver(m: PlayerMachine, sessionId: string, reason: ReasonCode, now: Circumstances): Transition {
  if (!holds(m, sessionId) || m.wish === null) return stay(m);
  const spent: PlayerMachine = { ...m, view: m.view?.sessionId === sessionId ? null : m.view };
  const underWay = m.pending !== null && m.pending.view?.sessionId !== sessionId;
  if (underWay || m.waiting || m.halted !== null) return stay(spent);
  return begin({ ...spent, trouble: reason }, m.shown === null ? 'play' : 'move', now);
}

/** A node takes no view that has ended; whether a person ended it, only control knows. */
function check(m: PlayerMachine): Transition {
  const view = m.pending?.view ?? m.view ?? m.shown?.view ?? null;
  if (view === null || m.waiting) return stay(m);
  const shown = m.shown?.view === view ? { ...m.shown, fault: m.shown.fault ?? 'picture_stalled' } : m.shown;
  return stay({ ...m, shown, pending: null, view, waiting: true }, [
    { type: 'forget_retry' },
    { type: 'check', view },
  ]);
}

function viewLost(m: PlayerMachine, sessionId: string, revoked: boolean, now: Circumstances): Transition {
  if (!holds(m, sessionId)) return stay(m);
  if (revoked) return over(m, 'session_revoked');
  const checked = m.waiting && m.view?.sessionId === sessionId;
  return viewOver(checked ? { ...m, waiting: false } : m, sessionId, 'session_not_found', now);
}

function sessionEnded(
  m: PlayerMachine,
  sessionId: string,
  reason: ReasonCode,
  now: Circumstances,
): Transition {
  if (!holds(m, sessionId)) return stay(m);
  if (reason === 'revoked' || reason === 'session_revoked') return over(m, 'session_revoked');
  // `replaced` is our own reconnection, `viewer_left` our own stop.
  if (reason === 'replaced' || reason === 'viewer_left') return stay(m);
  return viewOver(m, sessionId, reason, now);
}

function over(m: PlayerMachine, halted: ReasonCode): Transition {
  return stay({ ...m, shown: null, pending: null, view: null, waiting: false, halted }, [
    { type: 'forget_retry' },
  ]);
}

function holds(m: PlayerMachine, sessionId: string): boolean {
  return [m.view, m.shown?.view, m.pending?.view].some((view) => view?.sessionId === sessionId);
}

function stay(machine: PlayerMachine, effects: readonly Effect[] = []): Transition {
  return { machine, effects };
}

/** What was learnt about the network comes first: what follows asks for it. */
function also(step: Transition, effects: readonly Effect[]): Transition {
  return { machine: step.machine, effects: [...effects, ...step.effects] };
}
