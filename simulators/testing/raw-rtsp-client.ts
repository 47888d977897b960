import { connect, type Socket } from 'node:net';
import { digestResponse, parseParameters } from '../cameras/rtsp/digest-auth.ts';

export interface RawResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** An RTSP client that does what a test tells it, also what a good client would not. */
export class RawRtspClient {
  /** Interleaved frames as they came. */
  readonly frames: { readonly channel: number; readonly bytes: Buffer }[] = [];
  readonly #socket: Socket;
  readonly #url: string;
  readonly #credentials: { username: string; password: string };
  #pending = Buffer.alloc(0);
  #waiting: ((response: RawResponse) => void)[] = [];
  #challenge: ReadonlyMap<string, string> | undefined;
  #cseq = 0;
  session: string | undefined;
  closed = false;
  closeError: string | undefined;

  private constructor(socket: Socket, url: string, credentials: { username: string; password: string }) {
    this.#socket = socket;
    this.#url = url;
    this.#credentials = credentials;
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.closeError = error.code;
    });
    socket.once('close', () => {
      this.closed = true;
    });
  }

  static async connect(
    url: string,
    credentials: { username: string; password: string },
  ): Promise<RawRtspClient> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new RawRtspClient(socket, url, credentials);
  }

  /** Sends a request, signed when a challenge is known, without waiting; the promise is the answer. */
  send(method: string, options: { path?: string; headers?: Record<string, string>; body?: string } = {}) {
    const uri = this.#url + (options.path ?? '');
    const lines = [`${method} ${uri} RTSP/1.0`, `CSeq: ${++this.#cseq}`];
    if (this.#challenge !== undefined) lines.push(`Authorization: ${this.#sign(method, uri)}`);
    if (this.session !== undefined) lines.push(`Session: ${this.session}`);
    for (const [name, value] of Object.entries(options.headers ?? {})) lines.push(`${name}: ${value}`);
    if (options.body !== undefined) lines.push(`Content-Length: ${options.body.length}`);
    const answer = new Promise<RawResponse>((resolve) => this.#waiting.push(resolve));
    this.#socket.write(`${lines.join('\r\n')}\r\n\r\n${options.body ?? ''}`);
    return answer;
  }

  /** `send`, and once more with the new challenge when the answer is 401. */
  async request(...input: Parameters<RawRtspClient['send']>): Promise<RawResponse> {
    const first = await this.send(...input);
    return first.status === 401 ? this.send(...input) : first;
  }

  /** DESCRIBE, SETUP and PLAY; throws unless all are granted. */
  async play(transport = 'RTP/AVP/TCP;unicast;interleaved=0-1'): Promise<RawResponse> {
    expectOk(await this.request('DESCRIBE', { headers: { accept: 'application/sdp' } }));
    const setup = await this.request('SETUP', { path: '/trackID=0', headers: { transport } });
    expectOk(setup);
    this.session = setup.headers.get('session')?.split(';')[0];
    const play = await this.request('PLAY');
    expectOk(play);
    return setup;
  }

  sendInterleaved(channel: number, bytes: Buffer): void {
    this.#socket.write(
      Buffer.concat([Buffer.of(0x24, channel, bytes.length >> 8, bytes.length & 255), bytes]),
    );
  }

  close(): void {
    this.#socket.destroy();
  }

  #sign(method: string, uri: string): string {
    const realm = this.#challenge?.get('realm') ?? '';
    const nonce = this.#challenge?.get('nonce') ?? '';
    const algorithm = this.#challenge?.get('algorithm') === 'SHA-256' ? 'SHA-256' : 'MD5';
    const response = digestResponse({ ...this.#credentials, algorithm, realm, nonce, method, uri });
    return `Digest username="${this.#credentials.username}", realm="${realm}", nonce="${nonce}", uri="${uri}", algorithm=${algorithm}, response="${response}"`;
  }

  #read(bytes: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    for (;;) {
      if (this.#pending[0] === 0x24) {
        if (this.#pending.length < 4) return;
        const end = 4 + this.#pending.readUInt16BE(2);
        if (this.#pending.length < end) return;
        this.frames.push({ channel: this.#pending[1] ?? -1, bytes: this.#pending.subarray(4, end) });
        this.#pending = this.#pending.subarray(end);
        continue;
      }
      const headEnd = this.#pending.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const [status = '', ...lines] = this.#pending.toString('utf8', 0, headEnd).split('\r\n');
      const headers = new Map(
        lines.map((line) => [
          line.split(':')[0]?.toLowerCase() ?? '',
          line.slice(line.indexOf(':') + 1).trim(),
        ]),
      );
      const end = headEnd + 4 + Number(headers.get('content-length') ?? 0);
      if (this.#pending.length < end) return;
      const body = this.#pending.toString('utf8', headEnd + 4, end);
      this.#pending = this.#pending.subarray(end);
      const challenge = headers.get('www-authenticate');
      if (challenge !== undefined) this.#challenge = parseParameters(challenge.replace(/^Digest /, ''));
      this.#waiting.shift()?.({ status: Number(status.split(' ')[1]), headers, body });
    }
  }
}

function expectOk(response: RawResponse): void {
  if (response.status !== 200) throw new Error(`the camera answered ${response.status}`);
}
