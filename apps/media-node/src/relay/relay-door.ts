// Enters: other nodes that dial this one. Leaves: those that control has named, asking for streams or offering theirs.
// Everybody else is shown out once he has shown his certificate.
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { NodeId } from '@vedette/contracts';
import type { Log } from '@vedette/runtime';
import type { NodeCertificate } from './node-certificate.ts';
import type { RelayPeers } from './relay-peers.ts';
import { linkOptions, RELAY_PROTOCOL, shownBy } from './secure-link.ts';

export interface RelayDoorOptions {
  readonly certificate: NodeCertificate;
  readonly peers: RelayPeers;
  readonly log: Log;
  readonly onTaker: (socket: TLSSocket, peer: NodeId) => void;
  readonly onGiver: (socket: TLSSocket, peer: NodeId) => void;
}

const HANDSHAKE_MS = 5000;
/** Nodes there are few; whoever opens more than this does not want streams. */
const MAX_CONNECTIONS = 500;

export class RelayDoor {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(options: RelayDoorOptions) {
    const { certificate, log, onGiver, onTaker, peers } = options;
    this.#server = createServer({
      ...linkOptions(certificate),
      ALPNProtocols: [RELAY_PROTOCOL.take, RELAY_PROTOCOL.give],
      handshakeTimeout: HANDSHAKE_MS,
      noDelay: true,
    });
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('secureConnection', (socket) => {
      socket.on('error', () => undefined);
      const peer = peers.whoIs(shownBy(socket) ?? '');
      const greet = { [RELAY_PROTOCOL.take]: onTaker, [RELAY_PROTOCOL.give]: onGiver }[
        String(socket.alpnProtocol)
      ];
      if (peer === undefined || greet === undefined) {
        log.warn({ address: socket.remoteAddress }, 'a node that control has not named was turned away');
        socket.destroy();
        return;
      }
      greet(socket, peer.nodeId);
    });
  }

  /** Rejects with the error of the server when the port is taken. */
  static listen(
    options: RelayDoorOptions & { readonly host: string; readonly port: number },
  ): Promise<RelayDoor> {
    const door = new RelayDoor(options);
    return new Promise((resolve, reject) => {
      door.#server.once('error', reject);
      door.#server.listen(options.port, options.host, () => {
        door.#server.off('error', reject);
        door.#server.on('error', () => undefined);
        resolve(door);
      });
    });
  }

  get port(): number {
    const address: AddressInfo | string | null = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
