// Listens for RTSP clients (RFC 2326), players and publishers alike. Not its job: streams and rights (RtspHandler).
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Clock } from '@vedette/runtime';
import type { RtspHandler } from './rtsp-handler.ts';
import { ServerConnection } from './server-connection.ts';

export interface RtspServerOptions {
  readonly handler: RtspHandler;
  readonly clock: Clock;
  readonly host: string;
  /** 0 for any. */
  readonly port: number;
  readonly udpAllowed: boolean;
  /** Some players take the weaker of two, or fail with the stronger: only what the credentials need is offered. */
  readonly challenges: (nonce: string, purpose: 'play' | 'record') => readonly string[];
  /** PEM; RTSPS when given. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer } | undefined;
  /** Connections at once; default 1000. */
  readonly maxConnections?: number;
}

const MAX_CONNECTIONS = 1000;
const KEEP_ALIVE_MS = 15_000;

export class RtspServer {
  readonly #server: Server;
  readonly #connections = new Set<ServerConnection>();

  private constructor(options: RtspServerOptions) {
    const accept = (socket: Socket) => {
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      const connection: ServerConnection = new ServerConnection({
        ...options,
        socket,
        onClosed: () => this.#connections.delete(connection),
      });
      this.#connections.add(connection);
    };
    this.#server = options.tls === undefined ? createServer(accept) : createTlsServer(options.tls, accept);
    this.#server.maxConnections = options.maxConnections ?? MAX_CONNECTIONS;
    this.#server.on('error', () => undefined);
    this.#server.on('tlsClientError', (_, socket) => socket.destroy());
  }

  /** Rejects with the system's error when the port cannot be had. */
  static async listen(options: RtspServerOptions): Promise<RtspServer> {
    const server = new RtspServer(options);
    server.#server.listen({ host: options.host, port: options.port });
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Ends all sessions. */
  async close(): Promise<void> {
    for (const connection of [...this.#connections]) connection.close();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }
}
