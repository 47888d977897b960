// Enters: whom control names, and which streams are wanted from whom. Leaves: connections between nodes, one for each
// that takes from another, whoever of the two has opened it. Not its job: the streams themselves.
import type { Http2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { NodeId, RelayIdentity } from '@vedette/contracts';
import type { Clock, Log } from '@vedette/runtime';
import { type Give, giveOver } from './giving-session.ts';
import { makeNodeCertificate } from './node-certificate.ts';
import { OfferingLinks } from './offering-links.ts';
import { RelayDoor } from './relay-door.ts';
import { RelayPeers } from './relay-peers.ts';
import { TakingLinks, type TakingShare } from './taking-links.ts';
import { TakingSession } from './taking-session.ts';

export interface RelayLinksOptions {
  readonly nodeId: NodeId;
  /** Where this node listens for others, port 0 for any; without it only those that it dials are reached. */
  readonly listen: { readonly host: string; readonly port: number } | undefined;
  /** Name or address by which other nodes reach that port. */
  readonly publicHost: string;
  readonly give: Give;
  /** A node that opens the connection itself has done so: what is taken from it can go on. */
  readonly onOffered: (nodeId: NodeId) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

interface Parts {
  readonly peers: RelayPeers;
  readonly identity: RelayIdentity;
  readonly taking: TakingLinks;
  readonly offering: OfferingLinks;
  readonly givers: Givers;
  readonly door: RelayDoor | undefined;
}

export class RelayLinks {
  /** What other nodes have to know of this one. */
  readonly identity: RelayIdentity;
  readonly peers: RelayPeers;
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.identity = parts.identity;
    this.peers = parts.peers;
    this.#parts = parts;
  }

  /** Rejects with the error of the server when the port is taken. */
  static async open(options: RelayLinksOptions): Promise<RelayLinks> {
    const { clock, give, listen, log, nodeId, onOffered, publicHost, random } = options;
    const certificate = makeNodeCertificate(nodeId);
    const peers = new RelayPeers();
    const createSession = (socket: TLSSocket) => new TakingSession({ socket, clock });
    const taking = new TakingLinks({ certificate, peers, clock, createSession });
    const givers = new Givers(peers);
    const open = (socket: TLSSocket, peer: NodeId) =>
      givers.add(peer, giveOver({ socket, peer, give, clock }));
    const door =
      listen &&
      (await RelayDoor.listen({
        ...listen,
        certificate,
        peers,
        log,
        onTaker: open,
        onGiver: (socket, peer) => {
          const session = createSession(socket);
          const offered = () => {
            taking.offer(peer, session);
            onOffered(peer);
          };
          session.ready.then(offered, () => undefined);
        },
      }));
    const offering = new OfferingLinks({ certificate, peers, clock, random, log, giveOver: open });
    const identity: RelayIdentity = {
      sha256: certificate.sha256,
      ...(door === undefined ? {} : { address: { host: publicHost, port: door.port } }),
    };
    return new RelayLinks({ peers, identity, taking, offering, givers, door });
  }

  /** Throws VedetteError `relay_unreachable` or `relay_refused`, or the signal's reason. */
  take(from: NodeId, signal: AbortSignal): Promise<TakingShare> {
    return this.#parts.taking.take(from, signal);
  }

  async close(): Promise<void> {
    const { door, givers, offering, taking } = this.#parts;
    offering.close();
    taking.close();
    givers.close();
    await door?.close();
  }
}

/** The connections on which this node gives; they end with the trust in the other side. */
class Givers {
  readonly #peers: RelayPeers;
  readonly #sessions = new Map<
    Http2Session,
    { readonly peer: NodeId; readonly sha256: string | undefined }
  >();

  constructor(peers: RelayPeers) {
    this.#peers = peers;
    peers.onChange(() => {
      for (const [session, { peer, sha256 }] of this.#sessions)
        if (peers.get(peer)?.sha256 !== sha256) session.destroy();
    });
  }

  add(peer: NodeId, session: Http2Session): Http2Session {
    this.#sessions.set(session, { peer, sha256: this.#peers.get(peer)?.sha256 });
    session.once('close', () => this.#sessions.delete(session));
    return session;
  }

  close(): void {
    for (const session of this.#sessions.keys()) session.destroy();
  }
}
