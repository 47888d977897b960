// How an event ends: nothing more to do, another attempt later, over for good. Pure, part of player-state.ts.
import type { ReasonCode } from '@vedette/contracts';
import type { Circumstances, Effect, PlayerMachine, Transition } from './player-machine.ts';

export function stay(machine: PlayerMachine, effects: readonly Effect[] = []): Transition {
  return { machine, effects };
}

/** What was learnt about the network comes first: what follows asks for it. */
export function also(step: Transition, effects: readonly Effect[]): Transition {
  return { machine: step.machine, effects: [...effects, ...step.effects] };
}

export function attemptFailed(m: PlayerMachine, code: ReasonCode, floorMs: number): Transition {
  return stay({ ...m, pending: null, waiting: true, trouble: code, failures: m.failures + 1 }, [
    { type: 'retry_in', attempt: m.failures, floorMs },
  ]);
}

/** What was to replace the picture is dropped: nothing else changes while that is good, else it is an outage. */
export function giveUpPending(m: PlayerMachine, code: ReasonCode, now: Circumstances): Transition {
  const { pending, shown, wish } = m;
  if (pending === null || wish === null) return stay(m);
  const gone = shown === null || shown.fault !== null || pending.replaces !== null;
  const switching = pending.cause === 'switch';
  const dropped: PlayerMachine = {
    ...m,
    pending: null,
    trouble: null,
    view: gone && (m.view === null || pending.replaces !== null) ? null : (shown?.view ?? null),
    wish: switching ? { ...wish, profile: pending.revertTo } : wish,
  };
  const failed: Effect[] =
    switching && wish.profile !== null
      ? [{ type: 'switch_failed', profile: wish.profile, reason: code }]
      : [];
  if (gone) return also(attemptFailed(dropped, code, 0), failed);
  return stay(dropped, switching || !now.webrtc ? failed : [{ type: 'arm', timer: 'upgrade', ms: 'probe' }]);
}

export function over(m: PlayerMachine, halted: ReasonCode): Transition {
  return stay({ ...m, shown: null, pending: null, view: null, waiting: false, checking: null, halted }, [
    { type: 'forget_retry' },
  ]);
}

/** An attempt is no help while one is under way, or while control says that the camera itself is the trouble. */
export function mayHelp(m: PlayerMachine): boolean {
  if (m.pending !== null || m.waiting || m.halted !== null) return false;
  const connectionStands = m.shown?.fault === 'picture_stalled';
  const state = m.external?.state;
  return !(connectionStands && state !== undefined && state !== 'live' && state !== 'idle');
}

export function holds(m: PlayerMachine, sessionId: string): boolean {
  return [m.view, m.shown?.view, m.pending?.view].some((view) => view?.sessionId === sessionId);
}
