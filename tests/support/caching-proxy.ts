// A cache as a CDN puts it before a node: keeps what may be kept, asks once for what many want at the same moment.
import { createServer, get, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export class CachingProxy implements AsyncDisposable {
  readonly address: string;
  /** Requests that reached the origin, by path. */
  readonly asked = new Map<string, number>();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(origin: string): Promise<CachingProxy> {
    const kept = new Map<string, Answer>();
    const waiting = new Map<string, Promise<Answer>>();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new CachingProxy(server);
    const ask = (url: string) => {
      proxy.asked.set(url, (proxy.asked.get(url) ?? 0) + 1);
      return fetchWhole(`${origin}${url}`);
    };
    const answer = async (url: string): Promise<Answer> => {
      const known = kept.get(url);
      if (known !== undefined) return known;
      const under = waiting.get(url);
      if (under !== undefined) {
        const shared = await under;
        return mayKeep(shared) ? shared : ask(url);
      }
      const asking = ask(url).finally(() => waiting.delete(url));
      waiting.set(url, asking);
      const fresh = await asking;
      if (mayKeep(fresh)) kept.set(url, fresh);
      return fresh;
    };
    server.on('request', async (request, response) => {
      const { status, headers, body } = await answer(request.url ?? '/');
      response.writeHead(status, headers).end(body);
    });
    return proxy;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** RFC 9111 section 3, for a shared cache that also keeps errors for as long as it is let. */
function mayKeep({ headers }: Answer): boolean {
  return !/no-store|no-cache|private/.test(headers['cache-control'] ?? '');
}

function fetchWhole(url: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(url, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk);
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) });
    }).on('error', reject);
  });
}
