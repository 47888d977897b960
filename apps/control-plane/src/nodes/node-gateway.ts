// Enters: WebSocket connections of media nodes at /internal/node. Leaves: one NodeLink each.
// Not its job: the messages (node-link.ts).
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Clock, type Log, sameSecret } from '@vedette/runtime';
import { type WebSocket, WebSocketServer } from 'ws';
import { type LinkPeer, NodeLink } from './node-link.ts';

const PATH = '/internal/node';
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;
const MAX_CONNECTIONS = 1024;

export interface NodeGatewayOptions {
  readonly peer: LinkPeer & {
    /** The connection has ended. */
    gone(link: NodeLink): void;
  };
  /** Secret that nodes present. */
  readonly nodeToken: string;
  readonly welcome: ConstructorParameters<typeof NodeLink>[0]['welcome'];
  readonly clock: Clock;
  readonly log: Log;
}

export class NodeGateway {
  readonly #options: NodeGatewayOptions;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  });

  constructor(options: NodeGatewayOptions) {
    this.#options = options;
  }

  /** Answers every upgrade request of this server; other paths are refused. */
  attach(server: Pick<Server, 'on'>): void {
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  close(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const refusal = this.#refusal(request);
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (accepted) => this.#serve(accepted));
  }

  /** A status line, or undefined when the node may come in. */
  #refusal(request: IncomingMessage): string | undefined {
    const path = request.url?.split('?', 1)[0];
    if (path !== PATH) return '404 Not Found';
    if (this.#sockets.clients.size >= MAX_CONNECTIONS) return '503 Service Unavailable';
    const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (sameSecret(token, this.#options.nodeToken)) return undefined;
    this.#options.log.warn(
      { address: request.socket.remoteAddress },
      'a node with a wrong token was refused',
    );
    return '401 Unauthorized';
  }

  #serve(socket: WebSocket): void {
    const { clock, log, peer, welcome } = this.#options;
    const link = new NodeLink({
      socket: {
        send: (text, sent) => socket.send(text, () => sent()),
        close: (code, reason) => {
          socket.close(code, reason);
          // A peer that is gone never answers the close.
          clock.after(1000, () => socket.terminate());
        },
      },
      peer,
      clock,
      log,
      welcome,
    });
    socket.on('message', (data, isBinary) => {
      if (isBinary) socket.terminate();
      else link.take(String(data));
    });
    socket.on('error', (err) =>
      log.warn({ err, nodeId: link.hello?.nodeId }, 'the connection of a node failed'),
    );
    socket.on('close', () => {
      link.ended();
      peer.gone(link);
    });
  }
}
