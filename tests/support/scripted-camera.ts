import { once } from 'node:events';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

export interface ScriptedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: ReadonlyMap<string, string>;
  /** Counts the connections to the camera, from 1. */
  readonly connection: number;
  readonly socket: Socket;
}

export interface ScriptedAnswer {
  readonly status?: number;
  readonly headers?: readonly string[];
  readonly body?: string;
}

export interface CameraScript {
  readonly sdp: string;
  /** Undefined: as a well-behaved camera would. `'silence'`: nothing is answered. */
  readonly answer?: (request: ScriptedRequest) => ScriptedAnswer | 'silence' | undefined;
  readonly onConnection?: (socket: Socket) => void;
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** An RTSP camera that says what a test wants it to say, in its own words, and remembers what it was asked. */
export class ScriptedCamera {
  readonly requests: ScriptedRequest[] = [];
  /** Status lines that its own requests were answered with. */
  readonly answers: string[] = [];
  /** Bytes of ours that it got between the requests: interleaved frames. */
  readonly received: Buffer[] = [];
  readonly #server: Server;
  readonly #script: CameraScript;
  readonly #sockets = new Set<Socket>();
  #connections = 0;

  private constructor(script: CameraScript) {
    this.#script = script;
    const serve = (socket: Socket) => this.#serve(socket);
    this.#server = script.tls === undefined ? createTcpServer(serve) : createTlsServer(script.tls, serve);
    this.#server.on('tlsClientError', () => undefined);
  }

  static async listen(script: CameraScript): Promise<ScriptedCamera> {
    const camera = new ScriptedCamera(script);
    camera.#server.listen(0, '127.0.0.1');
    await once(camera.#server, 'listening');
    return camera;
  }

  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  }

  get url(): string {
    return `${this.#script.tls === undefined ? 'rtsp' : 'rtsps'}://127.0.0.1:${this.port}/live`;
  }

  get methods(): string[] {
    return this.requests.map((request) => request.method);
  }

  get connections(): number {
    return this.#connections;
  }

  asked(method: string): ScriptedRequest[] {
    return this.requests.filter((request) => request.method === method);
  }

  /** To every connection. */
  write(data: Uint8Array | string): void {
    for (const socket of this.#sockets) socket.write(data);
  }

  send(channel: number, data: Uint8Array): void {
    this.write(Buffer.concat([Buffer.from([0x24, channel, data.length >> 8, data.length & 0xff]), data]));
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket): void {
    this.#connections += 1;
    const connection = this.#connections;
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    this.#script.onConnection?.(socket);
    let buffer = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      buffer = Buffer.concat([buffer, chunk]);
      for (;;) {
        if (buffer[0] === 0x24 && buffer.length >= 4) {
          const end = 4 + buffer.readUInt16BE(2);
          if (buffer.length < end) return;
          this.received.push(buffer.subarray(0, end));
          buffer = buffer.subarray(end);
          continue;
        }
        const end = buffer.indexOf('\r\n\r\n');
        if (end < 0) return;
        const [first = '', ...lines] = buffer.toString('utf8', 0, end).split('\r\n');
        buffer = buffer.subarray(end + 4);
        const [method = '', url = ''] = first.split(' ');
        const headers = new Map(
          lines.map((line) => [
            line.slice(0, line.indexOf(':')).toLowerCase(),
            line.slice(line.indexOf(':') + 1).trim(),
          ]),
        );
        this.#take({ method, url, headers, connection, socket });
      }
    });
  }

  #take(request: ScriptedRequest): void {
    if (request.method.startsWith('RTSP/')) {
      this.answers.push(request.url);
      return;
    }
    this.requests.push(request);
    const said = this.#script.answer?.(request);
    if (said === 'silence' || request.socket.destroyed) return;
    const { status = 200, headers = [], body = '' } = said ?? this.#usual(request);
    const lines = [
      `RTSP/1.0 ${status} Whatever`,
      `CSeq: ${request.headers.get('cseq') ?? ''}`,
      ...headers,
      ...(body === '' ? [] : ['Content-Type: application/sdp', `Content-Length: ${Buffer.byteLength(body)}`]),
    ];
    request.socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  }

  #usual({ method, headers }: ScriptedRequest): ScriptedAnswer {
    if (method === 'DESCRIBE') return { body: this.#script.sdp };
    if (method === 'OPTIONS') return { headers: ['Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN'] };
    if (method !== 'SETUP') return {};
    return { headers: ['Session: 42;timeout=60', `Transport: ${headers.get('transport') ?? ''}`] };
  }
}
