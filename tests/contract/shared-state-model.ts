// Random steps of shared state, which mean the same to every implementation that is in the same state.
import {
  CameraId,
  NodeId,
  type NodeSession,
  type ProfileName,
  type Protocol,
  SessionId,
  StreamPath,
  UserId,
} from '@vedette/contracts';
import fc from 'fast-check';
import type {
  Counter,
  OpenView,
  ReportFacts,
  SharedState,
  StreamToRun,
} from '../../apps/control-plane/src/state/shared-state.ts';

export const START_MS = Date.UTC(2026, 0, 1);
export const NODES = ['n1', 'n2', 'n3'].map((name) => NodeId.parse(name));
const USERS = ['alice', 'bob'].map((name) => UserId.parse(name));
const CAMERAS = ['a', 'b', 'c'].map((name) => CameraId.parse(name));
const PROFILES = ['main', 'sub', 'lite'] as const;
const PROTOCOLS = ['webrtc', 'hls', 'rtsp'] as const;

/** What a run has seen so far; equal for all that run the same steps. */
export class World {
  nowMs = START_MS;
  seq = 10;
  readonly sessions: Pick<NodeSession, 'sessionId' | 'userId' | 'cameraId' | 'path' | 'profile'>[] = [];
  readonly said = new Map<NodeId, readonly NodeSession[]>();
}

export interface Step {
  readonly what: string;
  /** Answers whatever the state answers. */
  run(state: SharedState, world: World): Promise<unknown>;
  /** Once all have run it. */
  after?(world: World): void;
}

function pathOf(camera: CameraId, profile: ProfileName): StreamPath {
  return StreamPath.parse(profile === 'main' ? `cam_${camera}` : `cam_${camera}_${profile}`);
}

/** Of those that there were, or one that will be. */
function sessionAt(world: World, index: number): SessionId {
  return SessionId.parse(`s${index % (world.sessions.length + 1)}`);
}

function streamOf(camera: CameraId, profile: ProfileName, ttlMs: number, alwaysOn = false): StreamToRun {
  const budgets = profile === 'lite' ? [] : [`device ${camera}`, 'site'];
  return { path: pathOf(camera, profile), cameraId: camera, profile, ttlMs, alwaysOn, budgets };
}

function budgetsOf(camera: CameraId, max: number): readonly Counter[] {
  return [
    { key: `device ${camera}`, max, limit: 'device' },
    { key: 'site', max: max + 1, limit: 'site' },
  ];
}

const camera = fc.constantFrom(...CAMERAS);
const profile = fc.constantFrom(...PROFILES);
const protocol = fc.constantFrom<Protocol>(...PROTOCOLS);
const user = fc.constantFrom(...USERS);
const node = fc.constantFrom(...NODES);
const ttlMs = fc.constantFrom(0, 5000, 15_000);
const few = fc.integer({ min: 0, max: 3 });
const seldom = fc.integer({ min: 0, max: 5 }).map((number) => number === 0);
const often = seldom.map((is) => !is);
const passMs = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 2500 }) },
  { weight: 1, arbitrary: fc.constantFrom(7000, 16_000, 70_000) },
);
const pick = fc.nat({ max: 30 });
const nodeLimits = fc.uniqueArray(fc.tuple(node, few, few), {
  minLength: 1,
  maxLength: 3,
  selector: ([name]) => name,
});

const open = fc
  .record({
    camera,
    offers: fc.array(fc.tuple(profile, protocol), { minLength: 1, maxLength: 4 }),
    user,
    tier: fc.integer({ min: 0, max: 9 }),
    preempts: fc.boolean(),
    makesRoom: fc.boolean(),
    onCamera: fc.integer({ min: 0, max: 8 }),
    quota: fc.integer({ min: 0, max: 12 }),
    ofDevice: few,
    nodes: nodeLimits,
    isRanked: often,
    key: fc.option(fc.constantFrom('k1', 'k2'), { nil: undefined }),
    ttlMs,
    alwaysOn: fc.boolean(),
  })
  .map((drawn): Step => {
    const request = (world: World): OpenView => ({
      sessionId: SessionId.parse(`s${world.sessions.length}`),
      userId: drawn.user,
      offers: drawn.offers.map(([wanted, over]) => ({
        protocol: over,
        stream: streamOf(drawn.camera, wanted, drawn.ttlMs, drawn.alwaysOn),
        ...(wanted === 'lite' ? { parent: streamOf(drawn.camera, 'main', drawn.ttlMs) } : {}),
      })),
      cameraLimits: { webrtc: drawn.onCamera, hls: 2 },
      counters: [
        { key: `user ${drawn.user}`, max: 8, limit: 'user' },
        { key: 'quota', max: drawn.quota + 1, limit: 'quota-group' },
      ],
      budgets: budgetsOf(drawn.camera, drawn.ofDevice),
      makesRoom: drawn.makesRoom,
      tier: drawn.tier,
      preempts: drawn.preempts,
      revokeUntilMs: world.nowMs + 60_000,
      nodes: new Map(drawn.nodes.map(([name, webrtc, hls]) => [name, { webrtc: webrtc * 3, hls }])),
      ranking: drawn.isRanked ? drawn.nodes.map(([name]) => name) : [],
      idempotencyKey: drawn.key,
      nowMs: world.nowMs,
      connectBeforeMs: world.nowMs + 3000,
    });
    return {
      what: `open ${JSON.stringify(drawn)}`,
      run: (state, world) => state.openView(request(world)),
      after(world) {
        const { sessionId, userId } = request(world);
        const wanted = drawn.offers[0]?.[0] ?? 'main';
        const path = pathOf(drawn.camera, wanted);
        world.sessions.push({ sessionId, userId, cameraId: drawn.camera, path, profile: wanted });
      },
    };
  });

const close = fc.record({ pick, isRevoked: fc.boolean(), onlyUser: fc.option(user, { nil: undefined }) }).map(
  (drawn): Step => ({
    what: `close ${JSON.stringify(drawn)}`,
    run: (state, world) =>
      state.closeView({
        sessionId: sessionAt(world, drawn.pick),
        reason: 'viewer_left',
        nowMs: world.nowMs,
        ...(drawn.isRevoked ? { revokeUntilMs: world.nowMs + 60_000 } : {}),
        ...(drawn.onlyUser === undefined ? {} : { onlyUser: drawn.onlyUser }),
      }),
  }),
);

/** The node names sessions of any views that ever were, as a node does that is behind, or in the wrong. */
const report = fc
  .record({
    node,
    epoch: fc.constantFrom('life-1', 'life-1', 'life-1', 'life-2'),
    isOld: seldom,
    sessions: fc.array(fc.tuple(pick, protocol, fc.boolean()), { maxLength: 12 }),
    ended: fc.array(pick, { maxLength: 2 }),
    adoptable: fc.option(
      fc.array(fc.tuple(camera, profile, fc.integer({ min: -2, max: 2 })), { maxLength: 3 }),
      {
        nil: undefined,
        freq: 2,
      },
    ),
    hasClaims: fc.boolean(),
    running: fc.array(fc.tuple(camera, profile), { maxLength: 6 }),
  })
  .map((drawn): Step => {
    const facts = (world: World): ReportFacts => {
      const sessions = drawn.sessions.flatMap(([index, over]) => {
        const known = world.sessions[index % Math.max(1, world.sessions.length)];
        return known === undefined ? [] : [sessionOf(known, over)];
      });
      const claims = new Map(
        sessions.map(({ sessionId }) => [sessionId, { counters: ['quota'], tier: 7 }] as const),
      );
      const { adoptable } = drawn;
      const take = (list: NonNullable<typeof adoptable>) =>
        list.map(([of, wanted, ahead]) => ({
          ...streamOf(of, wanted, 15_000),
          fence: world.nowMs + ahead,
        }));
      return {
        nodeId: drawn.node,
        epoch: drawn.epoch,
        seq: drawn.isOld ? 1 : world.seq,
        nowMs: world.nowMs,
        sessions,
        ended: drawn.ended.map((index) => ({
          sessionId: sessionAt(world, index),
          reason: 'viewer_left',
          endedAt: world.nowMs,
          seconds: 1,
          bytesSent: 1,
        })),
        revokeLapsedUntilMs: world.nowMs + 300_000,
        ...(adoptable === undefined ? {} : { adoptable: take(adoptable) }),
        ...(adoptable !== undefined && drawn.hasClaims ? { claims } : {}),
        running: drawn.running.map(([of, wanted]) => pathOf(of, wanted)),
      };
    };
    return {
      what: `report ${JSON.stringify(drawn)}`,
      run: (state, world) => state.applyReport(facts(world)),
      after(world) {
        world.seq += 1;
      },
    };
  });

/** What well-behaved nodes say: the views that are there but for one, or all that they said before. */
const faithful = fc
  .record({
    node,
    skip: pick,
    over: fc.option(protocol, { nil: undefined, freq: 3 }),
    isBehind: fc.boolean(),
  })
  .map((drawn): Step => {
    let said: readonly NodeSession[] = [];
    return {
      what: `faithful report ${JSON.stringify(drawn)}`,
      async run(state, world) {
        const views = await state.views({ nodeId: drawn.node });
        const before = drawn.isBehind ? world.said.get(drawn.node) : undefined;
        said =
          before ??
          views
            .filter((_, index) => index !== drawn.skip)
            .map((view) => sessionOf(view, drawn.over ?? view.protocol));
        const running = (await state.streams({ nodeId: drawn.node })).map(({ path }) => path);
        const { nowMs, seq } = world;
        const rest = { ended: [], revokeLapsedUntilMs: nowMs + 300_000, running };
        return state.applyReport({
          nodeId: drawn.node,
          epoch: 'life-1',
          seq,
          nowMs,
          sessions: said,
          ...rest,
        });
      },
      after(world) {
        world.seq += 1;
        world.said.set(drawn.node, said);
      },
    };
  });

function sessionOf(
  of: Pick<NodeSession, 'sessionId' | 'userId' | 'cameraId' | 'path' | 'profile'>,
  over: Protocol,
): NodeSession {
  const { cameraId, path, profile: shown, sessionId, userId } = of;
  return {
    sessionId,
    userId,
    cameraId,
    path,
    profile: shown,
    protocol: over,
    connectedAt: START_MS,
    clientAddress: '127.0.0.1',
    bytesSent: 0,
    framesSent: 0,
    framesDropped: 0,
    packetsLost: 0,
    rttMs: null,
  };
}

const ensure = fc
  .record({
    camera,
    profile,
    ttlMs,
    alwaysOn: fc.boolean(),
    ranking: fc.subarray([...NODES]),
    holdMs: ttlMs,
    max: few,
  })
  .map(
    (drawn): Step => ({
      what: `ensure ${JSON.stringify(drawn)}`,
      run: (state, { nowMs }) =>
        state.ensureStream({
          stream: streamOf(drawn.camera, drawn.profile, drawn.ttlMs, drawn.alwaysOn),
          budgets: budgetsOf(drawn.camera, drawn.max),
          ranking: drawn.ranking,
          nowMs,
          ...(drawn.holdMs === 0 ? {} : { holdMs: drawn.holdMs }),
        }),
    }),
  );

const move = fc
  .record({ camera, profile, to: node, makes: fc.option(few, { nil: undefined }), isStale: seldom })
  .map(
    (drawn): Step => ({
      what: `move ${JSON.stringify(drawn)}`,
      async run(state, { nowMs }) {
        const path = pathOf(drawn.camera, drawn.profile);
        const stream = (await state.streams()).find((one) => one.path === path);
        const make = { budgets: budgetsOf(drawn.camera, drawn.makes ?? 0), untilMs: nowMs + 15_000 };
        return state.moveStream({
          path,
          fence: (stream?.fence ?? 1) - (drawn.isStale ? 1 : 0),
          to: drawn.to,
          reason: 'node_draining',
          nowMs,
          holdMs: 5000,
          ...(drawn.makes === undefined ? {} : { make }),
        });
      },
    }),
  );

const configure = fc
  .record({
    camera,
    profiles: fc.subarray([...PROFILES]),
    ttlMs,
    alwaysOn: fc.boolean(),
    isLiteOnDemand: seldom,
  })
  .map(
    (drawn): Step => ({
      what: `configure ${JSON.stringify(drawn)}`,
      run: (state, { nowMs }) =>
        state.configureCamera({
          cameraId: drawn.camera,
          paths: drawn.profiles.map((wanted) => pathOf(drawn.camera, wanted)),
          ttlMs: drawn.ttlMs,
          alwaysOn: drawn.alwaysOn,
          ...(drawn.isLiteOnDemand ? { onDemand: [pathOf(drawn.camera, 'lite')] } : {}),
          nowMs,
        }),
    }),
  );

const sweep = fc.constant<Step>({ what: 'sweep', run: (state, { nowMs }) => state.sweep(nowMs) });

const pass = passMs.map(
  (ms): Step => ({
    what: `pass ${ms} ms`,
    run: async () => undefined,
    after(world) {
      world.nowMs += ms;
    },
  }),
);

const tell = fc.tuple(node, few).map(
  ([name, back]): Step => ({
    what: `node state of ${name}`,
    run: async (state, { nowMs }) => {
      const all = await state.nodeState(name, nowMs);
      return state.nodeState(name, nowMs, Math.max(0, (all?.revokedUpTo ?? 0) - back));
    },
  }),
);

const list = fc
  .record({
    userId: fc.option(user, { nil: undefined }),
    cameraId: fc.option(camera, { nil: undefined }),
    nodeId: fc.option(node, { nil: undefined }),
    after: fc.integer({ min: 0, max: 6 }),
    limit: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
  })
  .map(
    (drawn): Step => ({
      what: `list ${JSON.stringify(drawn)}`,
      run: (state) =>
        state.views({
          after: drawn.after,
          ...(drawn.userId === undefined ? {} : { userId: drawn.userId }),
          ...(drawn.cameraId === undefined ? {} : { cameraId: drawn.cameraId }),
          ...(drawn.nodeId === undefined ? {} : { nodeId: drawn.nodeId }),
          ...(drawn.limit === undefined ? {} : { limit: drawn.limit }),
        }),
    }),
  );

export const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: open },
    { weight: 3, arbitrary: close },
    { weight: 3, arbitrary: report },
    { weight: 9, arbitrary: faithful },
    { weight: 1, arbitrary: ensure },
    { weight: 2, arbitrary: move },
    { weight: 1, arbitrary: configure },
    { weight: 2, arbitrary: sweep },
    { weight: 4, arbitrary: pass },
    { weight: 1, arbitrary: tell },
    { weight: 1, arbitrary: list },
  ),
  { minLength: 30, maxLength: 100, size: 'max' },
);

/** All that can be asked of a state. */
export async function snapshot(state: SharedState, world: World): Promise<object> {
  const keys = [
    ...CAMERAS.flatMap((of) => PROTOCOLS.map((over) => `camera ${of} ${over}`)),
    ...NODES.flatMap((of) => PROTOCOLS.map((over) => `node ${of} ${over}`)),
    ...USERS.map((of) => `user ${of}`),
    'quota',
  ];
  return {
    views: await state.views({}),
    streams: await state.streams(),
    counts: await state.counts(keys),
    streamCounts: await state.streamCounts(),
    nodes: await Promise.all(NODES.map((of) => state.nodeState(of, world.nowMs))),
    known: await state.knownNodes(),
    ended: await Promise.all(world.sessions.slice(-5).map(({ sessionId }) => state.endedView(sessionId))),
  };
}
