import type { StartAnswer } from '@vedette/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../tests/support/held-clock.ts';
import { PaperNode } from '../../../../tests/support/paper-node.ts';
import type { SimulatedEngine } from '../../../../tests/support/simulated-engine.ts';
import {
  ALICE,
  createViewingHarness,
  type ViewingHarness,
} from '../../../../tests/support/viewing-harness.ts';

const TTL_MS: Readonly<Record<string, number>> = { now: 0, soon: 2000, late: 15_000 };
const CAMERAS = Object.keys(TTL_MS);
const NODES = ['node-1', 'node-2'];
/** A stream that had to move is kept this long for its viewers, if its own time to live is shorter. */
const MOVE_HOLD_MS = 10_000;

type Step =
  | { readonly do: 'start'; readonly camera: string }
  | { readonly do: 'open' | 'leave' | 'stop'; readonly which: number }
  | { readonly do: 'break' | 'return' | 'restart'; readonly node: number }
  | { readonly do: 'pass'; readonly ms: number };

const which = fc.nat(20);
const node = fc.nat(1);
const aStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('start'), camera: fc.constantFrom(...CAMERAS) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('open', 'leave', 'stop'), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('break', 'return', 'restart'), node }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('pass'), ms: fc.constantFrom(0, 5, 100, 1000, 4000, 17_000) }),
  },
);

/** Two nodes that come and go, and what must hold whatever happens to them. */
class World {
  readonly #clock = new HeldClock();
  readonly #nodes = new Map<string, { node: PaperNode; since: number }>();
  readonly #engines = new Map<string, SimulatedEngine>();
  readonly #answers: StartAnswer[] = [];
  /** When a path last had a view, or was moved. */
  readonly #needed = new Map<string, number>();
  readonly #moved = new Map<string, number>();
  readonly #epochs = new Map<string, string>();
  #lives = 0;
  /** Nodes have come or gone since the start. */
  #disturbed = false;
  readonly #harness: ViewingHarness;

  private constructor(harness: ViewingHarness, clock: HeldClock) {
    this.#harness = harness;
    this.#clock = clock;
  }

  static async create(): Promise<World> {
    const clock = new HeldClock();
    const world = new World(await createViewingHarness({ clock }), clock);
    for (const camera of CAMERAS) {
      world.#harness.catalog.add(camera, { idleTtlSeconds: (TTL_MS[camera] ?? 0) / 1000 });
    }
    for (const id of NODES) await world.#connect(id, true);
    return world;
  }

  close(): void {
    this.#harness.viewing.close();
  }

  async step(step: Step): Promise<void> {
    switch (step.do) {
      case 'start':
        // Not awaited: what follows races it.
        this.#harness.start(step.camera).then(
          (answer) => this.#answers.push(answer),
          () => undefined,
        );
        break;
      case 'pass':
        return this.pass(step.ms);
      case 'open':
      case 'leave':
      case 'stop':
        await this.#view(step.do, this.#answers[step.which % Math.max(1, this.#answers.length)]);
        break;
      case 'break':
        this.#disturbed = true;
        this.#nodes.get(NODES[step.node] ?? '')?.node.breakOff();
        this.#nodes.delete(NODES[step.node] ?? '');
        break;
      case 'return':
      case 'restart':
        this.#disturbed = true;
        await this.#connect(NODES[step.node] ?? '', step.do === 'restart');
        break;
    }
    await this.pass(0);
  }

  async pass(ms: number): Promise<void> {
    for (let left = ms; left >= 0; left -= 200) {
      await this.#clock.pass(Math.min(200, left));
      await this.#check();
      if (left === 0) break;
    }
  }

  /** Nobody watches any more: in the end no camera may be pulled. */
  async rest(): Promise<void> {
    for (const id of NODES) if (!this.#nodes.has(id)) await this.#connect(id, false);
    for (const { node } of this.#nodes.values()) {
      for (const { sessionId } of node.engine.sessions) node.engine.close(sessionId, 'viewer_left');
    }
    await this.pass(40_000);
    for (const { node } of this.#nodes.values()) expect(node.paths).toEqual([]);
    expect(await this.#harness.state.views({})).toEqual([]);
  }

  async #connect(id: string, anew: boolean): Promise<void> {
    if (anew) {
      this.#engines.delete(id);
      this.#epochs.set(id, `life-${++this.#lives}`);
    }
    this.#nodes.get(id)?.node.breakOff();
    const engine = this.#engines.get(id);
    const node = new PaperNode({
      gateway: this.#harness.viewing.gateway,
      clock: this.#clock,
      nodeId: id,
      epoch: this.#epochs.get(id) ?? '',
      ...(engine === undefined ? {} : { engine }),
    });
    this.#engines.set(id, node.engine);
    this.#nodes.set(id, { node, since: this.#clock.now() });
  }

  async #view(what: 'open' | 'leave' | 'stop', answer: StartAnswer | undefined): Promise<void> {
    if (answer === undefined) return;
    const node = this.#nodes.get(answer.node)?.node;
    if (what === 'open') node?.open(answer);
    if (what === 'leave') node?.engine.close(answer.sessionId, 'viewer_left');
    if (what === 'stop') {
      await this.#harness.viewing.streams.stop(ALICE, answer.cameraId, answer.sessionId, 'test');
    }
  }

  async #check(): Promise<void> {
    const now = this.#clock.now();
    const { state } = this.#harness;
    const streams = new Map((await state.streams()).map((stream) => [stream.path as string, stream]));
    const views = await state.views({});
    for (const { path } of views) this.#needed.set(path, now);
    for (const { fence, path } of streams.values()) {
      if (this.#moved.get(path) !== fence) this.#needed.set(path, now);
      this.#moved.set(path, fence);
    }
    for (const view of views) {
      expect(streams.get(view.path), `the stream of view ${view.sessionId}`).toMatchObject({
        nodeId: view.nodeId,
      });
    }
    const runsOn = new Map<string, string>();
    for (const [id, { node, since }] of this.#nodes) {
      if (now - since < 1000) continue;
      for (const { cameraId, path } of node.engine.desired) {
        expect(runsOn.get(path), `${path} runs on ${id} and elsewhere`).toBeUndefined();
        runsOn.set(path, id);
        const idleMs = now - (this.#needed.get(path) ?? 0);
        const ttlMs = TTL_MS[cameraId] ?? 0;
        const boundMs = this.#disturbed ? Math.max(ttlMs, MOVE_HOLD_MS) : ttlMs;
        expect(idleMs, `${path} is pulled without a viewer`).toBeLessThanOrEqual(boundMs + 1000);
      }
      for (const view of views) {
        if (view.nodeId !== id || this.#clock.wallNow() - view.startedAtMs < 100) continue;
        expect(node.paths, `the stream of view ${view.sessionId} at its node`).toContain(view.path);
      }
    }
  }
}

describe('start, stop, leave, time and nodes in any order', () => {
  it('never pull a camera without reason, nor leave a view without its stream, nor pull twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aStep, { minLength: 5, maxLength: 40 }), async (steps) => {
        const world = await World.create();
        try {
          for (const step of steps) await world.step(step);
          await world.rest();
        } finally {
          world.close();
        }
      }),
      { numRuns: 40 },
    );
  });
});
