// One TCP connection to a camera: requests out with their authorization, responses and packets in.
// Not its job: which requests, in which order (play-rtsp.ts).
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Clock } from '@vedette/runtime';
import { type Challenge, digestAuthorization, parseChallenges } from './authorization.ts';
import { InterleavedParser, type RtspEvent } from './interleaved-parser.ts';
import { fromSocketError, fromStatus, RtspError, type RtspStep } from './rtsp-error.ts';

export interface RtspResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
}

export interface RtspRequest {
  readonly method: string;
  readonly url: string;
  readonly step: RtspStep;
  readonly headers?: readonly string[];
  /** Instead of the connection's. */
  readonly timeoutMs?: number | undefined;
}

interface RtspConnectionOptions {
  readonly socket: Duplex;
  /** Of the camera, as it was reached. */
  readonly peerAddress: string;
  readonly clock: Clock;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly requestTimeoutMs: number;
  readonly onPacket: (channel: number, data: Uint8Array) => void;
}

interface Pending {
  readonly step: RtspStep;
  readonly settle: (result: RtspResponse | RtspError) => void;
}

const USER_AGENT = 'Vedette/0.1';

export class RtspConnection {
  readonly #options: RtspConnectionOptions;
  readonly #peerAddress: string;
  readonly #pending = new Map<number, Pending>();
  readonly #ended = Promise.withResolvers<RtspError>();
  #challenge: Challenge | undefined;
  #nonceCount = 0;
  #sequence = 0;
  #session: string | undefined;
  #closed = false;

  constructor(options: RtspConnectionOptions) {
    this.#options = options;
    const parser = new InterleavedParser((event) => this.#take(event));
    const { socket } = options;
    this.#peerAddress = options.peerAddress;
    socket.on('data', (chunk: Buffer) => {
      try {
        parser.push(chunk);
      } catch (cause) {
        this.#end(
          new RtspError('camera_protocol_error', 'media', 'The camera sent what is neither RTSP nor media.', {
            cause,
          }),
        );
      }
    });
    socket.on('error', (error) => this.#end(fromSocketError(error, this.#step)));
    socket.on('close', () =>
      this.#end(new RtspError('camera_refused', this.#step, 'The camera closed the connection.')),
    );
  }

  /** Resolves with why, once the connection cannot be used any more. Never rejects. */
  get ended(): Promise<RtspError> {
    return this.#ended.promise;
  }

  /** The address that was reached; a name is not looked up again. */
  get peerAddress(): string {
    return this.#peerAddress;
  }

  get isOpen(): boolean {
    return !this.#closed;
  }

  /** There is something to say goodbye to. */
  get hasSession(): boolean {
    return this.#session !== undefined && !this.#closed;
  }

  /** Goes along with every further request. */
  useSession(id: string): void {
    this.#session = id === '' ? undefined : id;
  }

  /** The response, after at most one more try with fresh credentials; whatever its status. Throws RtspError. */
  async request(request: RtspRequest): Promise<RtspResponse> {
    const first = await this.#exchange(request);
    if (first.status !== 401) return first;
    const challenge = parseChallenges(first.headers.get('www-authenticate') ?? [])[0];
    if (challenge === undefined || this.#options.username === undefined)
      throw fromStatus(401, 'authenticate');
    this.#challenge = challenge;
    this.#nonceCount = 0;
    const second = await this.#exchange(request);
    if (second.status === 401) throw fromStatus(401, 'authenticate');
    return second;
  }

  /** An RTCP packet of ours on an interleaved channel. */
  sendPacket(channel: number, data: Uint8Array): void {
    if (this.#closed) return;
    const frame = Buffer.alloc(4 + data.length);
    frame.writeUInt8(0x24, 0);
    frame.writeUInt8(channel, 1);
    frame.writeUInt16BE(data.length, 2);
    frame.set(data, 4);
    this.#options.socket.write(frame);
  }

  close(): void {
    this.#end(new RtspError('camera_refused', 'media', 'The connection was closed by us.'));
  }

  get #step(): RtspStep {
    return this.#pending.values().next().value?.step ?? 'media';
  }

  #exchange(request: RtspRequest): Promise<RtspResponse> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        void this.ended.then(reject);
        return;
      }
      const sequence = ++this.#sequence;
      const cancel = this.#options.clock.after(request.timeoutMs ?? this.#options.requestTimeoutMs, () => {
        this.#pending.delete(sequence);
        reject(
          new RtspError(
            'camera_timeout',
            request.step,
            `The camera did not answer ${request.method} in time.`,
          ),
        );
      });
      this.#pending.set(sequence, {
        step: request.step,
        settle: (result) => {
          cancel();
          if (result instanceof RtspError) reject(result);
          else resolve(result);
        },
      });
      this.#options.socket.write(this.#text(request, sequence));
    });
  }

  #text(request: RtspRequest, sequence: number): string {
    const lines = [
      `${request.method} ${request.url} RTSP/1.0`,
      `CSeq: ${sequence}`,
      `User-Agent: ${USER_AGENT}`,
    ];
    const { username, password } = this.#options;
    if (this.#challenge !== undefined && username !== undefined) {
      this.#nonceCount += 1;
      const authorization = digestAuthorization(this.#challenge, {
        username,
        password: password ?? '',
        method: request.method,
        uri: request.url,
        nonceCount: this.#nonceCount,
        cnonce: randomBytes(8).toString('hex'),
      });
      lines.push(`Authorization: ${authorization}`);
    }
    if (this.#session !== undefined) lines.push(`Session: ${this.#session}`);
    return `${[...lines, ...(request.headers ?? [])].join('\r\n')}\r\n\r\n`;
  }

  #take(event: RtspEvent): void {
    // The rest of a chunk after the end: nobody listens any more.
    if (this.#closed) return;
    switch (event.kind) {
      case 'packet':
        this.#options.onPacket(event.channel, event.data);
        return;
      case 'request':
        this.#answer(event.method, event.headers.get('cseq')?.[0] ?? '0');
        return;
      case 'response': {
        // "Continue": the answer is still to come (RFC 2326 section 7.1.1).
        if (event.status >= 100 && event.status < 200) return;
        const named = /\d+/.exec(event.headers.get('cseq')?.[0] ?? '')?.[0];
        // A camera that leaves the number out answers in order.
        const sequence = named === undefined ? this.#pending.keys().next().value : Number(named);
        const pending = sequence === undefined ? undefined : this.#pending.get(sequence);
        if (sequence === undefined || pending === undefined) return;
        this.#pending.delete(sequence);
        pending.settle(event);
      }
    }
  }

  /** Cameras ask too: whether we live, or for things that we do not do. */
  #answer(method: string, sequence: string): void {
    const status = method === 'OPTIONS' ? '200 OK' : '501 Not Implemented';
    this.#options.socket.write(`RTSP/1.0 ${status}\r\nCSeq: ${sequence}\r\n\r\n`);
  }

  #end(error: RtspError): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const pending of this.#pending.values()) pending.settle(error);
    this.#pending.clear();
    this.#options.socket.destroy();
    this.#ended.resolve(error);
  }
}
