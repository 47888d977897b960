import {
  CameraId,
  type EndedSession,
  NodeId,
  type NodeSession,
  type Protocol,
  SessionId,
  StreamPath,
  UserId,
} from '@vedette/contracts';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type {
  OpenView,
  OpenViewResult,
  ReportFacts,
  SharedState,
  StreamToRun,
} from '../../apps/control-plane/src/state/shared-state.ts';
import { eventually } from '../support/eventually.ts';

const NOW = Date.UTC(2026, 0, 1);
const [N1, N2] = [NodeId.parse('node-1'), NodeId.parse('node-2')];
const LIMITS = { webrtc: 1000, hls: 1000 };
let count = 0;
let reports = 0;

interface Change extends Partial<OpenView> {
  readonly camera?: string;
  readonly user?: string;
  readonly protocols?: readonly Protocol[];
  /** Of the user. */
  readonly quota?: number;
  readonly stream?: StreamToRun;
}

function streamOf(camera: string, change: Partial<StreamToRun> = {}): StreamToRun {
  return {
    path: StreamPath.parse(`cam_${camera}`),
    cameraId: CameraId.parse(camera),
    profile: 'main',
    ttlMs: 15_000,
    alwaysOn: false,
    budgets: [],
    ...change,
  };
}

function request(change: Change = {}): OpenView {
  const { camera = 'c1', protocols = ['webrtc', 'hls'], quota = 50, user = 'alice', ...rest } = change;
  const { stream = streamOf(camera), ...asked } = rest;
  return {
    sessionId: SessionId.parse(`s${++count}`),
    userId: UserId.parse(user),
    counters: [{ key: `user ${user}`, max: quota, limit: 'user' }],
    budgets: [],
    makesRoom: true,
    tier: 5,
    preempts: false,
    revokeUntilMs: NOW + 60_000,
    offers: protocols.map((protocol) => ({ protocol, stream })),
    cameraLimits: { webrtc: 100, hls: 1000 },
    nodes: new Map([[N1, LIMITS]]),
    ranking: [N1],
    idempotencyKey: undefined,
    nowMs: NOW,
    connectBeforeMs: NOW + 15_000,
    ...asked,
  };
}

function opened(result: OpenViewResult) {
  if (result.outcome !== 'opened') throw new Error(`not opened: ${result.outcome}`);
  return result;
}

function session(
  of: { sessionId: SessionId; userId: UserId; cameraId: CameraId; path: StreamPath },
  protocol: Protocol = 'webrtc',
): NodeSession {
  return {
    sessionId: of.sessionId,
    userId: of.userId,
    cameraId: of.cameraId,
    profile: 'main',
    path: of.path,
    protocol,
    connectedAt: NOW,
    clientAddress: '127.0.0.1',
    bytesSent: 0,
    framesSent: 0,
    framesDropped: 0,
    packetsLost: 0,
    rttMs: null,
  };
}

function report(change: Partial<ReportFacts> = {}): ReportFacts {
  return {
    nodeId: N1,
    epoch: 'life-1',
    seq: ++reports,
    nowMs: NOW + 1000,
    sessions: [],
    ended: [],
    revokeLapsedUntilMs: NOW + 300_000,
    adoptable: [],
    running: [],
    ...change,
  };
}

/** What every shared state must do; `create` makes an empty one. */
export function sharedStateContract(name: string, create: () => Promise<SharedState>): void {
  describe(`shared state in ${name}`, () => {
    let state: SharedState;
    beforeEach(async () => {
      state = await create();
      for (const nodeId of [N1, N2]) await apply(report({ nodeId, nowMs: NOW }));
    });
    const open = async (...change: Parameters<typeof request>) =>
      opened(await state.openView(request(...change)));
    const apply = async (facts: ReportFacts, to = state) => {
      const outcome = await to.applyReport(facts);
      if (outcome === undefined) throw new Error('the node is not known');
      return outcome;
    };
    const shareOf = async (nodeId: NodeId, nowMs = NOW, since?: number) => {
      const share = await state.nodeState(nodeId, nowMs, since);
      if (share === undefined) throw new Error(`${nodeId} is not known`);
      return share;
    };

    describe('opening a view', () => {
      it('assigns the stream to the best node with a fence, and keeps it there', async () => {
        const first = await open({
          nodes: new Map([
            [N1, LIMITS],
            [N2, LIMITS],
          ]),
          ranking: [N2, N1],
        });
        expect(first.stream).toMatchObject({ nodeId: N2, views: 1 });
        const second = await open({
          nodes: new Map([
            [N1, LIMITS],
            [N2, LIMITS],
          ]),
          ranking: [N1, N2],
        });
        expect(second.stream).toEqual({ ...first.stream, views: 2 });
      });

      it('says when there is nowhere to go, and leaves nothing', async () => {
        expect(await state.openView(request({ ranking: [] }))).toEqual({ outcome: 'unplaced' });
        expect(await state.streams()).toEqual([]);
      });

      it('moves a stream off a node that is not usable, under a higher fence, and ends its views there', async () => {
        const before = await open();
        const after = await open({ nodes: new Map([[N2, LIMITS]]), ranking: [N2], nowMs: NOW + 1 });
        expect(after.stream.nodeId).toBe(N2);
        expect(after.stream.fence).toBeGreaterThan(before.stream.fence);
        expect(after.ended).toMatchObject([
          { view: { sessionId: before.view.sessionId }, reason: 'node_lost' },
        ]);
      });

      it('repeats the view of the same key, user and camera while it lives', async () => {
        const first = await open({ idempotencyKey: 'k' });
        const again = await state.openView(request({ idempotencyKey: 'k' }));
        expect(again).toMatchObject({ outcome: 'repeated', view: { sessionId: first.view.sessionId } });
        expect((await open({ idempotencyKey: 'k', user: 'bob' })).view.sessionId).not.toBe(
          first.view.sessionId,
        );
        expect((await open({ idempotencyKey: 'k', camera: 'c2' })).view.sessionId).not.toBe(
          first.view.sessionId,
        );
        await state.closeView({ sessionId: first.view.sessionId, reason: 'viewer_left', nowMs: NOW });
        expect((await open({ idempotencyKey: 'k' })).view.sessionId).not.toBe(first.view.sessionId);
      });

      it('takes the next protocol when the first has no room, and names what was full', async () => {
        const cameraLimits = { webrtc: 1, hls: 1 };
        expect((await open({ cameraLimits })).view).toMatchObject({
          protocol: 'webrtc',
          granted: ['webrtc', 'hls'],
        });
        const second = await open({ cameraLimits });
        expect(second.view).toMatchObject({ protocol: 'hls', granted: ['hls'] });
        expect(second.full).toEqual([{ protocol: 'webrtc', profile: 'main', limit: 'camera', key: 'c1' }]);
        expect(await state.openView(request({ cameraLimits }))).toEqual({
          outcome: 'full',
          full: [
            { protocol: 'webrtc', profile: 'main', limit: 'camera', key: 'c1' },
            { protocol: 'hls', profile: 'main', limit: 'camera', key: 'c1' },
          ],
        });
      });

      it('never exceeds a limit by one, however many come at once', async () => {
        const limit = fc.integer({ min: 0, max: 6 });
        await fc.assert(
          fc.asyncProperty(
            limit,
            limit,
            limit,
            limit,
            fc.array(
              fc.record({ camera: fc.constantFrom('c1', 'c2'), user: fc.constantFrom('u1', 'u2', 'u3') }),
              {
                maxLength: 40,
              },
            ),
            async (cameraLimit, nodeLimit, hlsLimit, quotaLimit, starts) => {
              const fresh = await create();
              const results = await Promise.all(
                starts.map((start) =>
                  fresh.openView(
                    request({
                      ...start,
                      quota: quotaLimit,
                      cameraLimits: { webrtc: cameraLimit, hls: 1000 },
                      nodes: new Map([[N1, { webrtc: nodeLimit, hls: hlsLimit }]]),
                    }),
                  ),
                ),
              );
              const views = await fresh.views({});
              const over = (protocol: Protocol) => views.filter((view) => view.protocol === protocol);
              expect(views).toHaveLength(results.filter(({ outcome }) => outcome === 'opened').length);
              expect(over('webrtc').length).toBeLessThanOrEqual(nodeLimit);
              expect(over('hls').length).toBeLessThanOrEqual(hlsLimit);
              for (const camera of ['c1', 'c2']) {
                const here = over('webrtc').filter(({ cameraId }) => cameraId === camera);
                expect(here.length).toBeLessThanOrEqual(cameraLimit);
              }
              for (const user of ['u1', 'u2', 'u3']) {
                expect(views.filter(({ userId }) => userId === user).length).toBeLessThanOrEqual(quotaLimit);
              }
            },
          ),
          { numRuns: 60 },
        );
      });

      it('gives back what a closed view had taken', async () => {
        for (let i = 0; i < 5; i++) {
          const { view } = await open({ quota: 1, cameraLimits: { webrtc: 1, hls: 0 } });
          await state.closeView({ sessionId: view.sessionId, reason: 'viewer_left', nowMs: NOW });
        }
      });
    });

    describe('several offers', () => {
      const main = streamOf('c1', { budgets: ['device c1'] });
      const sub = streamOf('c1', {
        path: StreamPath.parse('cam_c1_sub'),
        profile: 'sub',
        budgets: ['device c1'],
      });
      const device = (max: number) => [{ key: 'device c1', max, limit: 'device' }] as const;
      const offers = [
        { protocol: 'webrtc', stream: main },
        { protocol: 'webrtc', stream: sub },
        { protocol: 'hls', stream: main },
      ] as const;

      it('are taken in their order, and the other protocols of the stream stay granted', async () => {
        const first = await open({ offers, budgets: device(2) });
        expect(first.view).toMatchObject({ profile: 'main', protocol: 'webrtc', granted: ['webrtc', 'hls'] });
      });

      it('share the pull that a device bears, whoever asks for another of its streams', async () => {
        await open({ offers: [{ protocol: 'webrtc', stream: sub }], budgets: device(1) });
        const second = await open({ offers, budgets: device(1) });
        expect(second.view).toMatchObject({ profile: 'sub', protocol: 'webrtc' });
        expect(second.full).toMatchObject([{ profile: 'main', limit: 'device', key: 'device c1' }]);
        const alone = request({ offers: [{ protocol: 'hls', stream: main }], budgets: device(1) });
        expect(await state.openView(alone)).toMatchObject({ outcome: 'full', full: [{ limit: 'device' }] });
      });

      it('wait for a pull that nobody watches to end on its node, and not longer', async () => {
        const idle = await open({ offers: [{ protocol: 'webrtc', stream: sub }], budgets: device(1) });
        const { sessionId } = idle.view;
        await state.closeView({ sessionId, reason: 'viewer_left', nowMs: NOW });
        const wanted = { offers: [{ protocol: 'webrtc', stream: main }] as const, budgets: device(1) };
        expect(await state.openView(request({ ...wanted, makesRoom: false }))).toMatchObject({
          outcome: 'full',
        });
        expect(await state.openView(request(wanted))).toEqual({ outcome: 'making-room' });
        expect(await state.streams()).toEqual([]);
        await apply(report({ running: [sub.path] }));
        expect(await state.openView(request(wanted))).toEqual({ outcome: 'making-room' });
        await apply(report({ nodeId: N2 }));
        expect(await state.openView(request(wanted))).toEqual({ outcome: 'making-room' });
        await apply(report({ running: [] }));
        expect((await open(wanted)).view.profile).toBe('main');
      });

      it('do not wait for ever for a node that says nothing', async () => {
        const { view } = await open({ offers: [{ protocol: 'webrtc', stream: sub }], budgets: device(1) });
        await state.closeView({ sessionId: view.sessionId, reason: 'viewer_left', nowMs: NOW });
        await state.sweep(NOW + 15_000);
        const wanted = { offers: [{ protocol: 'webrtc', stream: main }] as const, budgets: device(1) };
        expect(await state.openView(request({ ...wanted, nowMs: NOW + 15_001 }))).toEqual({
          outcome: 'making-room',
        });
        expect((await open({ ...wanted, nowMs: NOW + 60_000 })).view.profile).toBe('main');
      });

      it('pull what a made stream is made of in the same step, or nothing', async () => {
        const made = streamOf('c1', { path: StreamPath.parse('cam_c1_lite'), profile: 'lite' });
        const offer = [{ protocol: 'webrtc', stream: made, parent: main }] as const;
        expect(await state.openView(request({ offers: offer, budgets: device(0) }))).toMatchObject({
          outcome: 'full',
          full: [{ limit: 'device' }],
        });
        expect(await state.streams()).toEqual([]);
        await open({ offers: offer, budgets: device(1) });
        expect((await state.streams()).map(({ path }) => path).sort()).toEqual(['cam_c1', 'cam_c1_lite']);
        const other = request({ offers: [{ protocol: 'hls', stream: sub }], budgets: device(1) });
        expect(await state.openView(other)).toMatchObject({ outcome: 'full' });
      });

      it('never make a device see one connection more than it bears', async () => {
        await fc.assert(
          fc.asyncProperty(
            fc.integer({ min: 1, max: 2 }),
            fc.array(
              fc.record({
                camera: fc.constantFrom('a', 'b', 'c'),
                act: fc.constantFrom('open', 'open', 'close', 'node'),
              }),
              { maxLength: 60 },
            ),
            async (max, acts) => {
              const fresh = await create();
              const budgets = [{ key: 'recorder', max, limit: 'device' }] as const;
              let nowMs = NOW;
              /** What the node pulls: it follows what is desired only when it gets round to it. */
              let pulled: readonly StreamPath[] = [];
              for (const { act, camera } of acts) {
                nowMs += 10;
                if (act === 'open') {
                  const stream = streamOf(camera, { budgets: ['recorder'] });
                  for (const _ of [1, 2]) await fresh.openView(request({ stream, budgets, nowMs }));
                } else if (act === 'close') {
                  const [view] = await fresh.views({});
                  if (view !== undefined)
                    await fresh.closeView({ sessionId: view.sessionId, reason: 'viewer_left', nowMs });
                } else {
                  const desired = (await fresh.streams()).map(({ path }) => path);
                  pulled = desired;
                  const sessions = (await fresh.views({})).map((view) => session(view));
                  await apply(report({ nowMs, running: pulled, sessions }), fresh);
                }
                const desired = (await fresh.streams()).map(({ path }) => path);
                expect(new Set([...pulled, ...desired]).size).toBeLessThanOrEqual(max);
              }
            },
          ),
          { numRuns: 100 },
        );
      });
    });

    describe('a more important view', () => {
      const counter = (max: number) => [{ key: 'quota police', max, limit: 'quota-group' }] as const;
      const urgent = { tier: 1, preempts: true } as const;

      it('takes the place of the least important one, the youngest of those', async () => {
        const cameraLimits = { webrtc: 3, hls: 0 };
        const low = await open({ tier: 9, cameraLimits });
        const young = await open({ tier: 9, cameraLimits });
        await open({ tier: 5, cameraLimits });
        const taken = await open({ ...urgent, cameraLimits });
        expect(taken.ended).toMatchObject([
          { view: { sessionId: young.view.sessionId }, reason: 'preempted' },
        ]);
        expect(await state.view(low.view.sessionId)).toBeDefined();
        expect((await shareOf(N1, NOW)).revoked).toMatchObject([{ sessionId: young.view.sessionId }]);
      });

      it('takes nothing from its equals, and nothing without being told to', async () => {
        const cameraLimits = { webrtc: 1, hls: 0 };
        await open({ tier: 1, cameraLimits });
        expect((await state.openView(request({ ...urgent, cameraLimits }))).outcome).toBe('full');
        const other = { camera: 'c2', cameraLimits };
        await open({ ...other, tier: 9 });
        expect((await state.openView(request({ ...other, tier: 1 }))).outcome).toBe('full');
      });

      it('is refused where something stands in the way that no view can give', async () => {
        await open({ tier: 9, counters: counter(1), quota: 1 });
        const own = [...counter(1), { key: 'user alice', max: 0, limit: 'user' }] as const;
        expect((await state.openView(request({ ...urgent, counters: own }))).outcome).toBe('full');
        expect(await state.views({})).toHaveLength(1);
        expect((await open({ ...urgent, counters: counter(1) })).ended).toHaveLength(1);
      });

      it('leaves every limit as it is, whatever comes in whatever order', async () => {
        const starts = fc.record({
          tier: fc.integer({ min: 0, max: 9 }),
          preempts: fc.boolean(),
          user: fc.constantFrom('u1', 'u2', 'u3'),
          camera: fc.constantFrom('c1', 'c2'),
        });
        await fc.assert(
          fc.asyncProperty(
            fc.integer({ min: 0, max: 4 }),
            fc.integer({ min: 0, max: 4 }),
            fc.array(starts, { maxLength: 40 }),
            async (group, onCamera, list) => {
              const fresh = await create();
              await Promise.all(
                list.map((start) =>
                  fresh.openView(
                    request({
                      ...start,
                      protocols: ['webrtc'],
                      cameraLimits: { webrtc: onCamera, hls: 0 },
                      counters: counter(group),
                    }),
                  ),
                ),
              );
              const views = await fresh.views({});
              expect(views.length).toBeLessThanOrEqual(group);
              expect(await fresh.counts(['quota police'])).toEqual([views.length]);
              for (const camera of ['c1', 'c2'])
                expect(views.filter(({ cameraId }) => cameraId === camera).length).toBeLessThanOrEqual(
                  onCamera,
                );
            },
          ),
          { numRuns: 60 },
        );
      });
    });

    describe('closing a view', () => {
      it('keeps the stream for its time to live, and not longer', async () => {
        const { view } = await open();
        await state.closeView({ sessionId: view.sessionId, reason: 'viewer_left', nowMs: NOW + 1000 });
        expect(await state.sweep(NOW + 15_999)).toBe(NOW + 16_000);
        expect(await state.streams()).toHaveLength(1);
        expect(await state.sweep(NOW + 16_000)).toBe(Number.POSITIVE_INFINITY);
        expect(await state.streams()).toEqual([]);
      });

      it('drops a stream without time to live in the same step', async () => {
        const stream = streamOf('c1', { ttlMs: 0 });
        const { view } = await open({ stream });
        await state.closeView({ sessionId: view.sessionId, reason: 'viewer_left', nowMs: NOW });
        expect(await state.streams()).toEqual([]);
      });

      it('does no harm when repeated, and none to a view of somebody else', async () => {
        const { view } = await open();
        const close = { sessionId: view.sessionId, reason: 'viewer_left', nowMs: NOW } as const;
        expect(await state.closeView({ ...close, onlyUser: UserId.parse('bob') })).toBeUndefined();
        expect(await state.closeView(close)).toMatchObject({ reason: 'viewer_left' });
        expect(await state.closeView(close)).toBeUndefined();
        expect(await state.endedView(view.sessionId)).toMatchObject({ reason: 'viewer_left' });
      });

      it('tells the node of a revoked view, each time only what is new', async () => {
        const [one, two] = [await open(), await open()];
        const close = { reason: 'revoked', nowMs: NOW, revokeUntilMs: NOW + 60_000 } as const;
        await state.closeView({ ...close, sessionId: one.view.sessionId });
        const first = await shareOf(N1, NOW);
        expect(first.revoked).toEqual([{ sessionId: one.view.sessionId, untilMs: NOW + 60_000 }]);
        await state.closeView({ ...close, sessionId: two.view.sessionId });
        expect((await shareOf(N1, NOW, first.revokedUpTo)).revoked).toEqual([
          { sessionId: two.view.sessionId, untilMs: NOW + 60_000 },
        ]);
        expect((await shareOf(N1, NOW)).revoked).toHaveLength(2);
        expect((await shareOf(N2, NOW)).revoked).toEqual([]);
        expect((await shareOf(N1, NOW + 60_000)).revoked).toEqual([]);
      });
    });

    describe('a report', () => {
      it('connects granted views, and ends those that it does not name any more', async () => {
        const { view } = await open();
        const seen = await apply(report({ sessions: [session(view)] }));
        expect(seen.connected).toMatchObject([{ sessionId: view.sessionId, state: 'connected' }]);
        expect((await apply(report({ sessions: [session(view)] }))).connected).toEqual([]);
        const gone = await apply(report());
        expect(gone.ended).toMatchObject([{ view: { sessionId: view.sessionId }, reason: 'viewer_silent' }]);
        expect(await state.view(view.sessionId)).toBeUndefined();
      });

      it('ends a view for the reason that the node gives, unless it is there again', async () => {
        const { view } = await open();
        const ended: EndedSession[] = [
          { sessionId: view.sessionId, reason: 'viewer_left', endedAt: NOW, seconds: 1, bytesSent: 1 },
        ];
        const again = await apply(report({ sessions: [session(view, 'hls')], ended }));
        expect(again).toMatchObject({ connected: [{ protocol: 'hls' }], ended: [] });
        expect((await apply(report({ ended }))).ended).toMatchObject([{ reason: 'viewer_left' }]);
      });

      it('counts a view by the protocol that it uses now', async () => {
        const cameraLimits = { webrtc: 1, hls: 1 };
        const { view } = await open({ cameraLimits });
        await apply(report({ sessions: [session(view, 'hls')] }));
        expect((await open({ cameraLimits })).view.protocol).toBe('webrtc');
        expect((await state.openView(request({ cameraLimits }))).outcome).toBe('full');
      });

      it('lapses a granted view only after its time, and lets it not come any more', async () => {
        const { view } = await open();
        expect((await apply(report({ nowMs: NOW + 14_999 }))).ended).toEqual([]);
        const lapsed = await apply(report({ nowMs: NOW + 15_000 }));
        expect(lapsed.ended).toMatchObject([{ reason: 'never_connected' }]);
        expect((await shareOf(N1, NOW)).revoked).toEqual([
          { sessionId: view.sessionId, untilMs: NOW + 300_000 },
        ]);
        await apply(report({ nowMs: NOW + 16_000, sessions: [session(view)] }));
        expect(await state.view(view.sessionId)).toBeUndefined();
      });

      it('of a new life of the node ends what was connected, and leaves what is only granted', async () => {
        const [one, two] = [await open(), await open()];
        await apply(report({ sessions: [session(one.view)] }));
        const { ended } = await apply(report({ epoch: 'life-2' }));
        expect(ended).toMatchObject([{ view: { sessionId: one.view.sessionId }, reason: 'node_lost' }]);
        expect(await state.view(two.view.sessionId)).toBeDefined();
      });

      it('leaves views on other nodes alone', async () => {
        const { view } = await open();
        const nowMs = NOW + 60_000;
        expect(await apply(report({ nodeId: N2, nowMs }))).toEqual({ connected: [], ended: [] });
        expect(await state.view(view.sessionId)).toBeDefined();
      });

      it('after a restart of control brings back streams, views and fences', async () => {
        const lost = await open();
        const { cameraId, fence, path, profile } = lost.stream;
        const fresh = await create();
        const adoptable = [{ path, cameraId, profile, fence, ttlMs: 15_000, alwaysOn: false, budgets: [] }];
        const { connected } = await apply(report({ adoptable, sessions: [session(lost.view)] }), fresh);
        expect(connected).toMatchObject([{ sessionId: lost.view.sessionId, userId: 'alice', path }]);
        expect(await fresh.streams()).toMatchObject([{ path, nodeId: N1, fence, views: 1 }]);
        const next = opened(await fresh.openView(request({ camera: 'c2', nowMs: 0 })));
        expect(next.stream.fence).toBeGreaterThan(fence);
        const users = opened(await fresh.openView(request({ quota: 3 })));
        expect(users.stream).toMatchObject({ nodeId: N1, fence, views: 2 });
      });

      it('takes over idle streams of an unknown node only, for their time to live', async () => {
        const idle = { ...streamOf('idle'), fence: 5 };
        const fresh = await create();
        await apply(report({ adoptable: [idle] }), fresh);
        expect(await fresh.streams()).toMatchObject([{ path: idle.path, keepUntilMs: NOW + 16_000 }]);
        await fresh.sweep(NOW + 16_000);
        await apply(report({ nowMs: NOW + 17_000, adoptable: [{ ...idle, fence: 6 }] }), fresh);
        expect(await fresh.streams()).toEqual([]);
      });

      it('that is older than one taken in before changes nothing, whatever way it came', async () => {
        const { view } = await open();
        const [old, young] = [report(), report({ sessions: [session(view)] })];
        expect((await apply(young)).connected).toHaveLength(1);
        expect(await apply(old)).toEqual({ connected: [], ended: [] });
        expect(await apply(young)).toEqual({ connected: [], ended: [] });
        expect(await state.view(view.sessionId)).toMatchObject({ state: 'connected' });
        const reborn = await apply(report({ epoch: 'life-2', seq: 1 }));
        expect(reborn.ended).toMatchObject([{ reason: 'node_lost' }]);
      });

      it('makes its node known: before it, nothing is said of what should run there', async () => {
        const fresh = await create();
        opened(await fresh.openView(request()));
        expect(await fresh.nodeState(N1, NOW)).toBeUndefined();
        expect(await fresh.applyReport({ ...report(), adoptable: undefined })).toBeUndefined();
        expect(await fresh.knownNodes()).toEqual(new Set());
        await apply(report(), fresh);
        expect(await fresh.knownNodes()).toEqual(new Set([N1]));
        expect((await fresh.nodeState(N1, NOW))?.streams).toMatchObject([{ path: 'cam_c1', views: 1 }]);
        expect(await fresh.nodeState(N2, NOW)).toBeUndefined();
      });

      it('takes over no stream that was placed elsewhere later', async () => {
        const { stream, view } = await open({ nodes: new Map([[N2, LIMITS]]), ranking: [N2] });
        const old = { ...streamOf('c1'), fence: stream.fence - 1 };
        const ghost = { ...view, sessionId: SessionId.parse('ghost') };
        await apply(report({ adoptable: [old], sessions: [session(ghost)] }));
        expect(await state.streams()).toMatchObject([{ nodeId: N2, fence: stream.fence }]);
        expect(await state.view(ghost.sessionId)).toBeUndefined();
      });

      it('brings back no view that was stopped before it was known', async () => {
        const { cameraId, path, profile } = streamOf('c1');
        const gone = { sessionId: SessionId.parse('early'), userId: UserId.parse('alice'), cameraId, path };
        const stop = { reason: 'viewer_left', nowMs: NOW, revokeUntilMs: NOW + 60_000 } as const;
        await state.closeView({ ...stop, sessionId: gone.sessionId, onlyUser: gone.userId });
        const foreign = { ...gone, sessionId: SessionId.parse('foreign') };
        await state.closeView({ ...stop, sessionId: foreign.sessionId, onlyUser: UserId.parse('bob') });
        const adoptable = [{ path, cameraId, profile, fence: 1, ttlMs: 0, alwaysOn: false, budgets: [] }];
        await apply(report({ adoptable, sessions: [session(gone), session(foreign)] }));
        expect((await state.views({})).map(({ sessionId }) => sessionId)).toEqual(['foreign']);
        expect((await shareOf(N1, NOW)).revoked).toMatchObject([{ sessionId: 'early' }]);
      });
    });

    describe('streams', () => {
      it('move once under a higher fence, ending their views, and wait for them', async () => {
        const { stream, view } = await open();
        const move = {
          path: stream.path,
          fence: stream.fence,
          to: N2,
          reason: 'node_lost',
          nowMs: NOW,
          holdMs: 5000,
        } as const;
        expect(await state.moveStream(move)).toMatchObject({
          stream: { nodeId: N2, views: 0 },
          ended: [{ view: { sessionId: view.sessionId } }],
          kept: [],
        });
        expect(await state.moveStream(move)).toBeUndefined();
        const [moved] = await state.streams();
        expect(moved).toMatchObject({ nodeId: N2, views: 0, keepUntilMs: NOW + 5000 });
        expect(moved?.fence).toBeGreaterThan(stream.fence);
        expect(await state.streamCounts()).toEqual(new Map([[N2, 1]]));
      });

      it('move while their views go on where they are, if their budgets bear both', async () => {
        const stream = streamOf('c1', { budgets: ['device c1'] });
        const budgets = (max: number) => [{ key: 'device c1', max, limit: 'device' }] as const;
        const { stream: before, view } = await open({ stream, budgets: budgets(2) });
        await apply(report({ sessions: [session(view)], running: [stream.path] }));
        const move = {
          path: stream.path,
          to: N2,
          reason: 'node_draining',
          nowMs: NOW,
          holdMs: 5000,
        } as const;
        const make = { budgets: budgets(2), untilMs: NOW + 15_000 };
        const moved = await state.moveStream({ ...move, fence: before.fence, make });
        expect(moved).toMatchObject({ stream: { nodeId: N2, views: 1 }, ended: [] });
        expect(moved?.kept).toMatchObject([{ sessionId: view.sessionId, nodeId: N1 }]);
        expect((await state.nodeState(N1, NOW))?.streams).toEqual([]);
        // Both pulls count until the first node says that its own is over.
        const other = {
          path: StreamPath.parse('cam_c1_sub'),
          profile: 'sub',
          budgets: ['device c1'],
        } as const;
        const sub = { stream: streamOf('c1', other), budgets: budgets(2), makesRoom: false, ranking: [N2] };
        const both = new Map([
          [N1, LIMITS],
          [N2, LIMITS],
        ]);
        expect((await state.openView(request({ ...sub, nodes: both }))).outcome).toBe('full');
        await apply(report({ running: [] }));
        expect((await state.openView(request({ ...sub, nodes: both }))).outcome).toBe('opened');
        expect(await state.views({ nodeId: N1 })).toEqual([]);
      });

      it('break before they are made anew where the budget bears no two', async () => {
        const stream = streamOf('c1', { budgets: ['device c1'] });
        const budgets = [{ key: 'device c1', max: 1, limit: 'device' }] as const;
        const { stream: before, view } = await open({ stream, budgets });
        const moved = await state.moveStream({
          path: stream.path,
          fence: before.fence,
          to: N2,
          reason: 'node_draining',
          nowMs: NOW,
          holdMs: 5000,
          make: { budgets, untilMs: NOW + 15_000 },
        });
        expect(moved?.ended).toMatchObject([
          { view: { sessionId: view.sessionId }, reason: 'node_draining' },
        ]);
        expect(moved?.kept).toEqual([]);
      });

      it('that are always on exist without views, until the camera is changed', async () => {
        const stream = streamOf('c1', { alwaysOn: true });
        expect(await state.ensureStream({ stream, budgets: [], ranking: [], nowMs: NOW })).toBeUndefined();
        const first = await state.ensureStream({ stream, budgets: [], ranking: [N1], nowMs: NOW });
        expect(await state.ensureStream({ stream, budgets: [], ranking: [N2], nowMs: NOW })).toEqual(first);
        await state.sweep(NOW + 1_000_000);
        expect(await state.streams()).toHaveLength(1);
        const { cameraId, path } = stream;
        await state.configureCamera({ cameraId, paths: [path], ttlMs: 1000, alwaysOn: false, nowMs: NOW });
        await state.sweep(NOW + 1000);
        expect(await state.streams()).toEqual([]);
      });

      it('of a profile that is gone are dropped with their views', async () => {
        const { stream, view } = await open();
        const ended = await state.configureCamera({
          cameraId: stream.cameraId,
          paths: [],
          ttlMs: 0,
          alwaysOn: false,
          nowMs: NOW,
        });
        expect(ended).toMatchObject([{ view: { sessionId: view.sessionId }, reason: 'stream_dropped' }]);
        expect(await state.streams()).toEqual([]);
      });

      it('wake their node when its desired state changes, and only then', async () => {
        const woken: NodeId[] = [];
        const stop = state.onDesiredChange((nodeId) => woken.push(nodeId));
        /** What woke before this is heard before it, in whichever process. */
        const heard = async (camera: string) => {
          const nodeId = NodeId.parse(`node-${camera}`);
          await state.ensureStream({ stream: streamOf(camera), budgets: [], ranking: [nodeId], nowMs: NOW });
          await eventually('the wake is heard', () => woken.includes(nodeId));
          return woken.splice(0).slice(0, -1);
        };
        const { stream, view } = await open();
        expect(await heard('opening')).toEqual([N1]);
        await open();
        await apply(report({ sessions: [session(view)] }));
        expect(await heard('report')).toEqual([]);
        const { fence, path } = stream;
        await state.moveStream({ path, fence, to: N2, reason: 'node_lost', nowMs: NOW, holdMs: 0 });
        expect(new Set(await heard('moving'))).toEqual(new Set([N1, N2]));
        stop();
        const later: NodeId[] = [];
        const stopLater = state.onDesiredChange((nodeId) => later.push(nodeId));
        await open({ camera: 'c9' });
        await eventually('others hear it', () => later.length > 0);
        expect(woken).toEqual([]);
        stopLater();
      });
    });

    describe('lists of views', () => {
      it('are in the order of opening, by page and by filter', async () => {
        for (const [camera, user] of [
          ['c1', 'u1'],
          ['c2', 'u1'],
          ['c1', 'u2'],
          ['c1', 'u1'],
        ] as const)
          await open({ camera, user });
        const all = await state.views({});
        expect(all.map(({ order }) => order)).toEqual(
          [...all].map(({ order }) => order).sort((a, b) => a - b),
        );
        const rest = await state.views({ after: all[1]?.order ?? 0, limit: 1 });
        expect(rest.map(({ sessionId }) => sessionId)).toEqual([all[2]?.sessionId]);
        expect(
          await state.views({ cameraId: CameraId.parse('c1'), userId: UserId.parse('u1') }),
        ).toHaveLength(2);
        expect(await state.views({ nodeId: N2 })).toEqual([]);
      });
    });
  });
}
