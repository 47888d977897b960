import { type LiveEvent, NODE_PROTOCOL_VERSION, NodeId, type StartAnswer } from '@vedette/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../tests/support/held-clock.ts';
import { PaperNode } from '../../../../tests/support/paper-node.ts';
import {
  ALICE,
  createViewingHarness,
  PaperCatalog,
  type ViewingHarness,
} from '../../../../tests/support/viewing-harness.ts';

const open: ViewingHarness[] = [];
afterEach(() => {
  for (const harness of open.splice(0)) harness.viewing.close();
});

async function setUp(options: Partial<Parameters<typeof createViewingHarness>[0]> = {}) {
  const clock = options.clock instanceof HeldClock ? options.clock : new HeldClock();
  const harness = await createViewingHarness({ clock, ...options });
  open.push(harness);
  const events: LiveEvent[] = [];
  harness.bus.subscribe(({ event }) => events.push(event));
  const connect = async (change: Partial<ConstructorParameters<typeof PaperNode>[0]> = {}) => {
    const node = new PaperNode({ gateway: harness.viewing.gateway, clock, ...change });
    await clock.pass(10);
    return node;
  };
  const start = async (...call: Parameters<ViewingHarness['start']>) => {
    const started = harness.start(...call);
    started.catch(() => undefined);
    await clock.pass(5);
    return started;
  };
  const states = () =>
    events.flatMap((event) => (event.type === 'node.state' ? [`${event.nodeId} ${event.state}`] : []));
  return { ...harness, clock, connect, start, events, states };
}

describe('a node whose connection breaks', () => {
  it('is suspect at once and lost when its lease is over', async () => {
    const { clock, connect, states } = await setUp();
    const node = await connect();
    node.breakOff();
    expect(states().at(-1)).toBe('node-1 suspect');
    await clock.pass(2500);
    expect(states().at(-1)).toBe('node-1 suspect');
    await clock.pass(1000);
    expect(states().at(-1)).toBe('node-1 lost');
  });

  it('is lost as well when it only falls silent, and its connection is closed', async () => {
    const { clock, connect, states } = await setUp();
    const node = await connect();
    node.silent = true;
    await clock.pass(4000);
    expect(states().at(-1)).toBe('node-1 lost');
    expect(node.closed).toBeDefined();
  });

  it('keeps its views when it comes back as the same process', async () => {
    const { clock, connect, events, start, state } = await setUp();
    const node = await connect();
    const { catalog } = open[0] as ViewingHarness;
    catalog.add('c1');
    const answer = await start('c1');
    node.open(answer);
    await clock.pass(10);
    node.breakOff();
    await clock.pass(10_000);
    const back = await connect({ engine: node.engine });
    await clock.pass(10);
    expect(await state.view(answer.sessionId)).toMatchObject({ state: 'connected' });
    expect(back.engine.pulls.get('cam_c1')).toBe(1);
    expect(events.some(({ type }) => type === 'session.ended')).toBe(false);
  });

  it('has its views told to start again when its process was started anew', async () => {
    const { catalog, clock, connect, events, start } = await setUp();
    catalog.add('c1');
    const node = await connect();
    const { sessionId, ...rest } = await start('c1');
    node.open({ sessionId, ...rest });
    await clock.pass(10);
    node.breakOff();
    const anew = await connect({ epoch: 'life-2' });
    expect(events).toContainEqual({ type: 'session.move', sessionId, cameraId: 'c1', reason: 'node_lost' });
    expect(anew.paths).toEqual(['cam_c1']);
    expect((await start('c1')).node).toBe('node-1');
  });

  it('is followed by its later connection, even before the break is seen', async () => {
    const { connect, viewing } = await setUp();
    const first = await connect();
    const second = await connect({ engine: first.engine });
    expect(first.closed).toMatchObject({ code: 4409 });
    expect(second.closed).toBeUndefined();
    expect(viewing.hasNode()).toBe(true);
  });
});

describe('a lost node among others', () => {
  async function twoNodes() {
    const all = await setUp();
    const nodes = [await all.connect({ nodeId: 'node-1' }), await all.connect({ nodeId: 'node-2' })];
    const answers: StartAnswer[] = [];
    for (let i = 0; i < 12; i++) {
      all.catalog.add(`c${i}`);
      const answer = await all.start(`c${i}`);
      answers.push(answer);
      nodes.find(({ id }) => id === answer.node)?.open(answer);
    }
    await all.clock.pass(10);
    const [lost, other] = nodes as [PaperNode, PaperNode];
    return { ...all, lost, other, answers };
  }

  it('has its cameras pulled elsewhere within 4 s, with no request from anybody', async () => {
    const { answers, clock, events, lost, other } = await twoNodes();
    const there = answers.filter(({ node }) => node === lost.id);
    expect(there.length).toBeGreaterThan(2);
    lost.breakOff();
    await clock.pass(3500);
    expect(other.paths).toHaveLength(12);
    for (const { cameraId, sessionId } of there) {
      expect(events).toContainEqual({ type: 'session.move', sessionId, cameraId, reason: 'node_lost' });
    }
  });

  it('keeps a moved camera waiting for its viewers, and lets it go when none comes', async () => {
    const { answers, clock, lost, other, start } = await twoNodes();
    const [first, second] = answers.filter(({ node }) => node === lost.id);
    if (first === undefined || second === undefined) throw new Error('nothing ran there');
    lost.breakOff();
    await clock.pass(6000);
    other.open(await start(first.cameraId));
    await clock.pass(20_000);
    expect(other.paths).toContain(`cam_${first.cameraId}`);
    expect(other.paths).not.toContain(`cam_${second.cameraId}`);
  });

  it('gives up what was placed elsewhere within a second of coming back', async () => {
    const { answers, clock, connect, lost, other, start } = await twoNodes();
    lost.breakOff();
    await clock.pass(4000);
    for (const { cameraId } of answers.filter(({ node }) => node === lost.id))
      other.open(await start(cameraId));
    const back = await connect({ nodeId: lost.id, engine: lost.engine });
    await clock.pass(1000);
    expect(back.paths).toEqual([]);
    expect(back.engine.sessions).toEqual([]);
    expect(other.paths).toHaveLength(12);
  });

  it('that is the only one leaves its views in peace until it is back or another comes', async () => {
    const { catalog, clock, connect, events, start, state } = await setUp();
    catalog.add('c1');
    const node = await connect();
    const answer = await start('c1');
    node.open(answer);
    await clock.pass(10);
    node.breakOff();
    await clock.pass(60_000);
    expect(await state.view(answer.sessionId)).toBeDefined();
    const other = await connect({ nodeId: 'node-2' });
    await clock.pass(10);
    expect(other.paths).toEqual(['cam_c1']);
    expect(events.some(({ type }) => type === 'session.move')).toBe(true);
  });
});

describe('a control that was restarted', () => {
  async function restarted(knownNodes: string[]) {
    const clock = new HeldClock();
    const catalog = new PaperCatalog();
    catalog.add('c1');
    catalog.add('c2', { pull: 'always-on' });
    const before = await setUp({ clock, catalog });
    const node = await before.connect();
    const answer = await before.start('c1');
    node.open(answer);
    await clock.pass(100);
    before.viewing.close();
    node.breakOff();
    await clock.pass(2000);
    const after = await setUp({ clock, catalog, knownNodes });
    return { ...after, clock, node, answer };
  }

  it('takes over what runs without touching a picture, renews views and counts them', async () => {
    const { answer, clock, connect, events, node, start, state, viewing } = await restarted(['node-1']);
    await connect({ engine: node.engine });
    await clock.pass(1500);
    expect(node.engine.sessions).toHaveLength(1);
    expect(node.engine.pulls).toEqual(
      new Map([
        ['cam_c2', 1],
        ['cam_c2_sub', 1],
        ['cam_c1', 1],
      ]),
    );
    expect(events.some(({ type }) => type === 'session.ended')).toBe(false);
    const renewed = await viewing.sessions.renew(ALICE, answer.sessionId);
    expect(renewed).toMatchObject({ url: answer.url, fallbacks: [{ protocol: 'hls' }] });
    const next = await start('c1');
    expect(next.decision.at(-1)).toMatchObject({ rule: 'sticky' });
    expect(await state.views({})).toHaveLength(2);
  });

  it('asks a view to wait rather than to start again, as long as nodes are still to be heard', async () => {
    const { answer, clock, viewing } = await restarted(['node-1']);
    await expect(viewing.sessions.renew(ALICE, answer.sessionId)).rejects.toMatchObject({
      code: 'unavailable',
    });
    await clock.pass(3001);
    await expect(viewing.sessions.renew(ALICE, answer.sessionId)).rejects.toMatchObject({
      code: 'session_not_found',
    });
  });

  it('places nothing anew before the nodes that it knew have told what they run', async () => {
    const { answer, clock, connect, node, start } = await restarted(['node-1', 'node-2']);
    const other = await connect({ nodeId: 'node-2' });
    const started = start('c1');
    await clock.pass(500);
    expect(other.paths).toEqual([]);
    await connect({ engine: node.engine });
    await clock.pass(20);
    expect((await started).node).toBe(answer.node);
    expect(other.paths).toEqual([]);
  });

  it('does not wait for long for a node that is gone for good', async () => {
    const { clock, connect, start } = await restarted(['node-1', 'node-2']);
    const other = await connect({ nodeId: 'node-2' });
    const started = start('c1');
    await clock.pass(3100);
    expect((await started).node).toBe(other.id);
  });
});

describe('a link', () => {
  async function speak(...messages: unknown[]) {
    const { clock, viewing } = await setUp();
    let closed: number | undefined;
    const link = viewing.gateway.accept({
      send: (_text, sent) => sent(),
      close: (code) => {
        closed = code;
      },
    });
    for (const message of messages)
      link.take(typeof message === 'string' ? message : JSON.stringify(message));
    await clock.pass(3001);
    return { closed, viewing };
  }
  const hello = {
    type: 'hello',
    protocol: NODE_PROTOCOL_VERSION,
    nodeId: NodeId.parse('node-1'),
    epoch: 'e',
    version: '1',
    publicUrl: 'http://node-1.test',
    labels: {},
    maxWebrtcViewers: 10,
  };

  it.each([
    ['says nothing', [], 4400],
    ['speaks no JSON', ['{'], 4400],
    ['speaks of something else', [{ type: 'hello' }], 4400],
    ['greets twice', [hello, hello], 4400],
    ['speaks two versions ahead', [{ ...hello, protocol: NODE_PROTOCOL_VERSION + 2 }], 4426],
  ])('is closed when the node %s', async (_, messages, code) => {
    expect((await speak(...messages)).closed).toBe(code);
  });

  it.each([-1, 0, 1])('bears a version %i apart', async (apart) => {
    const { closed } = await speak({ ...hello, protocol: NODE_PROTOCOL_VERSION + apart });
    // Said hello, then nothing more: lost by its lease, not refused.
    expect(closed).not.toBe(4426);
  });
});
