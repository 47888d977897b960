// What control tells: views granted, refused, renewed, moved, ended. Pure, part of player-state.ts.
import type { ReasonCode } from '@vedette/contracts';
import { begin, lanesFor } from './attempt.ts';
import { isUnfit } from './is-unfit.ts';
import { also, attemptFailed, giveUpPending, holds, over, stay } from './outcome.ts';
import type { Circumstances, MachineEvent, PlayerMachine, Transition } from './player-machine.ts';
import { revokedBy } from './revoked-by.ts';
import { startVerdict } from './start-verdict.ts';
import type { View } from './view-grant.ts';

export function started(m: PlayerMachine, tag: number, view: View, now: Circumstances): Transition {
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

export function startFailed(
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

export function renewed(m: PlayerMachine, view: View): PlayerMachine {
  const same = (other: View | null | undefined) => other?.sessionId === view.sessionId;
  return {
    ...m,
    view: same(m.view) ? view : m.view,
    shown: m.shown !== null && same(m.shown.view) ? { ...m.shown, view } : m.shown,
    pending: m.pending !== null && same(m.pending.view) ? { ...m.pending, view } : m.pending,
  };
}

/** The view must be started anew; its picture, if it still runs, stays until then. */
export function viewOver(
  m: PlayerMachine,
  sessionId: string,
  reason: ReasonCode,
  now: Circumstances,
): Transition {
  if (!holds(m, sessionId) || m.wish === null) return stay(m);
  const spent: PlayerMachine = { ...m, view: m.view?.sessionId === sessionId ? null : m.view };
  const underWay = m.pending !== null && m.pending.view?.sessionId !== sessionId;
  if (underWay || m.waiting || m.halted !== null) return stay(spent);
  return begin({ ...spent, trouble: reason }, m.shown === null ? 'play' : 'move', now);
}

/** A node takes no view that has ended; whether a person ended it, only control knows. */
export function check(m: PlayerMachine): Transition {
  const view = m.pending?.view ?? m.view ?? m.shown?.view ?? null;
  if (view === null || m.waiting) return stay(m);
  const shown = m.shown?.view === view ? { ...m.shown, fault: m.shown.fault ?? 'picture_stalled' } : m.shown;
  return stay({ ...m, shown, pending: null, view, waiting: true, checking: view.sessionId }, [
    { type: 'forget_retry' },
    { type: 'check', view },
  ]);
}

export function viewLost(
  m: PlayerMachine,
  sessionId: string,
  revoked: ReasonCode | null,
  now: Circumstances,
): Transition {
  if (m.checking === sessionId) {
    const asked: PlayerMachine = { ...m, checking: null };
    if (revoked !== null) return over(asked, revoked);
    const spent = { ...asked, view: asked.view?.sessionId === sessionId ? null : asked.view };
    return m.waiting && m.wish !== null && m.halted === null
      ? begin({ ...spent, waiting: false }, m.shown === null ? 'play' : 'reconnect', now)
      : stay(spent);
  }
  if (!holds(m, sessionId)) return stay(m);
  if (revoked !== null) return over(m, revoked);
  return viewOver(m, sessionId, 'session_not_found', now);
}

export function sessionEnded(
  m: PlayerMachine,
  sessionId: string,
  reason: ReasonCode,
  now: Circumstances,
): Transition {
  if (!holds(m, sessionId)) return stay(m);
  const revoked = revokedBy(reason);
  if (revoked !== null) return over(m, revoked);
  // `replaced` is our own reconnection, `viewer_left` our own stop.
  if (reason === 'replaced' || reason === 'viewer_left') return stay(m);
  const next = viewOver(m, sessionId, reason, now);
  const view = [m.pending?.view, m.shown?.view, m.view].find((held) => held?.sessionId === sessionId);
  // The node found out while it sent: nobody asks for this stream over WebRTC again.
  return isUnfit(reason) && view != null
    ? also(next, [{ type: 'unfit', profile: view.profile, reason }])
    : next;
}
