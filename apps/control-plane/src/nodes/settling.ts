import type { NodeId } from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';

const WITHIN_MS = 3000;
const LOOK_MS = 100;

/**
 * Holds back new placements after the shared state was empty, or this process has begun: what runs on a node that has
 * not been heard of would be pulled twice.
 */
export class Settling {
  readonly #clock: Pick<Clock, 'after' | 'now'>;
  /** True once it is known what runs there. */
  readonly #isKnown: (nodeId: NodeId) => Promise<boolean>;
  readonly #awaited = new Set<NodeId>();
  #done: Promise<void> = Promise.resolve();
  #resolve: () => void = () => undefined;
  #until = 0;
  #cancel: () => void = () => undefined;

  constructor(options: {
    readonly clock: Pick<Clock, 'after' | 'now'>;
    readonly isKnown: (nodeId: NodeId) => Promise<boolean>;
  }) {
    this.#clock = options.clock;
    this.#isKnown = options.isKnown;
  }

  /** True while nodes are waited for. */
  get settling(): boolean {
    return this.#awaited.size > 0;
  }

  /** Resolves once every expected node has told what it runs, or had the time to. */
  get settled(): Promise<void> {
    return this.#done;
  }

  expect(nodes: Iterable<NodeId>): void {
    const wasSettling = this.settling;
    for (const nodeId of nodes) this.#awaited.add(nodeId);
    if (!this.settling) return;
    this.#until = this.#clock.now() + WITHIN_MS;
    if (!wasSettling) this.#done = new Promise((resolve) => (this.#resolve = resolve));
    this.#cancel();
    void this.look();
  }

  /** Looks again at whom it waits for. */
  async look(): Promise<void> {
    this.#cancel();
    if (!this.settling) return;
    if (this.#clock.now() >= this.#until) this.#awaited.clear();
    for (const nodeId of [...this.#awaited])
      if (await this.#isKnown(nodeId).catch(() => false)) this.#awaited.delete(nodeId);
    if (this.settling) {
      this.#cancel();
      this.#cancel = this.#clock.after(LOOK_MS, () => void this.look());
    } else this.#resolve();
  }

  close(): void {
    this.#cancel();
    this.#awaited.clear();
    this.#resolve();
  }
}
