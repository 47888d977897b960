// Enters: which nodes connect, report, fall silent, and which of them other processes lead. Leaves: which of them may
// carry streams, and news of their state.
// Not its job: what runs on them (state/), moving it elsewhere (streams/stream-keeper.ts).
import type { NodeHello, NodeId, NodeReport, NodeView } from '@vedette/contracts';
import type { Clock, Log } from '@vedette/runtime';
import type { EventBus } from '../events/event-bus.ts';
import type { StreamRecord } from '../state/shared-state.ts';
import { Confirmations } from './confirmations.ts';
import type { NodeLeases } from './node-leases.ts';
import { LINK_CLOSED, type NodeLink } from './node-link.ts';
import { Settling } from './settling.ts';

export interface KnownNode {
  readonly hello: NodeHello;
  readonly state: NodeView['state'];
  /** Its last one; undefined before the first, and of a node that only another process hears. */
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

interface NodeDirectoryOptions {
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly log: Log;
  readonly leases: Pick<NodeLeases, 'elsewhere' | 'mayJudge'>;
  /** True when nothing listens any more where the node was. */
  readonly refuses: (hello: NodeHello) => Promise<boolean>;
  /** Of which it is known what they run. */
  readonly knownNodes: () => Promise<ReadonlySet<NodeId>>;
}

export class NodeDirectory {
  readonly #options: NodeDirectoryOptions;
  readonly #entries = new Map<NodeId, Entry>();
  readonly #listeners = new Set<() => void>();
  #cancelTick: () => void = () => undefined;
  #tickDueAt = 0;
  #mediaOrigins: readonly string[] = [];
  readonly #settling: Settling;

  constructor(options: NodeDirectoryOptions) {
    this.#options = options;
    this.#settling = new Settling({
      clock: options.clock,
      isKnown: async (nodeId) => this.#isUsable(nodeId) && (await options.knownNodes()).has(nodeId),
    });
  }

  get settling(): boolean {
    return this.#settling.settling;
  }

  /** Resolves once every expected node has told what it runs, or had the time to. */
  get settled(): Promise<void> {
    return this.#settling.settled;
  }

  /** Until these have told what they run, nothing is placed anew. */
  expect(nodes: Iterable<NodeId>): void {
    this.#settling.expect(nodes);
  }

  start(): void {
    this.#tickSoon();
  }

  #tickSoon(): void {
    this.#tickDueAt = this.#options.clock.now() + TICK_MS;
    this.#cancelTick = this.#options.clock.after(TICK_MS, () => this.#tick());
  }

  close(): void {
    this.#cancelTick();
    this.#settling.close();
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
    this.#knowOrigins();
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

  /** What it says of itself; it takes no streams by that alone. */
  observed(link: NodeLink, report: NodeReport): void {
    const { clock } = this.#options;
    const before = this.#change(link, { report, lastReportAtMs: clock.wallNow() });
    if (before !== undefined && clock.now() - before.toldLoadAt >= TELL_LOAD_EVERY_MS)
      this.#tell(before.hello.nodeId);
  }

  /** It is known what runs there. */
  heardOut(link: NodeLink): void {
    const before = this.#change(link, { ready: true });
    if (before === undefined || before.ready) return;
    void this.#settling.look();
    for (const listener of this.#listeners) listener();
    this.#tell(before.hello.nodeId);
  }

  /** Its connection has ended. Nobody listens there any more: it is dead; else it may be back. */
  gone(link: NodeLink): void {
    const before = this.#change(link, { link: undefined, ready: false, state: 'suspect' });
    if (before === undefined) return;
    const { log, refuses } = this.#options;
    const { nodeId } = before.hello;
    log.warn({ nodeId }, 'the connection of a node has ended');
    this.#tell(nodeId);
    void refuses(before.hello).then((refused) => {
      const entry = this.#entries.get(nodeId);
      if (!refused || entry?.hello !== before.hello || entry.state !== 'suspect') return;
      this.#lose(nodeId, entry, 'nothing listens any more where the node was');
      for (const listener of this.#listeners) listener();
    });
  }

  get(nodeId: NodeId): KnownNode | undefined {
    return this.#entries.get(nodeId);
  }

  list(): readonly KnownNode[] {
    return [...this.#entries.values()];
  }

  /** Those that take new streams. */
  ready(): readonly KnownNode[] {
    return [...this.#entries.values()].filter(({ ready, report }) => ready && report?.draining !== true);
  }

  /** Those that streams may stay on: a node whose connection broke may still be running them. */
  usable(): readonly KnownNode[] {
    return [...this.#entries.values()].filter(({ hello }) => this.#isUsable(hello.nodeId));
  }

  /** Nodes that are connected to this process. */
  linked(): readonly { readonly hello: NodeHello; readonly silentMs: number }[] {
    const now = this.#options.clock.now();
    return [...this.#entries.values()]
      .filter(({ link }) => link !== undefined)
      .map(({ hello, lastHeardAt }) => ({ hello, silentMs: now - lastHeardAt }));
  }

  /** Nodes that act on what this process says. */
  led(): readonly NodeHello[] {
    return [...this.#entries.values()].filter(({ link }) => link?.leads === true).map(({ hello }) => hello);
  }

  /** What this process held of its nodes is gone: their next reports are taken in as if they were the first. */
  takeInAnew(): void {
    for (const { link } of this.#entries.values()) link?.takeInAnew();
    this.expect(this.ready().map(({ hello }) => hello.nodeId));
  }

  /** Tells every node that is connected here. */
  tellAll(message: Parameters<NodeLink['tell']>[0]): void {
    for (const { link } of this.#entries.values()) link?.tell(message);
  }

  /** False when it is not connected here. */
  tell(nodeId: NodeId, message: Parameters<NodeLink['tell']>[0]): boolean {
    const link = this.#entries.get(nodeId)?.link;
    link?.tell(message);
    return link !== undefined;
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

  /** True once the node has applied this placement, or runs it already where only another process hears it. */
  async confirmed(
    { fence, nodeId, path, placed }: Pick<StreamRecord, 'fence' | 'nodeId' | 'path'> & { placed: boolean },
    withinMs: number,
  ): Promise<boolean> {
    if (
      !placed &&
      this.#entries.get(nodeId)?.link === undefined &&
      this.#options.leases.elsewhere.has(nodeId)
    )
      return true;
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

  #isUsable(nodeId: NodeId): boolean {
    const entry = this.#entries.get(nodeId);
    if (entry === undefined || entry.state === 'lost') return false;
    return entry.report !== undefined || this.#options.leases.elsewhere.has(nodeId);
  }

  #tick(): void {
    const { clock, leases } = this.#options;
    const now = clock.now();
    // When this process itself stood still, nobody could be heard: that is nobody's silence.
    const stoodStillMs = Math.max(0, now - this.#tickDueAt - TICK_MS);
    const { elsewhere } = leases;
    this.#meetElsewhere(elsewhere);
    let lost = false;
    for (const [nodeId, entry] of this.#entries) {
      const lastHeardAt = entry.lastHeardAt + stoodStillMs;
      if (entry.state === 'lost') {
        if (now - lastHeardAt > FORGET_LOST_MS) this.#entries.delete(nodeId);
        continue;
      }
      this.#entries.set(nodeId, { ...entry, lastHeardAt });
      if (now - lastHeardAt <= LEASE_MS) continue;
      if (entry.link !== undefined) {
        entry.link.close(LINK_CLOSED.silent, 'nothing was heard');
        this.#entries.set(nodeId, { ...entry, lastHeardAt, link: undefined, ready: false, state: 'suspect' });
        this.#tell(nodeId);
      }
      if (elsewhere.has(nodeId) || !leases.mayJudge) continue;
      lost = true;
      const silent = this.#entries.get(nodeId);
      if (silent !== undefined) this.#lose(nodeId, silent, 'nothing was heard from a node for its lease');
    }
    this.#tickSoon();
    if (lost) for (const listener of this.#listeners) listener();
  }

  /** Nodes that this process does not hear itself may carry streams all the same. */
  #meetElsewhere(elsewhere: ReadonlyMap<NodeId, NodeHello>): void {
    for (const [nodeId, hello] of elsewhere) {
      const known = this.#entries.get(nodeId);
      if (known !== undefined && known.state !== 'lost') continue;
      const { clock } = this.#options;
      this.#entries.set(nodeId, {
        hello,
        state: 'suspect',
        report: undefined,
        connectedAtMs: clock.wallNow(),
        lastReportAtMs: undefined,
        confirmations: known?.confirmations ?? new Confirmations({ clock }),
        link: undefined,
        ready: false,
        lastHeardAt: clock.now(),
        toldLoadAt: 0,
      });
      this.#knowOrigins();
      void this.#settling.look();
    }
  }

  #lose(nodeId: NodeId, entry: Entry, why: string): void {
    this.#entries.set(nodeId, { ...entry, state: 'lost', ready: false, link: undefined });
    this.#options.log.error({ nodeId, reason: 'node_lost' }, why);
    this.#tell(nodeId);
  }

  #knowOrigins(): void {
    const origins = this.list().map((node) => new URL(node.hello.publicUrl).origin);
    this.#mediaOrigins = [...new Set(origins)];
  }

  #tell(nodeId: NodeId): void {
    const entry = this.#entries.get(nodeId);
    if (entry === undefined) return;
    this.#entries.set(nodeId, { ...entry, toldLoadAt: this.#options.clock.now() });
    const load = entry.report?.load ?? null;
    this.#options.bus.publish({ type: 'node.state', nodeId, state: entry.state, load });
  }
}
