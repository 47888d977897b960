// What the next state no longer holds is let go; what it newly holds is taken up. Pure, part of player-state.ts.
import type { Effect, LaneId, PlayerMachine } from './player-machine.ts';
import type { View } from './view-grant.ts';

/** `effects` completed by leases, ends, closings and timers that follow from comparing the two states. */
export function settle(before: PlayerMachine, after: PlayerMachine, effects: readonly Effect[]): Effect[] {
  const all: Effect[] = [];
  const heldBefore = viewsOf(before);
  const heldAfter = viewsOf(after);
  for (const [id, view] of heldAfter) {
    if (!heldBefore.has(id)) all.push({ type: 'lease', view });
  }
  all.push(...effects);
  for (const lane of lanesOf(before)) {
    if (!lanesOf(after).has(lane)) all.push({ type: 'close', lane });
  }
  for (const [id, view] of heldBefore) {
    if (!heldAfter.has(id)) all.push({ type: 'end', view });
  }
  if (before.pending !== null && after.pending === null) {
    all.push({ type: 'disarm', timer: 'fallback' }, { type: 'disarm', timer: 'overdue' });
  }
  if (before.shown !== null && after.shown === null) {
    all.push({ type: 'disarm', timer: 'settle' }, { type: 'disarm', timer: 'upgrade' });
  }
  if (before.waiting && !after.waiting && !effects.some(({ type }) => type === 'forget_retry')) {
    all.push({ type: 'forget_retry' });
  }
  return all;
}

function viewsOf(m: PlayerMachine): Map<string, View> {
  const held = new Map<string, View>();
  for (const view of [m.view, m.shown?.view, m.pending?.view]) {
    if (view != null) held.set(view.sessionId, view);
  }
  return held;
}

function lanesOf(m: PlayerMachine): Set<LaneId> {
  const lanes = new Set((m.pending?.lanes ?? []).map(({ id }) => id));
  if (m.shown !== null) lanes.add(m.shown.lane);
  return lanes;
}
