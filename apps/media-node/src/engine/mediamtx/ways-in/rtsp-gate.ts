// Enters: RTSP connections of players, recorders and encoders. Leaves: the same connections, at MediaMTX, once whoever
// plays has been let in. A player's requests pass with the token that control gave for its name and password, because
// MediaMTX must not wait for control (auth-endpoint.ts); what MediaMTX sends passes as it is, and so do encoders.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { InterleavedParser, type RtspEvent, RtspRefusal } from '@vedette/rtsp';
import type { Log } from '@vedette/runtime';
import type { PathCredentials } from '../../../auth/admission-port.ts';
import { requestCredentials } from '../../../auth/request-credentials.ts';

type RtspRequest = Extract<RtspEvent, { kind: 'request' }>;

/** Somebody wants to play. */
export interface RtspKnock {
  readonly path: string;
  readonly credentials: PathCredentials;
  readonly clientAddress: string;
}

export interface RtspGateOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  /** MediaMTX's RTSP listener. */
  readonly upstream: { readonly host: string; readonly port: number };
  /** Answers what to play by which token. Throws RtspRefusal. */
  readonly admit: (knock: RtspKnock) => Promise<{ readonly path: string; readonly token: string }>;
  readonly log: Log;
}

const MAX_CONNECTIONS = 1000;
const SILENT_MS = 60_000;
const METHODS = 'OPTIONS, DESCRIBE, ANNOUNCE, SETUP, PLAY, RECORD, TEARDOWN, GET_PARAMETER';
const CHALLENGE = 'WWW-Authenticate: Basic realm="Vedette"';

export class RtspGate {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async listen(options: RtspGateOptions): Promise<RtspGate> {
    const { host, port, tls } = options;
    const take = (socket: Socket) => gate.#take(socket, options);
    const server = tls === undefined ? createServer(take) : createTlsServer({ ...tls }, take);
    const gate = new RtspGate(server);
    server.maxConnections = MAX_CONNECTIONS;
    if (tls !== undefined) server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => resolve());
    });
    return gate;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #take(socket: Socket, options: RtspGateOptions): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    new GateConnection(socket, options);
  }
}

class GateConnection {
  readonly #client: Socket;
  readonly #options: RtspGateOptions;
  readonly #parser: InterleavedParser;
  #upstream: Socket | undefined;
  #granted: { readonly path: string; readonly token: string; readonly asked: string } | undefined;
  /** Requests are answered one after the other. */
  #turn: Promise<void> = Promise.resolve();
  #isEncoder = false;

  constructor(client: Socket, options: RtspGateOptions) {
    this.#client = client;
    this.#options = options;
    this.#parser = new InterleavedParser((event) => this.#on(event));
    client.setNoDelay(true);
    client.setTimeout(SILENT_MS, () => {
      // A player over TCP says nothing for long but what keeps the session; MediaMTX watches over that.
      if (this.#upstream === undefined) client.destroy();
    });
    client.on('error', () => client.destroy());
    client.on('close', () => this.#upstream?.destroy());
    client.on('data', (chunk: Buffer) => this.#bytes(chunk));
  }

  #bytes(chunk: Buffer): void {
    if (this.#isEncoder && this.#upstream !== undefined) {
      if (!this.#upstream.write(chunk)) {
        this.#client.pause();
        this.#upstream.once('drain', () => this.#client.resume());
      }
      return;
    }
    try {
      this.#parser.push(chunk);
    } catch {
      this.#client.destroy();
    }
  }

  #on(event: RtspEvent): void {
    if (event.kind === 'packet') {
      // Receiver reports.
      const { channel, data } = event;
      this.#upstream?.write(
        Buffer.concat([Buffer.from([0x24, channel, data.length >> 8, data.length & 255]), data]),
      );
      return;
    }
    if (event.kind === 'response') return;
    this.#turn = this.#turn
      .then(() => this.#request(event))
      .catch((error: unknown) => this.#refuse(event, error));
  }

  async #request(request: RtspRequest): Promise<void> {
    if (this.#client.destroyed) return;
    if (this.#upstream !== undefined) {
      await this.#forward(request);
      return;
    }
    switch (request.method) {
      case 'OPTIONS':
        this.#reply(request, 200, 'OK', [`Public: ${METHODS}`]);
        return;
      case 'ANNOUNCE':
        this.#isEncoder = true;
        await this.#connect();
        this.#send(request, request.url, undefined);
        return;
      case 'DESCRIBE':
      case 'SETUP':
        await this.#forward(request);
        return;
      default:
        this.#reply(request, 455, 'Method Not Valid in This State', []);
    }
  }

  /** With the token, once there is one for what it asks. */
  async #forward(request: RtspRequest): Promise<void> {
    if (this.#isEncoder) return this.#send(request, request.url, undefined);
    const { path, token } = targetOf(request.url);
    const asked = `${path} ${request.headers.get('authorization')?.[0] ?? ''} ${token ?? ''}`;
    const isStart = request.method === 'DESCRIBE' || request.method === 'SETUP';
    if (isStart && this.#granted?.asked !== asked && this.#granted?.path !== path) {
      const credentials: PathCredentials =
        token === undefined
          ? requestCredentials({ headers: { authorization: request.headers.get('authorization')?.[0] } })
          : { kind: 'bearer', token };
      if (credentials.kind === 'none') throw new RtspRefusal(401, 'credentials are needed');
      const clientAddress = this.#client.remoteAddress ?? '';
      this.#granted = { ...(await this.#options.admit({ path, credentials, clientAddress })), asked };
    }
    const granted = this.#granted;
    await this.#connect();
    this.#send(
      request,
      granted === undefined ? request.url : renamed(request.url, path, granted.path),
      granted?.token,
    );
  }

  async #connect(): Promise<void> {
    if (this.#upstream !== undefined) return;
    const { host, port } = this.#options.upstream;
    const upstream = connect({ host, port, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      upstream.once('connect', resolve);
      upstream.once('error', () => reject(new RtspRefusal(503, 'not now')));
    });
    upstream.on('error', () => upstream.destroy());
    upstream.on('close', () => this.#client.destroy());
    upstream.pipe(this.#client);
    if (this.#client.destroyed) upstream.destroy();
    this.#upstream = upstream;
  }

  #send(request: RtspRequest, url: string, token: string | undefined): void {
    const lines = [`${request.method} ${url} RTSP/1.0`];
    for (const [name, values] of request.headers) {
      if (name === 'authorization' && token !== undefined) continue;
      for (const value of values) lines.push(`${name}: ${value}`);
    }
    if (token !== undefined)
      lines.push(`authorization: Basic ${Buffer.from(`vedette:${token}`).toString('base64')}`);
    this.#upstream?.write(`${lines.join('\r\n')}\r\n\r\n${request.body}`);
  }

  #refuse(request: RtspRequest, error: unknown): void {
    const refusal = error instanceof RtspRefusal ? error : new RtspRefusal(503, 'not now');
    const challenge = refusal.status === 401 ? [CHALLENGE] : [];
    this.#reply(request, refusal.status, refusal.message, [...refusal.headers, ...challenge]);
  }

  #reply(request: RtspRequest, status: number, reason: string, headers: readonly string[]): void {
    const sequence = request.headers.get('cseq')?.[0] ?? '0';
    const lines = [`RTSP/1.0 ${status} ${reason}`, `CSeq: ${sequence}`, ...headers];
    if (!this.#client.destroyed) this.#client.write(`${lines.join('\r\n')}\r\n\r\n`);
  }
}

/** The first part of the path is the stream; what follows is a track. */
function targetOf(url: string): { readonly path: string; readonly token: string | undefined } {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const token = parsed?.searchParams.get('token') ?? undefined;
  return { path: parsed?.pathname.split('/')[1] ?? '', token: token === '' ? undefined : token };
}

function renamed(url: string, path: string, to: string): string {
  const start = url.indexOf('/', url.indexOf('//') + 2);
  return path === to ? url : `${url.slice(0, start)}/${to}${url.slice(start + 1 + path.length)}`;
}
