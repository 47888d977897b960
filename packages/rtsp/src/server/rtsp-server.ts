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
  /** PEM; with it the port takes RTSPS beside RTSP. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer } | undefined;
  /** Connections at once; default 1000. */
  readonly maxConnections?: number;
}

const MAX_CONNECTIONS = 1000;
const KEEP_ALIVE_MS = 15_000;
/** Until a client has said anything, and until TLS is agreed. */
const HELLO_MS = 20_000;
/** The first byte of a client that speaks TLS (RFC 8446 section 5.1): of no RTSP request. */
const TLS_HANDSHAKE = 0x16;

export class RtspServer {
  readonly #server: Server;
  readonly #connections = new Set<ServerConnection>();
  /** Those that have not said which way they speak. */
  readonly #unknown = new Set<Socket>();

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
    this.#server = options.tls === undefined ? createServer(accept) : this.#bothWays(options.tls, accept);
    this.#server.maxConnections = options.maxConnections ?? MAX_CONNECTIONS;
    this.#server.on('error', () => undefined);
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
    for (const socket of this.#unknown) socket.destroy();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }
  #bothWays(tls: NonNullable<RtspServerOptions['tls']>, accept: (socket: Socket) => void): Server {
    const secure = createTlsServer({ ...tls, handshakeTimeout: HELLO_MS }, accept);
    secure.on('tlsClientError', (_, socket) => socket.destroy());
    return createServer((socket) => {
      this.#unknown.add(socket);
      socket.setTimeout(HELLO_MS, () => socket.destroy());
      socket.on('error', () => undefined);
      socket.once('close', () => this.#unknown.delete(socket));
      socket.once('data', (hello) => {
        socket.pause();
        socket.setTimeout(0);
        this.#unknown.delete(socket);
        socket.unshift(hello);
        if (hello[0] === TLS_HANDSHAKE) secure.emit('connection', socket);
        else {
          accept(socket);
          socket.resume();
        }
      });
    });
  }
}
