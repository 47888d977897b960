import type { SessionId } from '@vedette/contracts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { describeStatus } from './describe-status.ts';
import type { Effect, MachineEvent } from './player-machine.ts';
import { CAPABLE, Drive, viewOf } from './player-state.fixture.ts';

/** Events as a browser might bring them in any order, aimed at what the machine holds, or at what it never knew. */
const event = fc.oneof(
  fc.record({
    kind: fc.constantFrom('play', 'stop', 'retry', 'online', 'started', 'refused', 'unreachable'),
  }),
  fc.record({
    kind: fc.constantFrom(
      'answered',
      'connected',
      'first_frame',
      'failed',
      'no-path',
      'refused-lane',
      'revoked-lane',
      'unfit-lane',
      'first_sound',
    ),
    lane: fc.nat(3),
  }),
  fc.record({ kind: fc.constantFrom('frozen', 'moving', 'starved') }),
  fc.record({ kind: fc.constantFrom('fallback', 'overdue', 'settle', 'upgrade') }),
  fc.record({
    kind: fc.constantFrom('main', 'sub', 'auto', 'offline', 'camera-live', 'sound-on', 'sound-off'),
  }),
  fc.record({
    kind: fc.constantFrom('view_lost', 'view_revoked', 'session_moved', 'session_ended', 'renewed'),
  }),
);
type Told = { readonly kind: string; readonly lane?: number };

const LEAD_IN: readonly Told[] = [
  { kind: 'play' },
  { kind: 'started' },
  { kind: 'connected' },
  { kind: 'first_frame' },
];

let nextView = 1;

function eventOf({ kind, lane: pick = 0 }: Told, drive: Drive): MachineEvent {
  const { pending, shown, view } = drive.machine;
  const lanes = [...(pending?.lanes.map(({ id }) => id) ?? []), ...(shown === null ? [] : [shown.lane])];
  const lane = lanes[pick] ?? -1;
  const tag = pending?.tag ?? -1;
  const sessionId = (view ?? shown?.view ?? pending?.view)?.sessionId ?? ('nobody' as SessionId);
  const failure = { code: 'media_unreachable', retryAfterMs: 0, kind: 'broken' } as const;
  switch (kind) {
    case 'play':
      return { type: 'play', wish: { profile: null, protocol: null, audio: false } };
    case 'stop':
    case 'retry':
    case 'online':
      return { type: kind };
    case 'started':
      return { type: 'started', tag, view: viewOf(`v${nextView++}`) };
    case 'refused':
      return { type: 'start_failed', tag, code: 'at_capacity', retryAfterMs: 0 };
    case 'unreachable':
      return { type: 'start_failed', tag, code: 'control_unreachable', retryAfterMs: 0 };
    case 'answered':
      return { type: 'answered', lane, doubtful: false };
    case 'connected':
    case 'first_frame':
    case 'first_sound':
      return { type: kind, lane };
    case 'sound-on':
    case 'sound-off':
      return { type: 'sound', wanted: kind === 'sound-on' };
    case 'unfit-lane':
      return { type: 'failed', lane, failure: { ...failure, kind: 'unfit', code: 'has_b_frames' } };
    case 'failed':
      return { type: 'failed', lane, failure };
    case 'no-path':
      return { type: 'failed', lane, failure: { ...failure, kind: 'no-path' } };
    case 'refused-lane':
      return { type: 'failed', lane, failure: { ...failure, kind: 'refused', code: 'not_running' } };
    case 'revoked-lane':
      return { type: 'failed', lane, failure: { ...failure, kind: 'refused', code: 'session_revoked' } };
    case 'frozen':
    case 'moving':
    case 'starved':
      return { type: kind, lane: drive.shownLane };
    case 'fallback':
    case 'overdue':
    case 'settle':
    case 'upgrade':
      return { type: 'timer', name: kind };
    case 'main':
    case 'sub':
      return { type: 'profile', profile: kind };
    case 'auto':
      return { type: 'profile', profile: null };
    case 'offline':
      return { type: 'external', state: { state: 'offline', reason: 'camera_unreachable' } };
    case 'camera-live':
      return { type: 'external', state: { state: 'live', reason: 'live' } };
    case 'view_lost':
    case 'view_revoked':
      return {
        type: 'view_lost',
        sessionId: drive.machine.checking ?? sessionId,
        revoked: kind === 'view_revoked' ? 'session_revoked' : null,
      };
    case 'session_moved':
      return { type: 'session_moved', sessionId, reason: 'node_lost' };
    case 'session_ended':
      return { type: 'session_ended', sessionId, reason: 'stream_dropped' };
    default:
      return { type: 'renewed', view: view ?? viewOf('nobody') };
  }
}

/** What was opened and not closed, granted and not ended, by the effects alone. */
class Books {
  readonly lanes = new Set<number>();
  readonly views = new Set<string>();
  retryPending = false;
  checkPending = false;

  enter(effect: Effect): void {
    if (effect.type === 'prepare' || effect.type === 'open') this.lanes.add(effect.lane);
    if (effect.type === 'close') expect(this.lanes.delete(effect.lane)).toBe(true);
    if (effect.type === 'lease') this.views.add(effect.view.sessionId);
    if (effect.type === 'end') this.views.delete(effect.view.sessionId);
    if (effect.type === 'retry_in') this.retryPending = true;
    if (effect.type === 'forget_retry') this.retryPending = false;
    if (effect.type === 'check') this.checkPending = true;
  }
}

it('whatever happens in whatever order, nothing is opened twice, left open or forgotten, and no dead end is entered', () => {
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 60, size: 'max' }),
      fc.boolean(),
      fc.nat(4),
      (events, udp, begun) => {
        const drive = new Drive();
        drive.circumstances = { ...CAPABLE, udp: udp ? undefined : false, probe: true };
        const books = new Books();
        for (const told of [...LEAD_IN.slice(0, begun), ...events, { kind: 'stop' }]) {
          const next = eventOf(told, drive);
          if (next.type === 'retry') books.retryPending = false;
          if (next.type === 'view_lost') books.checkPending = false;
          drive.tell(next);
          for (const effect of drive.effects) books.enter(effect);
          const { machine } = drive;
          const held = [...(machine.pending?.lanes ?? [])].map(({ id }) => id);
          if (machine.shown !== null) held.push(machine.shown.lane);
          expect([...books.lanes].sort()).toEqual(held.sort());
          expect(books.lanes.size).toBeLessThanOrEqual(3);
          expect(books.views.size).toBeLessThanOrEqual(3);
          if (describeStatus(machine, 0).state === 'live') expect(machine.shown?.fault).toBeNull();
          const idle = machine.wish === null || machine.halted !== null;
          const cameraIsOut = machine.external?.state === 'offline';
          // The watchdog calls for help again and again, and is heard unless an attempt is said to be under way.
          const { fault = null } = machine.shown ?? {};
          const heard = fault === 'picture_stalled' && !machine.waiting;
          const watched = machine.shown !== null && (fault === null || heard);
          const busy = machine.pending !== null || books.retryPending || books.checkPending;
          expect(idle || busy || watched || cameraIsOut, `a dead end after ${told.kind}`).toBe(true);
        }
        expect(books.lanes.size).toBe(0);
        expect(books.views.size).toBe(0);
      },
    ),
    { numRuns: 300 },
  );
});
