// A camera that answers as a test tells it: in: RTSP requests. Out: what the script says, else what a good camera says.
// Not its job: pictures, and time; a test hands it the packets.
import { createSocket } from 'node:dgram';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

export interface ScriptedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: ReadonlyMap<string, string>;
  /** Of its connection, from 1. */
  readonly connection: number;
}

/** Headers may repeat. A string is written as it stands, `{cseq}` replaced; null: no answer at all. */
export type ScriptedAnswer =
  | {
      readonly status?: number;
      readonly reason?: string;
      readonly headers?: readonly (readonly [string, string])[];
      readonly body?: string;
    }
  | string
  | null;

export interface CameraScript {
  /** The answer to DESCRIBE. */
  readonly sdp?: string;
  /** Undefined: as a good camera would. */
  readonly answer?: (request: ScriptedRequest, client: ScriptedClient) => ScriptedAnswer | undefined;
  /** It speaks RTSP under TLS. */
  readonly tls?: TlsOptions;
  /** After the answer to PLAY; sends the packets. */
  readonly onPlay?: (client: ScriptedClient) => void;
}

/** One connection, and what goes out on it. */
export interface ScriptedClient {
  readonly number: number;
  /** Bytes as they are. */
  write(bytes: Uint8Array | string): void;
  /** On the interleaved channel of the first track, or to its UDP port; what SETUP agreed on. */
  packet(rtp: Uint8Array, channel?: number): void;
  /** The UDP ports that the client named, RTP of each track. */
  readonly clientPorts: readonly number[];
  close(): void;
}

export const H264_SDP = `v=0\r
o=- 1 1 IN IP4 192.0.2.7\r
s=Scripted\r
c=IN IP4 0.0.0.0\r
t=0 0\r
a=control:*\r
m=video 0 RTP/AVP 96\r
a=rtpmap:96 H264/90000\r
a=fmtp:96 packetization-mode=1\r
a=control:trackID=0\r
`;

const SESSION = '12345678';
const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  401: 'Unauthorized',
  405: 'Method Not Allowed',
  454: 'Session Not Found',
  461: 'Unsupported Transport',
  501: 'Not Implemented',
};

export class ScriptedCamera implements AsyncDisposable {
  readonly requests: ScriptedRequest[] = [];
  /** Interleaved frames of the clients, headers included. */
  readonly received: Buffer[] = [];
  readonly #script: CameraScript;
  readonly #server: Server;
  readonly #clients = new Set<Client>();
  #connections = 0;

  private constructor(script: CameraScript) {
    this.#script = script;
    const accept = (socket: Socket) => this.#accept(socket);
    this.#server = script.tls === undefined ? createServer(accept) : createTlsServer(script.tls, accept);
  }

  static async start(script: CameraScript = {}): Promise<ScriptedCamera> {
    const camera = new ScriptedCamera(script);
    await new Promise<void>((resolve) => camera.#server.listen(0, '127.0.0.1', resolve));
    return camera;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.#script.tls === undefined ? 'rtsp' : 'rtsps'}://127.0.0.1:${this.port}/main`;
  }

  get connections(): number {
    return this.#connections;
  }

  get connectionsOpen(): number {
    return this.#clients.size;
  }

  methods(connection?: number): string[] {
    return this.requests
      .filter((request) => connection === undefined || request.connection === connection)
      .map((request) => request.method);
  }

  /** The last request of that method. */
  request(method: string): ScriptedRequest | undefined {
    return this.requests.findLast((request) => request.method === method);
  }

  /** On every connection that is open. */
  each(act: (client: ScriptedClient) => void): void {
    for (const client of this.#clients) act(client);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.close();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    const client = new Client(socket, ++this.#connections);
    this.#clients.add(client);
    socket.on('close', () => {
      this.#clients.delete(client);
      client.close();
    });
    socket.on('error', () => undefined);
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
        const text = buffer.toString('utf8', 0, end);
        buffer = buffer.subarray(end + 4);
        this.#serve(text, client);
      }
    });
  }

  #serve(text: string, client: Client): void {
    const [start = '', ...lines] = text.split('\r\n');
    const headers = new Map(
      lines.map((line) => [
        line.split(':')[0]?.toLowerCase() ?? '',
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
    );
    const [method = '', url = ''] = start.split(' ');
    // Our own requests are answered by the client, too.
    if (method.startsWith('RTSP/')) {
      this.requests.push({ method: `answer ${url}`, url: '', headers, connection: client.number });
      return;
    }
    const request = { method, url, headers, connection: client.number };
    this.requests.push(request);
    const scripted = this.#script.answer?.(request, client);
    if (scripted === null) return;
    const answer = scripted ?? this.#ordinary(request);
    const cseq = headers.get('cseq') ?? '0';
    if (typeof answer === 'string') client.write(answer.replaceAll('{cseq}', cseq));
    else client.answer(answer, cseq);
    if (method === 'SETUP') client.setUp(headers.get('transport') ?? '');
    const granted = typeof answer === 'string' || (answer.status ?? 200) === 200;
    if (method === 'PLAY' && granted) this.#script.onPlay?.(client);
  }

  #ordinary({ method, headers }: ScriptedRequest): Exclude<ScriptedAnswer, string | null> {
    switch (method) {
      case 'OPTIONS':
        return { headers: [['Public', 'OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER']] };
      case 'DESCRIBE':
        return {
          headers: [
            ['Content-Type', 'application/sdp'],
            ['Content-Base', `${this.url}/`],
          ],
          body: this.#script.sdp ?? H264_SDP,
        };
      case 'SETUP':
        return {
          headers: [
            ['Transport', headers.get('transport') ?? ''],
            ['Session', `${SESSION};timeout=60`],
          ],
        };
      default:
        return { headers: [['Session', SESSION]] };
    }
  }
}

class Client implements ScriptedClient {
  readonly number: number;
  readonly clientPorts: number[] = [];
  readonly #socket: Socket;
  readonly #udp = createSocket('udp4');
  #overTcp = true;
  #closed = false;

  constructor(socket: Socket, number: number) {
    this.#socket = socket;
    this.number = number;
    this.#udp.on('error', () => undefined);
  }

  write(bytes: Uint8Array | string): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes);
  }

  packet(rtp: Uint8Array, channel = 0): void {
    const port = this.clientPorts[channel >> 1];
    if (!this.#overTcp && port !== undefined) {
      this.#udp.send(rtp, port + (channel & 1), '127.0.0.1');
      return;
    }
    this.write(Buffer.concat([Buffer.of(0x24, channel, rtp.length >> 8, rtp.length & 0xff), rtp]));
  }

  answer(answer: Exclude<ScriptedAnswer, string | null>, cseq: string): void {
    const { status = 200, reason = REASONS[status] ?? '', headers = [], body } = answer;
    const lines = [`RTSP/1.0 ${status} ${reason}`, `CSeq: ${cseq}`];
    for (const [name, value] of headers) lines.push(`${name}: ${value}`);
    if (body !== undefined) lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
    this.write(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`);
  }

  setUp(transport: string): void {
    const port = /client_port=(\d+)/.exec(transport)?.[1];
    this.#overTcp = port === undefined;
    if (port !== undefined) this.clientPorts.push(Number(port));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#udp.close();
    this.#socket.destroy();
  }
}
