import { CameraId, HOME_TENANT, type LiveEvent, NodeId, SessionId, StreamPath } from '@vedette/contracts';
import { silentLog, VedetteError } from '@vedette/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../tests/support/held-clock.ts';
import { ALICE, paperCamera } from '../../../../tests/support/viewing-harness.ts';
import { EventBus } from '../events/event-bus.ts';
import type { ViewRecord } from '../state/shared-state.ts';
import { MovePatience } from './move-patience.ts';
import { ViewReviewer } from './view-reviewer.ts';

const camera = paperCamera([]);
const view: ViewRecord = {
  sessionId: SessionId.parse('s1'),
  userId: ALICE.id,
  cameraId: CameraId.parse('c1'),
  profile: 'main',
  path: StreamPath.parse('cam_c1'),
  nodeId: NodeId.parse('n1'),
  protocol: 'webrtc',
  granted: ['webrtc', 'hls'],
  state: 'connected',
  startedAtMs: 0,
  connectBeforeMs: 0,
  counters: [],
  tier: 5,
  order: 1,
};

/** HLS from a load of 0.85 on; `denied` refuses altogether. */
function world() {
  const clock = new HeldClock();
  const bus = new EventBus();
  const events: LiveEvent[] = [];
  const ended: SessionId[] = [];
  bus.subscribe(({ event }) => events.push(event));
  const state = { cpu: 0.2, denied: false };
  const reviewer = new ViewReviewer({
    duty: { isMine: true },
    policy: {
      decide: async (_, supposed) => {
        if (state.denied) throw new VedetteError('denied_by_policy');
        const protocol = (supposed?.nodeCpu ?? 0) >= 0.85 ? 'hls' : 'webrtc';
        return { offers: [{ profile: 'main', protocol }], isAskedFor: false, steps: [], outcome: {} };
      },
    },
    state: { view: async () => view },
    catalog: { find: async () => camera },
    access: { who: async () => ALICE },
    nodeCpu: () => state.cpu,
    end: async ({ sessionId }) => void ended.push(sessionId),
    bus,
    clock,
    log: silentLog(),
  });
  reviewer.start();
  reviewer.remember({
    ...view,
    tenantId: HOME_TENANT,
    ask: { request: {}, wishedProtocol: undefined, clientAddress: undefined },
    best: { profile: 'main', protocol: 'webrtc' },
  });
  const moves = () => events.filter(({ type }) => type === 'session.move').length;
  return { bus, clock, ended, moves, reviewer, state };
}

describe('a running view', () => {
  it('is told to move when the load stays beyond the mark, once, and not in haste', async () => {
    const { clock, moves, state } = world();
    state.cpu = 0.95;
    await clock.pass(25_000);
    expect(moves()).toBe(0);
    await clock.pass(15_000);
    expect(moves()).toBe(1);
    await clock.pass(120_000);
    expect(moves()).toBe(1);
  });

  it('stays where it is while the load is near the mark', async () => {
    const { clock, moves, state } = world();
    state.cpu = 0.87;
    await clock.pass(200_000);
    expect(moves()).toBe(0);
  });

  it('is told at once when the rules have changed, and ended at once when they deny it', async () => {
    const { ended, moves, reviewer, state } = world();
    state.cpu = 0.95;
    await reviewer.rulesChanged(HOME_TENANT);
    expect(moves()).toBe(1);
    state.denied = true;
    await reviewer.rulesChanged(HOME_TENANT);
    expect(ended).toEqual([view.sessionId]);
  });

  it('that has ended is looked at no more', async () => {
    const { bus, clock, moves, state } = world();
    state.cpu = 0.95;
    bus.publish({
      type: 'session.ended',
      sessionId: view.sessionId,
      cameraId: view.cameraId,
      reason: 'viewer_left',
    });
    await clock.pass(100_000);
    expect(moves()).toBe(0);
  });
});

describe('patience', () => {
  it('never moves a view within its first 30 s, nor on fewer than three looks that agree, nor twice', () => {
    const looks = fc.array(fc.constantFrom(undefined, 'main by hls', 'sub by webrtc'), { maxLength: 60 });
    fc.assert(
      fc.property(looks, (wants) => {
        const patience = new MovePatience();
        const id = view.sessionId;
        patience.began(id, 0);
        let moved = 0;
        wants.forEach((wanted, i) => {
          const now = (i + 1) * 5000;
          if (!patience.says(id, wanted, { now, why: 'load' })) return;
          moved += 1;
          expect(now).toBeGreaterThanOrEqual(30_000);
          expect(new Set(wants.slice(i - 2, i + 1))).toEqual(new Set([wanted]));
        });
        expect(moved).toBeLessThanOrEqual(1);
      }),
    );
  });
});
