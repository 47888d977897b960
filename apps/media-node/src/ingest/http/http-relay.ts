// Lets FFmpeg read an HTTP source without ever opening a connection out of this machine: it asks us on loopback, by an
// address that nobody can guess, and we ask the source by the rules. Not its job: caching.
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type Dial, RtspError } from '@vedette/rtsp';
import { SourceError } from '../source-error.ts';
import { guardedGet } from './guarded-get.ts';

export interface HttpOffer {
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly signal: AbortSignal;
}

export interface HttpOffered {
  /** `http://127.0.0.1:…`, as often as it is wanted, until the signal aborts. */
  readonly address: string;
  /** Why the source could not be had; undefined while it could. */
  readonly failure: SourceError | undefined;
}

interface Entry extends HttpOffer {
  failure: SourceError | undefined;
  requests: number;
}

const HOST = '127.0.0.1';
/** FFmpeg jumps about in a file by asking anew; at most two are open at a time. */
const LIMIT_REQUESTS = 4;
const PASSED_ON: readonly string[] = ['content-type', 'content-length', 'content-range', 'accept-ranges'];

export class HttpRelay {
  readonly #dial: Dial;
  readonly #entries = new Map<string, Entry>();
  readonly #server: Server;

  private constructor(dial: Dial) {
    this.#dial = dial;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  static async open(options: { readonly dial: Dial }): Promise<HttpRelay> {
    const relay = new HttpRelay(options.dial);
    await new Promise<void>((resolve, reject) => {
      relay.#server.once('error', reject);
      relay.#server.listen(0, HOST, resolve);
    });
    return relay;
  }

  offer(offer: HttpOffer): HttpOffered {
    const path = randomBytes(16).toString('hex');
    const entry: Entry = { ...offer, failure: undefined, requests: 0 };
    if (!offer.signal.aborted) {
      this.#entries.set(path, entry);
      offer.signal.addEventListener('abort', () => this.#entries.delete(path), { once: true });
    }
    const address = this.#server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return {
      address: `http://${HOST}:${port}/${path}`,
      get failure() {
        return entry.failure;
      },
    };
  }

  async close(): Promise<void> {
    this.#entries.clear();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const entry = this.#entries.get((request.url ?? '').slice(1));
    if (entry === undefined || request.method !== 'GET' || entry.requests >= LIMIT_REQUESTS) {
      response.writeHead(entry === undefined ? 404 : 405).end();
      return;
    }
    entry.requests += 1;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    try {
      await this.#pass(entry, request.headers.range, response, AbortSignal.any([entry.signal, gone.signal]));
    } finally {
      entry.requests -= 1;
    }
  }

  async #pass(
    entry: Entry,
    range: string | undefined,
    response: ServerResponse,
    signal: AbortSignal,
  ): Promise<void> {
    const { url, username, password } = entry;
    let answer: IncomingMessage;
    try {
      answer = await guardedGet({ url, username, password, range, dial: this.#dial, signal });
    } catch (error) {
      if (!signal.aborted) entry.failure = asSourceError(error);
      response.writeHead(502).end();
      return;
    }
    const status = answer.statusCode ?? 502;
    // Asking beyond the end is FFmpeg's way of finding it.
    if (status !== 200 && status !== 206 && status !== 416) entry.failure = refusal(status);
    const headers = Object.entries(answer.headers).filter(([name]) => PASSED_ON.includes(name));
    response.writeHead(status, Object.fromEntries(headers));
    const end = () => answer.destroy();
    signal.addEventListener('abort', end, { once: true });
    try {
      await pipeline(answer, response);
    } finally {
      signal.removeEventListener('abort', end);
    }
  }
}

function refusal(status: number): SourceError {
  if (status === 401 || status === 403)
    return new SourceError(
      'camera_credentials_rejected',
      'open',
      'The source refused the user name or password.',
    );
  if (status === 404 || status === 410)
    return new SourceError('source_not_found', 'open', 'There is nothing at this address.');
  return new SourceError('camera_refused', 'open', `The source answered with status ${status}.`);
}

function asSourceError(error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  if (error instanceof RtspError) return new SourceError(error.code, 'open', error.message, { cause: error });
  return new SourceError('camera_unreachable', 'open', 'The source could not be reached.', { cause: error });
}
