// Enters: the player's state and what happened. Leaves: the next state and what to do about it. Pure: no clock, no
// chance, no browser. Views and lanes that the next state no longer holds are ended and closed by comparison (settle).
// Not its job: doing any of it (player.ts), the words for it (describe-status.ts).
import { begin, resume } from './attempt.ts';
import { answered, askForSound, connected, firstFrame, laneFailed, moving, timer } from './lane-events.ts';
import { attemptFailed, mayHelp, over, stay } from './outcome.ts';
import type { Circumstances, MachineEvent, PlayerMachine, Transition } from './player-machine.ts';
import { settle } from './settle.ts';
import { renewed, sessionEnded, started, startFailed, viewLost, viewOver } from './view-events.ts';

export const IDLE: PlayerMachine = {
  wish: null,
  shown: null,
  pending: null,
  view: null,
  waiting: false,
  checking: null,
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
      if (m.wish !== null && m.halted === null) {
        const next = { ...m, wish: event.wish };
        // A person who asks again does not wait out a pause; one for control's answer is short.
        return m.waiting && m.checking === null
          ? retry({ ...next, waiting: false }, now)
          : askForSound(next, now);
      }
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
      return firstFrame(m, event.lane, false, now);
    case 'first_sound':
      return firstFrame(m, event.lane, true, now);
    case 'sound':
      return m.wish === null ? stay(m) : askForSound({ ...m, wish: { ...m.wish, audio: event.wanted } }, now);
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
    if (m.pending?.cause !== 'switch') return stay(next);
    const kept: PlayerMachine = { ...next, pending: null, view: m.shown.view };
    return m.shown.fault === null ? stay(kept) : attemptFailed(kept, m.shown.fault, 0);
  }
  const revertTo = m.pending?.cause === 'switch' ? m.pending.revertTo : m.wish.profile;
  return begin(next, m.shown.fault === null ? 'switch' : 'reconnect', now, { revertTo });
}

function retry(m: PlayerMachine, now: Circumstances): Transition {
  if (m.wish === null || m.halted !== null || m.pending !== null) return stay(m);
  const cause = m.shown === null ? 'play' : 'reconnect';
  // The grant in hand costs no call to control and works without it; if it fails, control decides.
  return m.view !== null && m.failures % 2 === 1 ? resume(m, m.view, cause, now) : begin(m, cause, now);
}
