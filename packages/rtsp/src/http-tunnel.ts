// RTSP through HTTP, for cameras behind what lets nothing else pass: answers come on a GET that does not end, requests
// go in base64 on a POST that is never answered; a cookie tells the camera that the two belong together. As QuickTime
// did it and cameras still do; there is no RFC. Not its job: dialling, and what is said in the tunnel.
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { type Challenge, digestAuthorization, parseChallenges } from './authorization.ts';
import { fromStatus, RtspError } from './rtsp-error.ts';

interface TunnelOptions {
  /** A new connection to the camera; secured where it has to be. */
  readonly dial: () => Promise<Socket>;
  readonly url: URL;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly signal: AbortSignal;
}

interface Opened {
  readonly socket: Socket;
  readonly status: number;
  readonly challenges: readonly string[];
  /** Came after the head. */
  readonly rest: Buffer;
}

const MAX_HEAD_BYTES = 16 * 1024;
const TYPE = 'application/x-rtsp-tunnelled';
/** More than ever comes: the POST does not end. */
const POST_BYTES = 2 ** 31 - 1;

/** Throws RtspError, or the signal's reason. */
export async function openHttpTunnel(options: TunnelOptions): Promise<HttpTunnel> {
  const { url, dial, signal } = options;
  const cookie = randomBytes(16).toString('hex');
  const lines = [`x-sessioncookie: ${cookie}`, 'Pragma: no-cache', 'Cache-Control: no-cache'];
  const get = (authorization: readonly string[]) =>
    begin(dial, headOf('GET', url, [`Accept: ${TYPE}`, ...lines, ...authorization]), signal);
  let challenge: Challenge | undefined;
  let opened = await get([]);
  if (opened.status === 401) {
    opened.socket.destroy();
    challenge = parseChallenges(opened.challenges)[0];
    if (challenge === undefined || options.username === undefined) throw fromStatus(401, 'authenticate');
    opened = await get(signed(challenge, 'GET', 1, options));
  }
  if (opened.status !== 200) {
    opened.socket.destroy();
    throw fromStatus(opened.status, opened.status === 401 ? 'authenticate' : 'connect');
  }
  let out: Socket;
  try {
    out = await dial();
  } catch (error) {
    opened.socket.destroy();
    throw error;
  }
  const authorization = challenge === undefined ? [] : signed(challenge, 'POST', 2, options);
  const type = [`Content-Type: ${TYPE}`, `Content-Length: ${POST_BYTES}`];
  out.write(
    headOf('POST', url, [...type, ...lines, 'Expires: Sun, 9 Jan 1972 00:00:00 GMT', ...authorization]),
  );
  return new HttpTunnel({ into: opened.socket, out, first: opened.rest });
}

/** Reads from one connection, writes in base64 to another; ends when either does. */
export class HttpTunnel extends Duplex {
  readonly remoteAddress: string | undefined;
  readonly #into: Socket;
  readonly #out: Socket;

  constructor(options: { readonly into: Socket; readonly out: Socket; readonly first: Buffer }) {
    super({ allowHalfOpen: false });
    const { into, out, first } = options;
    this.#into = into;
    this.#out = out;
    this.remoteAddress = into.remoteAddress;
    if (first.length > 0) this.push(first);
    into.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) into.pause();
    });
    into.on('end', () => this.destroy());
    // The answer to the POST, from cameras that give one, means nothing.
    out.resume();
    for (const socket of [into, out]) {
      socket.on('error', (error) => this.destroy(error));
      socket.on('close', () => this.destroy());
    }
  }

  override _read(): void {
    this.#into.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#out.write(chunk.toString('base64'), done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#into.destroy();
    this.#out.destroy();
    done(error);
  }
}

function headOf(method: string, url: URL, lines: readonly string[]): string {
  const first = `${method} ${url.pathname || '/'}${url.search} HTTP/1.0`;
  return `${[first, `Host: ${url.host}`, 'User-Agent: Vedette/0.1', ...lines].join('\r\n')}\r\n\r\n`;
}

function signed(challenge: Challenge, method: string, nonceCount: number, options: TunnelOptions): string[] {
  const { url, username = '', password = '' } = options;
  const cnonce = randomBytes(8).toString('hex');
  const uri = `${url.pathname || '/'}${url.search}`;
  return [
    `Authorization: ${digestAuthorization(challenge, { username, password, method, uri, nonceCount, cnonce })}`,
  ];
}

/** Sends a request and waits for the head of its answer, whose body has no end. */
async function begin(dial: () => Promise<Socket>, request: string, signal: AbortSignal): Promise<Opened> {
  const socket = await dial();
  return new Promise((resolve, reject) => {
    let buffer = Buffer.alloc(0);
    const settle = () => {
      socket.off('data', read);
      socket.off('error', fail);
      socket.off('close', closed);
      signal.removeEventListener('abort', abort);
      socket.pause();
    };
    const refuse = (error: unknown) => {
      settle();
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const fail = (error: Error) => refuse(error);
    const closed = () =>
      refuse(new RtspError('camera_refused', 'connect', 'The camera closed the connection.'));
    const abort = () => refuse(signal.reason);
    const read = (chunk: Buffer) => {
      buffer = Buffer.concat([buffer, chunk]);
      const end = buffer.indexOf('\r\n\r\n');
      if (end < 0 && buffer.length <= MAX_HEAD_BYTES) return;
      const [first = '', ...lines] = buffer.toString('latin1', 0, Math.max(0, end)).split('\r\n');
      const status = Number(/^HTTP\/1\.\d\s+(\d{3})/.exec(first)?.[1] ?? 0);
      if (status === 0) {
        refuse(new RtspError('camera_protocol_error', 'connect', 'The camera has no RTSP over HTTP there.'));
        return;
      }
      const challenges = lines
        .filter((line) => /^www-authenticate:/i.test(line))
        .map((line) => line.slice(line.indexOf(':') + 1).trim());
      settle();
      resolve({ socket, status, challenges, rest: buffer.subarray(end + 4) });
    };
    socket.on('data', read);
    socket.once('error', fail);
    socket.once('close', closed);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    else socket.write(request);
  });
}
