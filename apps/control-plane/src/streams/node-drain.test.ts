import type { NodeId } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { openViewingApp } from '../../../../tests/support/viewing-app.ts';
import { viewingFixture } from './viewing.fixture.ts';

const setUp = viewingFixture();
const CAMERAS = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'];

async function watched(change: Parameters<typeof setUp>[0] = {}, camera = {}) {
  const world = await setUp({ nodes: 2, ...change });
  const answers = [];
  for (const id of CAMERAS) {
    world.catalog.add(id, camera);
    const answer = await world.start(id);
    world.nodes.find((node) => node.id === answer.node)?.open(answer);
    answers.push(answer);
  }
  await world.clock.pass(50);
  const [drained, other] = world.nodes;
  if (drained === undefined || other === undefined) throw new Error('two nodes were asked for');
  const there = answers.filter(({ node }) => node === drained.id);
  expect(there.length).toBeGreaterThan(1);
  const moves = () =>
    world.events.flatMap((event) => (event.type === 'session.move' ? [event.sessionId as string] : []));
  return { ...world, answers, there, drained, other, moves };
}

describe('[N6] a node that is drained', () => {
  it('keeps every picture until its viewers have moved, and is empty then', async () => {
    const { clock, drained, events, moves, other, start, there } = await watched();
    drained.draining = true;
    drained.report();
    await clock.pass(1500);
    // Pulled at both: nobody has moved yet.
    expect(drained.paths).toEqual(there.map(({ cameraId }) => `cam_${cameraId}`).sort());
    expect(other.paths).toHaveLength(CAMERAS.length);
    expect(moves().sort()).toEqual(there.map(({ sessionId }) => sessionId).sort());
    expect(events.some(({ type }) => type === 'session.ended')).toBe(false);
    for (const { cameraId, sessionId } of there) {
      const again = await start(cameraId);
      expect(again.node).toBe(other.id);
      other.open(again);
      drained.engine.close(sessionId, 'viewer_left');
    }
    await clock.pass(1000);
    expect(drained.paths).toEqual([]);
    expect(drained.engine.sessions).toEqual([]);
  });

  it('takes no new streams, and does again when it is let', async () => {
    const { catalog, clock, drained, other, start } = await watched();
    drained.draining = true;
    drained.report();
    for (let i = 0; i < 8; i++) {
      catalog.add(`new${i}`);
      expect((await start(`new${i}`)).node).toBe(other.id);
    }
    drained.draining = false;
    drained.report();
    await clock.pass(10);
    const nodes = new Set<NodeId>();
    for (let i = 0; i < 12; i++) {
      catalog.add(`later${i}`);
      nodes.add((await start(`later${i}`)).node);
    }
    expect(nodes).toContain(drained.id);
  });

  it('cuts off who does not move, after a while', async () => {
    const { clock, drained, events, there } = await watched();
    drained.draining = true;
    drained.report();
    await clock.pass(18_000);
    expect(drained.paths).toEqual([]);
    const ended = events.flatMap((event) => (event.type === 'session.ended' ? [event.sessionId] : []));
    expect(ended.sort()).toEqual(there.map(({ sessionId }) => sessionId).sort());
  });

  it('breaks before it makes where the device bears one connection', async () => {
    const { clock, drained, events, other, there } = await watched({}, { maxConnections: 1 });
    drained.draining = true;
    drained.report();
    await clock.pass(1500);
    expect(drained.paths).toEqual([]);
    expect(other.paths).toHaveLength(CAMERAS.length);
    const ended = events.filter(
      (event) => event.type === 'session.ended' && event.reason === 'node_draining',
    );
    expect(ended).toHaveLength(there.length);
  });

  it('stays as it is when there is nowhere to go', async () => {
    const { clock, events, node, start } = await setUp();
    node.open(await start('c1'));
    node.draining = true;
    node.report();
    await clock.pass(20_000);
    expect(node.paths).toEqual(['cam_c1']);
    expect(events.some(({ type }) => type === 'session.move')).toBe(false);
  });

  it('is told by the API, and says so', async () => {
    const world = await watched();
    const app = await openViewingApp(world);
    const call = async (method: 'PUT' | 'DELETE', id: string, who = 'admin') => {
      const called = app.inject({
        method,
        url: `/api/v1/nodes/${id}/drain`,
        headers: { authorization: `Bearer ${who}` },
      });
      await world.clock.pass(50);
      return called;
    };
    expect((await call('PUT', 'node-1', 'alice')).statusCode).toBe(403);
    expect((await call('PUT', 'nowhere')).statusCode).toBe(404);
    const begun = await call('PUT', 'node-1');
    expect(begun.json()).toMatchObject({ id: 'node-1', draining: true, state: 'connected' });
    expect((await call('DELETE', 'node-1')).json()).toMatchObject({ draining: false });
    await app.close();
  });
});

describe('metrics of nodes', () => {
  it('say what each measures, and how many are needed', async () => {
    const { clock, metrics, node } = await setUp({ nodes: 2 });
    node.report();
    await clock.pass(10);
    const text = await metrics.metrics();
    expect(text).toContain('vedette_nodes_wanted 2');
    expect(text).toContain('vedette_node_cpu_cores{nodeId="node-1"} 0.1');
    expect(text).toContain('vedette_node_event_loop_delay_p99_ms{nodeId="node-2"} 0');
  });
});

describe('what if a node died now', () => {
  it('is answered from the live state', async () => {
    const world = await watched();
    const app = await openViewingApp(world);
    const ask = async (id: string) =>
      app.inject({ url: `/api/v1/nodes/${id}/rehearsal`, headers: { authorization: 'Bearer admin' } });
    const told = await ask('node-1');
    expect(told.statusCode).toBe(200);
    expect(told.json()).toMatchObject({
      node: 'node-1',
      views: { move: world.there.length, degrade: 0, fail: 0 },
      nodes: [{ id: 'node-2', streams: { now: CAMERAS.length - world.there.length, after: CAMERAS.length } }],
    });
    expect((await ask('nowhere')).statusCode).toBe(404);
    await app.close();
  });
});
