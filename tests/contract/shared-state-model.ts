// Random steps of shared state, which mean the same to every implementation that is in the same state.
import { SessionId } from '@vedette/contracts';
import fc from 'fast-check';
import type { OpenView } from '../../apps/control-plane/src/state/shared-state.ts';
import { faithful, report } from './shared-state-report-steps.ts';
import {
  budgetsOf,
  camera,
  few,
  NODES,
  node,
  often,
  PROFILES,
  pathOf,
  pick,
  profile,
  protocol,
  type Step,
  seldom,
  sessionAt,
  streamOf,
  user,
  type World,
} from './shared-state-world.ts';

const ttlMs = fc.constantFrom(0, 5000, 15_000);
const passMs = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 2500 }) },
  { weight: 1, arbitrary: fc.constantFrom(7000, 16_000, 70_000) },
);
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
