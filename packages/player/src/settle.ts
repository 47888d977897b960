// What the next state no longer holds is let go; what it newly holds is taken up. Pure, part of player-state.ts.
import type { BrowserProtocol, SessionId } from '@vedette/contracts';
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
  const lanesAfter = lanesOf(after);
  for (const lane of lanesOf(before).values()) {
    if (lanesAfter.has(lane.id)) continue;
    const { sessionId } = lane;
    const taken = [...lanesAfter.values()].some(
      (other) => other.protocol === lane.protocol && other.sessionId === sessionId,
    );
    const goodbye = sessionId !== undefined && heldAfter.has(sessionId) && !taken;
    all.push({ type: 'close', lane: lane.id, goodbye });
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

interface HeldLane {
  readonly id: LaneId;
  readonly protocol: BrowserProtocol;
  readonly sessionId: SessionId | undefined;
}

function lanesOf({ pending, shown }: PlayerMachine): Map<LaneId, HeldLane> {
  const lanes = new Map<LaneId, HeldLane>();
  for (const { id, protocol } of pending?.lanes ?? []) {
    lanes.set(id, { id, protocol, sessionId: pending?.view?.sessionId });
  }
  if (shown !== null) {
    const { lane: id, protocol, view } = shown;
    lanes.set(id, { id, protocol, sessionId: view.sessionId });
  }
  return lanes;
}
