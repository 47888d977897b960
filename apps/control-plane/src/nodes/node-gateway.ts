// Enters: WebSocket connections of media nodes at /internal/node. Leaves: one NodeLink each.
// Not its job: the messages (node-link.ts).
import type { WebSocket } from '@fastify/websocket';
import { type Clock, type Log, sameSecret, VedetteError } from '@vedette/runtime';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { type LinkPeer, type LinkSocket, NodeLink } from './node-link.ts';

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
  #connections = 0;

  constructor(options: NodeGatewayOptions) {
    this.#options = options;
  }

  /** Needs @fastify/websocket around it. */
  routes(): FastifyPluginAsync {
    return async (app) => {
      app.get(
        '/internal/node',
        {
          websocket: true,
          config: { access: 'own-check' },
          schema: { hide: true },
          // Before the upgrade: who has no token never gets a connection.
          preValidation: async (request) => this.#check(request),
        },
        (socket) => this.#serve(socket),
      );
    };
  }

  #check(request: FastifyRequest): void {
    const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (!sameSecret(token, this.#options.nodeToken)) {
      this.#options.log.warn({ address: request.ip }, 'a node with a wrong token was refused');
      throw new VedetteError('unauthenticated', { detail: 'A valid node token is needed.' });
    }
    if (this.#connections >= MAX_CONNECTIONS) throw new VedetteError('unavailable');
  }

  /** Speaks with a node over whatever carries its messages. `ended` tells that nothing carries them any more. */
  accept(socket: LinkSocket): { readonly take: (text: string) => void; readonly ended: () => void } {
    const { clock, log, peer, welcome } = this.#options;
    const link = new NodeLink({ socket, peer, clock, log, welcome });
    return {
      take: (text) => link.take(text),
      ended: () => {
        link.ended();
        peer.gone(link);
      },
    };
  }

  #serve(socket: WebSocket): void {
    const { clock, log } = this.#options;
    const link = this.accept({
      send: (text, sent) => socket.send(text, () => sent()),
      close: (code, reason) => {
        socket.close(code, reason);
        // A peer that is gone never answers the close.
        clock.after(1000, () => socket.terminate());
      },
    });
    this.#connections++;
    socket.on('message', (data, isBinary) => {
      if (isBinary) socket.terminate();
      else link.take(String(data));
    });
    socket.on('error', (err) => log.warn({ err }, 'the connection of a node failed'));
    socket.on('close', () => {
      this.#connections--;
      link.ended();
    });
  }
}
