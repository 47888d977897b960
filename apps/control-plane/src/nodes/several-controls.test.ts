import { type LiveEvent, NodeId } from '@vedette/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../tests/support/held-clock.ts';
import { PaperNode } from '../../../../tests/support/paper-node.ts';
import { SimulatedEngine } from '../../../../tests/support/simulated-engine.ts';
import {
  ALICE,
  createViewingHarness,
  PaperCatalog,
  type StartOptions,
  type ViewingHarness,
} from '../../../../tests/support/viewing-harness.ts';
import { MemoryBoards, MemoryProcessBoard } from '../state/memory-process-board.ts';
import { MemorySharedState } from '../state/memory-shared-state.ts';

/** One node with a connection to each control; the first one's word counts until said otherwise. */
class TwoLinks {
  readonly engine: SimulatedEngine;
  readonly links: PaperNode[] = [];
  readonly #clock: HeldClock;
  readonly #id: string;

  constructor(id: string, clock: HeldClock, controls: readonly ViewingHarness[]) {
    this.#id = id;
    this.#clock = clock;
    this.engine = new SimulatedEngine({ now: () => clock.wallNow() });
    for (const [i, control] of controls.entries()) this.connect(control, i === 0);
  }

  connect(control: ViewingHarness, lead: boolean): PaperNode {
    const { gateway } = control.viewing;
    const { engine } = this;
    const link: PaperNode = new PaperNode({
      gateway,
      clock: this.#clock,
      nodeId: this.#id,
      engine,
      lead,
      onApplied: () => this.#tellOthers(link),
    });
    this.links.push(link);
    return link;
  }

  #tellOthers(link: PaperNode): void {
    for (const other of this.links) if (other !== link) other.report();
  }

  get paths(): readonly string[] {
    return this.engine.desired.map(({ path }) => path).sort();
  }

  /** The word of this control counts from now on. */
  follow(which: number): void {
    for (const [i, link] of this.links.entries()) link.lead = i === which;
    for (const link of this.links) link.report();
  }

  /** Stops with everything that it does. */
  die(): void {
    for (const link of this.links) link.breakOff();
  }
}

const open: ViewingHarness[] = [];
afterEach(async () => {
  for (const harness of open.splice(0)) await harness.viewing.close();
});

async function setUp(nodes: readonly string[] = ['node-1']) {
  const clock = new HeldClock();
  const [state, boards, catalog] = [new MemorySharedState(), new MemoryBoards(), new PaperCatalog()];
  for (const id of ['c1', 'c2', 'c3', 'c4', 'c5', 'c6']) catalog.add(id);
  const refused = new Set<NodeId>();
  const controls: ViewingHarness[] = [];
  const events: LiveEvent[][] = [];
  for (const controlId of ['control-1', 'control-2']) {
    const harness = await createViewingHarness({
      clock,
      catalog,
      cluster: { state, board: new MemoryProcessBoard(boards), controlId },
      refuses: (id) => refused.has(id),
    });
    controls.push(harness);
    open.push(harness);
    const heard: LiveEvent[] = [];
    events.push(heard);
    harness.bus.subscribe(({ event }) => heard.push(event));
  }
  const [one, two] = controls;
  if (one === undefined || two === undefined) throw new Error('two controls were asked for');
  const built = nodes.map((id) => new TwoLinks(id, clock, controls));
  // Long enough for every control to judge.
  await clock.pass(4000);
  const start = async (control: ViewingHarness, camera: string, options?: StartOptions) => {
    const started = control.start(camera, options);
    started.catch(() => undefined);
    await clock.pass(5);
    return started;
  };
  const nodeOf = (id: string) => {
    const found = built.find(({ links: [link] }) => link?.id === id);
    if (found === undefined) throw new Error(`no node ${id}`);
    return found;
  };
  return { clock, state, one, two, start, nodes: built, nodeOf, events, refused };
}

describe('several control processes', () => {
  it('[N2] each start views, and the node acts on what its lead says', async () => {
    const { clock, nodes, one, start, two } = await setUp();
    const first = await start(one, 'c1');
    const second = await start(two, 'c2');
    expect(nodes[0]?.paths).toEqual(['cam_c1', 'cam_c2']);
    expect([first.node, second.node]).toEqual(['node-1', 'node-1']);
    expect(nodes[0]?.links[1]?.received.some(({ type }) => type === 'desired')).toBe(false);
    await clock.pass(5000);
    expect((await two.state.views({})).length).toBe(2);
  });

  it('[N2] tell of views that began and ended once each, whoever saw it', async () => {
    const { clock, events, nodes, one, start, two } = await setUp();
    const answer = await start(two, 'c1');
    nodes[0]?.links[0]?.open(answer);
    await clock.pass(50);
    nodes[0]?.engine.close(answer.sessionId, 'viewer_left');
    await clock.pass(4000);
    for (const heard of events) {
      const about = heard.filter((event) => 'sessionId' in event && event.sessionId === answer.sessionId);
      expect(about.map(({ type }) => type)).toEqual(['session.started', 'session.ended']);
    }
    const ends = [one, two].flatMap(({ audited }) => audited.filter(({ kind }) => kind === 'view-ended'));
    expect(ends).toMatchObject([
      { actor: { id: 'alice' }, data: { reason: 'viewer_left', rule: expect.any(String) } },
    ]);
  });

  it('[N2] write the end of a view down once, with what its node sent, when another than its lead ends it', async () => {
    const { clock, nodes, one, start, two } = await setUp();
    const answer = await start(one, 'c1');
    nodes[0]?.links[0]?.open(answer);
    await clock.pass(1500);
    await two.viewing.streams.stop(ALICE, answer.cameraId, answer.sessionId, 'test');
    await clock.pass(5000);
    const ends = [one, two].flatMap(({ audited }) => audited.filter(({ kind }) => kind === 'view-ended'));
    expect(ends).toMatchObject([{ data: { reason: 'viewer_left', figures: 'final', connected: true } }]);
    expect(nodes[0]?.engine.sessions).toEqual([]);
  });

  it('[N3] lead in turn: nothing is pulled anew, no view ends', async () => {
    const { clock, events, nodes, one, start, two } = await setUp();
    const answer = await start(one, 'c1');
    const [node] = nodes;
    node?.links[0]?.open(answer);
    await clock.pass(100);
    node?.follow(1);
    await clock.pass(3000);
    const later = await start(one, 'c2');
    expect(later.node).toBe('node-1');
    expect(node?.paths).toEqual(['cam_c1', 'cam_c2']);
    expect(node?.engine.pulls.get('cam_c1')).toBe(1);
    expect(await two.state.view(answer.sessionId)).toMatchObject({ state: 'connected' });
    expect(events.flat().some(({ type }) => type === 'session.ended')).toBe(false);
  });

  it('[N3] outlive each other: the one that is left goes on at once', async () => {
    const { clock, nodes, one, start, two } = await setUp();
    const answer = await start(one, 'c1');
    const [node] = nodes;
    node?.links[0]?.open(answer);
    await clock.pass(100);
    node?.links[0]?.breakOff();
    void one.viewing.close();
    node?.follow(1);
    const next = await start(two, 'c2');
    expect(next.node).toBe('node-1');
    await clock.pass(6000);
    expect(node?.paths).toContain('cam_c1');
    expect(await two.state.view(answer.sessionId)).toBeDefined();
  });

  it('[N4] leave a node alone that one of them does not hear, as long as another does', async () => {
    const { clock, events, nodes, one, start, two } = await setUp(['node-1', 'node-2']);
    const answers = [];
    for (const camera of ['c1', 'c2', 'c3', 'c4', 'c5', 'c6']) answers.push(await start(one, camera));
    for (const answer of answers)
      nodes.find(({ links: [link] }) => link?.id === answer.node)?.links[0]?.open(answer);
    await clock.pass(100);
    // The second control loses sight of the first node; its lead is the first control.
    nodes[0]?.links[1]?.breakOff();
    await clock.pass(10_000);
    expect(events.flat().filter(({ type }) => type === 'session.move')).toEqual([]);
    const there = answers.find(({ node }) => node === 'node-1');
    if (there === undefined) throw new Error('nothing runs there');
    // It grants views there all the same, and moves nothing.
    const again = await start(two, there.cameraId);
    expect(again.node).toBe('node-1');
    expect(nodes[0]?.engine.pulls.get(`cam_${there.cameraId}`)).toBe(1);
  });

  it('[N4] leave a node alone that its lead does not hear any more, as long as another does', async () => {
    const { clock, events, nodes, one, start } = await setUp(['node-1', 'node-2']);
    for (const camera of ['c1', 'c2', 'c3', 'c4', 'c5', 'c6']) {
      const answer = await start(one, camera);
      nodes.find(({ links: [link] }) => link?.id === answer.node)?.links[0]?.open(answer);
    }
    await clock.pass(100);
    const before = nodes[0]?.paths ?? [];
    const lead = nodes[0]?.links[0];
    if (lead === undefined) throw new Error('no link');
    // Nothing passes between them; the node notices last.
    lead.silent = true;
    await clock.pass(4500);
    lead.breakOff();
    nodes[0]?.follow(1);
    await clock.pass(5000);
    expect(nodes[0]?.paths).toEqual(before);
    expect(events.flat().filter(({ type }) => type === 'session.move')).toEqual([]);
  });

  it('[N4] move everything off a node that nobody hears', async () => {
    const { clock, nodes, one, start } = await setUp(['node-1', 'node-2']);
    for (const camera of ['c1', 'c2', 'c3', 'c4', 'c5', 'c6']) {
      const answer = await start(one, camera);
      nodes.find(({ links: [link] }) => link?.id === answer.node)?.links[0]?.open(answer);
    }
    await clock.pass(100);
    expect(nodes[0]?.paths.length).toBeGreaterThan(0);
    nodes[0]?.die();
    await clock.pass(3500);
    expect(nodes[1]?.paths).toHaveLength(6);
  });

  it('[N5] do not wait for the lease of a node where nothing listens any more', async () => {
    const { clock, nodes, one, refused, start } = await setUp(['node-1', 'node-2']);
    for (const camera of ['c1', 'c2', 'c3', 'c4', 'c5', 'c6']) {
      const answer = await start(one, camera);
      nodes.find(({ links: [link] }) => link?.id === answer.node)?.links[0]?.open(answer);
    }
    await clock.pass(100);
    refused.add(NodeId.parse('node-1'));
    nodes[0]?.die();
    await clock.pass(100);
    expect(nodes[1]?.paths).toHaveLength(6);
  });
});
