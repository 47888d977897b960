// One viewer as hls.js behaves: blocking reloads with delta updates, every new part fetched, two kept-alive sockets.
import { Agent, get, type IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';

export interface HlsClientCounts {
  requests: number;
  bytes: number;
  parts: number;
  errors: number;
}

export class HlsClient {
  readonly counts: HlsClientCounts = { requests: 0, bytes: 0, parts: 0, errors: 0 };
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 2 });
  readonly #url: string;
  readonly #cookies = new Map<string, string>();
  #seen = '';
  #stopped = false;

  constructor(url: string) {
    this.#url = url;
  }

  /** Until `stop`. */
  async run(): Promise<void> {
    let media: URL | undefined;
    let directives: Record<string, string> = {};
    while (!this.#stopped) {
      try {
        media ??= await this.#mediaPlaylist();
        const url = new URL(media);
        for (const [name, value] of Object.entries(directives)) url.searchParams.set(name, value);
        const playlist = (await this.#fetch(url.href)).toString('utf8');
        const { next, parts } = this.#read(playlist);
        for (const part of parts) {
          await this.#fetch(new URL(part, media).href);
          this.counts.parts += 1;
        }
        directives = next;
      } catch {
        if (this.#stopped) break;
        this.counts.errors += 1;
        directives = {};
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#agent.destroy();
  }

  async #mediaPlaylist(): Promise<URL> {
    const multivariant = (await this.#fetch(this.#url)).toString('utf8');
    const uri = multivariant.split('\n').find((line) => line !== '' && !line.startsWith('#'));
    if (uri === undefined) throw new Error('the multivariant playlist names no variant');
    return new URL(uri.trim(), this.#url);
  }

  /** The position to wait for next, and the parts that are new. */
  #read(playlist: string): { next: Record<string, string>; parts: string[] } {
    const number = (pattern: RegExp) => Number(pattern.exec(playlist)?.[1] ?? 0);
    let sequence = number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/) + number(/SKIPPED-SEGMENTS=(\d+)/);
    let part = 0;
    const uris: string[] = [];
    for (const line of playlist.split('\n')) {
      if (line.startsWith('#EXT-X-PART:')) {
        part += 1;
        uris.push(/URI="([^"]+)"/.exec(line)?.[1] ?? '');
      } else if (line !== '' && !line.startsWith('#')) {
        sequence += 1;
        part = 0;
      }
    }
    const fresh = uris.slice(uris.indexOf(this.#seen) + 1);
    const parts = this.#seen === '' ? uris.slice(-1) : fresh;
    this.#seen = uris.at(-1) ?? this.#seen;
    const skip: Record<string, string> = playlist.includes('CAN-SKIP-UNTIL') ? { _HLS_skip: 'YES' } : {};
    return { next: { _HLS_msn: String(sequence), _HLS_part: String(part), ...skip }, parts };
  }

  #fetch(url: string): Promise<Buffer> {
    this.counts.requests += 1;
    return new Promise((resolve, reject) => {
      const headers: Record<string, string> = { 'accept-encoding': 'gzip' };
      if (this.#cookies.size > 0) headers['cookie'] = [...this.#cookies.values()].join('; ');
      get(url, { agent: this.#agent, headers }, (response) => {
        this.#collect(response).then(resolve, reject);
      }).on('error', reject);
    });
  }

  async #collect(response: IncomingMessage): Promise<Buffer> {
    for (const cookie of response.headers['set-cookie'] ?? []) {
      const pair = cookie.split(';')[0] ?? '';
      this.#cookies.set(pair.split('=')[0] ?? '', pair);
    }
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    this.counts.bytes += body.byteLength;
    const status = response.statusCode ?? 0;
    if (status >= 300 && status < 400 && response.headers.location !== undefined) {
      return this.#fetch(new URL(response.headers.location, this.#url).href);
    }
    if (status !== 200) throw new Error(`answered ${status}`);
    return response.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
  }
}
