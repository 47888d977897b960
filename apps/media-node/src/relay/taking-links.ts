// Enters: which node a stream is wanted from. Leaves: the one connection to it, shared by all who take from it, opened
// when the first comes and closed when the last leaves; or the one that the other node has opened and keeps open.
// Not its job: what is taken, and trying again.
import type { NodeId, RelayPeer } from '@vedette/contracts';
import { type Clock, VedetteError } from '@vedette/runtime';
import type { NodeCertificate } from './node-certificate.ts';
import type { RelayPeers } from './relay-peers.ts';
import { dialNode, RELAY_PROTOCOL, StrangerError } from './secure-link.ts';
import type { TakingSession } from './taking-session.ts';

export interface TakingLinksOptions {
  readonly certificate: NodeCertificate;
  readonly peers: RelayPeers;
  readonly clock: Clock;
  readonly createSession: (socket: Awaited<ReturnType<typeof dialNode>>) => TakingSession;
}

/** One user's share of a connection. */
export interface TakingShare {
  readonly session: TakingSession;
  /** May be repeated. */
  release(): void;
}

const DIAL_MS = 5000;
/** A node behind NAT opens its connection itself; when it has just been told to, it comes within this. */
const OFFER_MS = 5000;

interface Offer {
  readonly sha256: string | undefined;
  readonly session: TakingSession;
}

interface Link {
  /** Of the node that it leads to. */
  readonly sha256: string;
  readonly opening: Promise<TakingSession>;
  readonly stop: AbortController;
  users: number;
}

export class TakingLinks {
  readonly #options: TakingLinksOptions;
  readonly #dialled = new Map<NodeId, Link>();
  readonly #offered = new Map<NodeId, Offer>();
  readonly #awaiting = new Set<(nodeId: NodeId) => void>();
  readonly #stop = new AbortController();

  constructor(options: TakingLinksOptions) {
    this.#options = options;
    options.peers.onChange(() => this.#dropStrangers());
  }

  /** Throws VedetteError `relay_unreachable` or `relay_refused`, or the signal's reason. */
  async take(from: NodeId, signal: AbortSignal): Promise<TakingShare> {
    signal.throwIfAborted();
    const peer = this.#options.peers.get(from);
    if (peer === undefined)
      throw new VedetteError('relay_refused', {
        detail: `Control has not named ${from} as a node to take from.`,
      });
    return peer.address === undefined || this.#offered.has(from)
      ? { session: await this.#offer(from, signal), release: () => undefined }
      : this.#dial(peer, peer.address, signal);
  }

  /** The other node has opened a connection for us to take over; a later one takes the place of the one before. */
  offer(nodeId: NodeId, session: TakingSession): void {
    const before = this.#offered.get(nodeId);
    const offer = { session, sha256: this.#options.peers.get(nodeId)?.sha256 };
    this.#offered.set(nodeId, offer);
    before?.session.close();
    void session.ended.then(() => {
      if (this.#offered.get(nodeId) === offer) this.#offered.delete(nodeId);
    });
    for (const heard of [...this.#awaiting]) heard(nodeId);
  }

  close(): void {
    this.#stop.abort(new Error('the node stops'));
    for (const { session } of this.#offered.values()) session.close();
    for (const { stop } of this.#dialled.values()) stop.abort(new Error('the node stops'));
  }

  /** Ends the connections to those that control names no more, or names otherwise. */
  #dropStrangers(): void {
    const { peers } = this.#options;
    for (const [nodeId, { session, sha256 }] of this.#offered)
      if (peers.get(nodeId)?.sha256 !== sha256) session.close();
    for (const [nodeId, { sha256, stop }] of this.#dialled)
      if (peers.get(nodeId)?.sha256 !== sha256) stop.abort(new Error('the node is trusted no more'));
  }

  async #offer(from: NodeId, signal: AbortSignal): Promise<TakingSession> {
    const { clock } = this.#options;
    const present = this.#offered.get(from);
    if (present !== undefined) return present.session;
    const came = Promise.withResolvers<void>();
    const heard = (nodeId: NodeId) => {
      if (nodeId === from) came.resolve();
    };
    const over = new AbortController();
    this.#awaiting.add(heard);
    try {
      await Promise.race([
        came.promise,
        clock.sleep(OFFER_MS, AbortSignal.any([signal, this.#stop.signal, over.signal])),
      ]);
    } finally {
      this.#awaiting.delete(heard);
      over.abort();
    }
    const offer = this.#offered.get(from);
    if (offer !== undefined) return offer.session;
    throw unreachable(`${from}, which opens the connection itself, has not opened it.`);
  }

  async #dial(
    peer: RelayPeer,
    address: NonNullable<RelayPeer['address']>,
    signal: AbortSignal,
  ): Promise<TakingShare> {
    let link = this.#dialled.get(peer.nodeId);
    if (link === undefined) {
      const stop = new AbortController();
      link = { sha256: peer.sha256, opening: this.#open(peer, address, stop.signal), stop, users: 0 };
      this.#dialled.set(peer.nodeId, link);
      this.#forgetWhenOver(peer.nodeId, link);
    }
    const shared = link;
    shared.users += 1;
    let released = false;
    const release = () => {
      if (released) return;
      released = true;
      shared.users -= 1;
      if (shared.users === 0) shared.stop.abort(new Error('nobody takes from this node any more'));
    };
    try {
      return { session: await unlessAborted(shared.opening, signal), release };
    } catch (error) {
      release();
      throw error;
    }
  }

  async #open(
    { nodeId, sha256 }: RelayPeer,
    address: NonNullable<RelayPeer['address']>,
    stop: AbortSignal,
  ): Promise<TakingSession> {
    const { certificate, clock, createSession } = this.#options;
    const late = new AbortController();
    const cancel = clock.after(DIAL_MS, () => late.abort(new Error('it did not answer in time')));
    const signal = AbortSignal.any([stop, late.signal]);
    try {
      const socket = await dialNode({ address, certificate, sha256, protocol: RELAY_PROTOCOL.take, signal });
      const session = createSession(socket);
      stop.addEventListener('abort', () => session.close(), { once: true });
      if (stop.aborted) session.close();
      await unlessAborted(session.ready, signal).catch((cause: unknown) => {
        session.close();
        // It has shown that it is the right one and then hung up: it does not know us.
        throw new VedetteError('relay_refused', {
          detail: `${nodeId} does not hand streams on to this node.`,
          cause,
        });
      });
      return session;
    } catch (cause) {
      if (cause instanceof VedetteError) throw cause;
      throw cause instanceof StrangerError
        ? new VedetteError('relay_refused', {
            detail: `Another node than ${nodeId} answers at its address.`,
            cause,
          })
        : unreachable(`${nodeId} cannot be reached.`, cause);
    } finally {
      cancel();
    }
  }

  #forgetWhenOver(nodeId: NodeId, link: Link): void {
    const forget = () => {
      if (this.#dialled.get(nodeId) === link) this.#dialled.delete(nodeId);
    };
    link.stop.signal.addEventListener('abort', forget, { once: true });
    link.opening.then((session) => session.ended.then(forget), forget);
  }
}

function unreachable(detail: string, cause?: unknown): VedetteError {
  return new VedetteError('relay_unreachable', { detail, cause });
}

/** What was waited for, or the signal's reason as soon as it aborts. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    if (signal.aborted) abort();
  });
}
