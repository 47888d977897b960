// Reports of nodes, as random steps: some as nodes make them, some that are behind or wrong.
import type { NodeSession } from '@vedette/contracts';
import fc from 'fast-check';
import type { ReportFacts } from '../../apps/control-plane/src/state/shared-state.ts';
import {
  camera,
  node,
  pathOf,
  pick,
  profile,
  protocol,
  type Step,
  seldom,
  sessionAt,
  sessionOf,
  streamOf,
  type World,
} from './shared-state-world.ts';

/** The node names sessions of any views that ever were, as a node does that is behind, or in the wrong. */
export const report = fc
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
export const faithful = fc
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
