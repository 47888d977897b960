// Enters: which nodes may take from here but cannot reach us. Leaves: one connection to each, opened by us, kept open,
// opened again when it is lost. Not its job: what is asked for over them.
import type { Http2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { NodeId, RelayPeer } from '@vedette/contracts';
import { backoffMs, type Clock, fullJitter, type Log } from '@vedette/runtime';
import type { NodeCertificate } from './node-certificate.ts';
import type { RelayPeers } from './relay-peers.ts';
import { dialNode, RELAY_PROTOCOL } from './secure-link.ts';

export interface OfferingLinksOptions {
  readonly certificate: NodeCertificate;
  readonly peers: RelayPeers;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly giveOver: (socket: TLSSocket, peer: NodeId) => Http2Session;
}

const REDIAL = { baseMs: 200, capMs: 10_000 };
const DIAL_MS = 5000;
/** A connection that held so long makes earlier failures forgotten. */
const STABLE_MS = 10_000;

export class OfferingLinks {
  readonly #options: OfferingLinksOptions;
  readonly #kept = new Map<string, AbortController>();
  readonly #stopListening: () => void;

  constructor(options: OfferingLinksOptions) {
    this.#options = options;
    this.#stopListening = options.peers.onChange(() => this.#update());
    this.#update();
  }

  close(): void {
    this.#stopListening();
    for (const stop of this.#kept.values()) stop.abort();
    this.#kept.clear();
  }

  #update(): void {
    const wanted = new Map(
      this.#options.peers
        .all()
        .filter((peer) => peer.offer && peer.address !== undefined)
        .map((peer) => [JSON.stringify(peer), peer]),
    );
    for (const [key, stop] of this.#kept) {
      if (wanted.delete(key)) continue;
      stop.abort();
      this.#kept.delete(key);
    }
    for (const [key, peer] of wanted) {
      const stop = new AbortController();
      this.#kept.set(key, stop);
      void this.#keep(peer, stop.signal);
    }
  }

  async #keep(peer: RelayPeer, signal: AbortSignal): Promise<void> {
    const { clock, log, random } = this.#options;
    const about = { peer: peer.nodeId };
    let failures = 0;
    let isToldOff = false;
    while (!signal.aborted) {
      const begunAt = clock.now();
      try {
        await this.#once(peer, signal, () =>
          log.info(about, 'connected to a node that may take streams from here'),
        );
        isToldOff = false;
      } catch (err) {
        if (!signal.aborted && !isToldOff)
          log.warn({ ...about, err }, 'a node that may take streams cannot be reached');
        isToldOff = true;
      }
      failures = clock.now() - begunAt >= STABLE_MS ? 0 : failures + 1;
      const bound = backoffMs(failures, REDIAL);
      await clock.sleep(bound / 4 + fullJitter((bound * 3) / 4, random), signal).catch(() => undefined);
    }
  }

  /** Resolves when the connection is over. */
  async #once(peer: RelayPeer, signal: AbortSignal, onOpen: () => void): Promise<void> {
    const { certificate, clock, giveOver } = this.#options;
    if (peer.address === undefined) return;
    const late = new AbortController();
    const cancel = clock.after(DIAL_MS, () => late.abort(new Error('it did not answer in time')));
    const socket = await dialNode({
      address: peer.address,
      certificate,
      sha256: peer.sha256,
      protocol: RELAY_PROTOCOL.give,
      signal: AbortSignal.any([signal, late.signal]),
    }).finally(cancel);
    const session = giveOver(socket, peer.nodeId);
    const over = new Promise<void>((resolve) => session.once('close', resolve));
    const end = () => session.destroy();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    onOpen();
    await over;
    signal.removeEventListener('abort', end);
  }
}
