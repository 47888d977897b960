// Enters: which nodes connect, report, fall silent. Leaves: which of them may carry streams, and news of their state.
// Not its job: what runs on them (state/), moving it elsewhere (streams/stream-keeper.ts).
import type { NodeHello, NodeId, NodeReport, NodeView, StreamPath } from '@vedette/contracts';
import type { Clock, Log } from '@vedette/runtime';
import type { EventBus } from '../events/event-bus.ts';
import { Confirmations } from './confirmations.ts';
import { LINK_CLOSED, type NodeLink } from './node-link.ts';

export interface KnownNode {
  readonly hello: NodeHello;
  readonly state: NodeView['state'];
  /** Its last one; undefined before the first. */
  readonly report: NodeReport | undefined;
  readonly connectedAtMs: number;
  readonly lastReportAtMs: number | undefined;
}

interface Entry extends KnownNode {
  readonly confirmations: Confirmations;
  readonly link: NodeLink | undefined;
  /** Connected, and control knows what runs there. */
  readonly ready: boolean;
  readonly lastHeardAt: number;
  readonly toldLoadAt: number;
}

const LEASE_MS = 3000;
const TICK_MS = 250;
const TELL_LOAD_EVERY_MS = 2000;
const FORGET_LOST_MS = 3_600_000;
const SETTLE_WITHIN_MS = 3000;

interface NodeDirectoryOptions {
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly log: Log;
  /** Nodes of an earlier life of control: until they told what they run, nothing is placed anew. */
  readonly expected: readonly NodeId[];
}

export class NodeDirectory {
  readonly #options: NodeDirectoryOptions;
  readonly #entries = new Map<NodeId, Entry>();
  readonly #listeners = new Set<() => void>();
  #cancelTick: () => void = () => undefined;
  #tickDueAt = 0;
  #mediaOrigins: readonly string[] = [];
  readonly #awaited: Set<NodeId>;
  #settle: () => void = () => undefined;
  /** Resolves once every expected node has told what it runs, or had the time to. */
  readonly settled: Promise<void>;

  constructor(options: NodeDirectoryOptions) {
    this.#options = options;
    this.#awaited = new Set(options.expected);
    this.settled =
      this.#awaited.size === 0 ? Promise.resolve() : new Promise((resolve) => (this.#settle = resolve));
  }

  get settling(): boolean {
    return this.#awaited.size > 0;
  }

  start(): void {
    if (this.settling) this.#options.clock.after(SETTLE_WITHIN_MS, () => this.#heardAll());
    this.#tickSoon();
  }

  #tickSoon(): void {
    this.#tickDueAt = this.#options.clock.now() + TICK_MS;
    this.#cancelTick = this.#options.clock.after(TICK_MS, () => this.#tick());
  }

  close(): void {
    this.#cancelTick();
    for (const { link } of this.#entries.values()) link?.close(1001, 'control stops');
  }

  /** Calls back when a node has become ready or was lost; returns how to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The later connection of a node counts: its process was started anew, or its old connection is dead. */
  greeted(hello: NodeHello, link: NodeLink): Confirmations {
    const before = this.#entries.get(hello.nodeId);
    if (before?.link !== undefined) {
      this.#options.log.warn(
        { nodeId: hello.nodeId, sameProcess: before.hello.epoch === hello.epoch },
        'a second connection of this node replaces the first',
      );
    }
    const { clock } = this.#options;
    const confirmations = before?.confirmations ?? new Confirmations({ clock });
    confirmations.reset();
    this.#entries.set(hello.nodeId, {
      hello,
      state: 'connected',
      report: before?.report,
      connectedAtMs: clock.wallNow(),
      lastReportAtMs: before?.lastReportAtMs,
      confirmations,
      link,
      ready: false,
      lastHeardAt: clock.now(),
      toldLoadAt: 0,
    });
    const origins = this.list().map((node) => new URL(node.hello.publicUrl).origin);
    this.#mediaOrigins = [...new Set(origins)];
    before?.link?.close(LINK_CLOSED.replaced, 'replaced by a later connection');
    this.#tell(hello.nodeId);
    return confirmations;
  }

  /** False once a later connection of the node, or its loss, has taken its place. */
  isCurrent(link: NodeLink): boolean {
    const nodeId = link.hello?.nodeId;
    return nodeId !== undefined && this.#entries.get(nodeId)?.link === link;
  }

  heard(link: NodeLink): void {
    this.#change(link, { lastHeardAt: this.#options.clock.now() });
  }

  /** Its report has been taken in. */
  reported(link: NodeLink, report: NodeReport): void {
    const { clock } = this.#options;
    const before = this.#change(link, { report, ready: true, lastReportAtMs: clock.wallNow() });
    if (before === undefined) return;
    if (this.#awaited.delete(before.hello.nodeId) && !this.settling) this.#heardAll();
    if (!before.ready) for (const listener of this.#listeners) listener();
    if (!before.ready || clock.now() - before.toldLoadAt >= TELL_LOAD_EVERY_MS)
      this.#tell(before.hello.nodeId);
  }

  /** Its connection has ended. */
  gone(link: NodeLink): void {
    const before = this.#change(link, { link: undefined, ready: false, state: 'suspect' });
    if (before === undefined) return;
    this.#options.log.warn({ nodeId: before.hello.nodeId }, 'the connection of a node has ended');
    this.#tell(before.hello.nodeId);
  }

  get(nodeId: NodeId): KnownNode | undefined {
    return this.#entries.get(nodeId);
  }

  list(): readonly KnownNode[] {
    return [...this.#entries.values()];
  }

  /** Those that take new streams. */
  ready(): readonly KnownNode[] {
    return [...this.#entries.values()].filter((entry) => entry.ready);
  }

  /** Those that streams may stay on: a node whose connection broke may still be running them. */
  usable(): readonly KnownNode[] {
    return [...this.#entries.values()].filter(
      ({ report, state }) => state !== 'lost' && report !== undefined,
    );
  }

  /** Like `ready`, but when there is none although one may be about to come back, waits for it. */
  async readySoon(withinMs: number): Promise<readonly KnownNode[]> {
    const mayComeBack = [...this.#entries.values()].some(({ state }) => state !== 'lost');
    if (this.ready().length > 0 || !mayComeBack) return this.ready();
    return new Promise((resolve) => {
      const done = () => {
        stop();
        cancel();
        resolve(this.ready());
      };
      const stop = this.onChange(() => {
        if (this.ready().length > 0) done();
      });
      const cancel = this.#options.clock.after(withinMs, done);
    });
  }

  /** Web origins of all nodes that are known; asked for with every page. */
  get mediaOrigins(): readonly string[] {
    return this.#mediaOrigins;
  }

  /** True while its streams may still be running: connected, or silent for less than its lease. */
  holdsLease(nodeId: NodeId): boolean {
    const state = this.#entries.get(nodeId)?.state;
    return state === 'connected' || state === 'suspect';
  }

  /** True once the node has applied this placement. */
  async confirmed(nodeId: NodeId, path: StreamPath, fence: number, withinMs: number): Promise<boolean> {
    return (await this.#entries.get(nodeId)?.confirmations.wait(path, fence, withinMs)) ?? false;
  }

  desiredChanged(nodeId: NodeId): void {
    this.#entries.get(nodeId)?.link?.desiredChanged();
  }

  /** Answers the entry as it was; undefined when the connection is not the node's own any more. */
  #change(link: NodeLink, change: Partial<Entry>): Entry | undefined {
    const nodeId = link.hello?.nodeId;
    const before = nodeId === undefined ? undefined : this.#entries.get(nodeId);
    if (before === undefined || before.link !== link) return undefined;
    this.#entries.set(before.hello.nodeId, { ...before, ...change });
    return before;
  }

  #tick(): void {
    const { clock, log } = this.#options;
    const now = clock.now();
    // When this process itself stood still, nobody could be heard: that is nobody's silence.
    const stoodStillMs = Math.max(0, now - this.#tickDueAt - TICK_MS);
    let lost = false;
    for (const [nodeId, entry] of this.#entries) {
      const lastHeardAt = entry.lastHeardAt + stoodStillMs;
      if (entry.state === 'lost') {
        if (now - lastHeardAt > FORGET_LOST_MS) this.#entries.delete(nodeId);
        continue;
      }
      const silent = now - lastHeardAt > LEASE_MS;
      this.#entries.set(nodeId, {
        ...entry,
        lastHeardAt,
        ...(silent ? { state: 'lost', ready: false, link: undefined } : {}),
      });
      if (!silent) continue;
      lost = true;
      log.error({ nodeId, reason: 'node_lost' }, 'nothing was heard from a node for its lease');
      entry.link?.close(LINK_CLOSED.silent, 'nothing was heard');
      this.#tell(nodeId);
    }
    this.#tickSoon();
    if (lost) for (const listener of this.#listeners) listener();
  }

  #heardAll(): void {
    this.#awaited.clear();
    this.#settle();
  }

  #tell(nodeId: NodeId): void {
    const entry = this.#entries.get(nodeId);
    if (entry === undefined) return;
    this.#entries.set(nodeId, { ...entry, toldLoadAt: this.#options.clock.now() });
    const load = entry.report?.load ?? null;
    this.#options.bus.publish({ type: 'node.state', nodeId, state: entry.state, load });
  }
}
