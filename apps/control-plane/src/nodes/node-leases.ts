// Enters: the nodes that this process hears, and what other processes announce. Leaves: which nodes others hear, where
// those processes are, and whether the shared state can be reached at all.
// Not its job: whether a node lives. That is known by its connection; a store that is away makes no node dead.
import { NodeHello, type NodeId } from '@vedette/contracts';
import type { Clock, Log } from '@vedette/runtime';
import { z } from 'zod';
import type { Announcement, ProcessBoard } from '../state/process-board.ts';

const HeardNode = z.object({ by: z.string(), hello: NodeHello, heardAtMs: z.number() });
const ControlProcess = z.object({ url: z.url().nullable() });

/** A node of which a control process says nothing for so long is not heard by it. */
const LEASE_MS = 3000;
const RENEW_MS = 1000;
const RETRY_MS = 250;

interface NodeLeasesOptions {
  readonly board: ProcessBoard;
  /** Of this process. */
  readonly controlId: string;
  /** Where nodes reach this process; undefined when that is not to be told. */
  readonly peerUrl: string | undefined;
  /** Nodes that are connected to this process. */
  readonly heard: () => readonly { readonly hello: NodeHello; readonly silentMs: number }[];
  readonly clock: Clock;
  readonly log: Log;
}

export class NodeLeases {
  readonly #options: NodeLeasesOptions;
  readonly #listeners = new Set<() => void>();
  #elsewhere: ReadonlyMap<NodeId, z.infer<typeof HeardNode>> = new Map();
  #peers: readonly string[] = [];
  #able = false;
  #ableSince = 0;
  #closed = false;
  #cancel: () => void = () => undefined;

  constructor(options: NodeLeasesOptions) {
    this.#options = options;
  }

  /** Resolves after the first round, whatever came of it. */
  async start(): Promise<void> {
    await this.#round();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    const { board, controlId } = this.#options;
    await board.withdraw([`control ${controlId}`]).catch(() => undefined);
  }

  /** Calls back when peers, or the nodes that others hear, have changed; returns how to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** This process reaches the shared state. */
  get able(): boolean {
    return this.#able;
  }

  /** A call of the shared state has failed: it is away until the next round says otherwise. */
  failed(): void {
    if (!this.#able) return;
    this.#able = false;
    this.#soon(RETRY_MS);
  }

  /** Where other processes are reached by nodes. */
  get peers(): readonly string[] {
    return this.#peers;
  }

  /** Nodes that another process hears. */
  get elsewhere(): ReadonlyMap<NodeId, NodeHello> {
    const nowMs = this.#options.clock.wallNow();
    return new Map(
      [...this.#elsewhere]
        // By when it was last heard, not by when that was told: all that hear nothing any more agree at once.
        .filter(([, { heardAtMs }]) => nowMs - heardAtMs < LEASE_MS)
        .map(([nodeId, { hello }]) => [nodeId, hello]),
    );
  }

  /** Whether the silence of a node that nobody hears means that it is dead: only once all had the time to say so. */
  get mayJudge(): boolean {
    return this.#able && this.#options.clock.now() - this.#ableSince >= LEASE_MS;
  }

  #soon(ms: number): void {
    this.#cancel();
    if (!this.#closed) this.#cancel = this.#options.clock.after(ms, () => void this.#round());
  }

  async #round(): Promise<void> {
    const { board, clock, controlId, heard, log, peerUrl } = this.#options;
    const nowMs = clock.wallNow();
    try {
      const up = await board.announce(
        [
          { key: `control ${controlId}`, value: JSON.stringify({ url: peerUrl ?? null }) },
          ...heard().map(({ hello, silentMs }) => ({
            key: `node ${hello.nodeId} ${controlId}`,
            value: JSON.stringify({ by: controlId, hello, heardAtMs: nowMs - silentMs }),
          })),
        ],
        { nowMs, untilMs: nowMs + LEASE_MS },
      );
      if (!this.#able) {
        this.#able = true;
        this.#ableSince = clock.now();
      }
      this.#take(up);
    } catch (err) {
      if (this.#able) log.warn({ err }, 'the shared state is away; what runs goes on');
      this.#able = false;
    }
    this.#soon(this.#able ? RENEW_MS : RETRY_MS);
  }

  #take(up: readonly Announcement[]): void {
    const { controlId } = this.#options;
    const elsewhere = new Map<NodeId, z.infer<typeof HeardNode>>();
    const peers: string[] = [];
    for (const { key, value } of up) {
      const json = parsed(value);
      if (key.startsWith('node ')) {
        const node = HeardNode.safeParse(json);
        if (!node.success || node.data.by === controlId) continue;
        const { nodeId } = node.data.hello;
        const known = elsewhere.get(nodeId);
        if (known === undefined || known.heardAtMs < node.data.heardAtMs) elsewhere.set(nodeId, node.data);
      } else if (key.startsWith('control ') && key !== `control ${controlId}`) {
        const control = ControlProcess.safeParse(json);
        if (control.success && control.data.url !== null) peers.push(control.data.url);
      }
    }
    const changed =
      peers.toSorted().join() !== this.#peers.join() ||
      [...elsewhere.keys()].toSorted().join() !== [...this.#elsewhere.keys()].toSorted().join();
    this.#elsewhere = elsewhere;
    this.#peers = peers.toSorted();
    if (changed) for (const listener of this.#listeners) listener();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
