// A radio station on a free port: the committed MP3 without end at the pace at which it plays, with what is on.
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';

const SOUND = readFileSync(new URL('../../fixtures/sounds/sound.mp3', import.meta.url));
/** Of the committed sound. */
const BYTES_A_SECOND = 32_000 / 8;
const META_INTERVAL = 1000;
const TICK_MS = 100;
/** Sent at once to whoever tunes in, as stations do. */
const BURST_SECONDS = 4;

export class IcyStation implements AsyncDisposable {
  /** Told with the next block. */
  title: string;
  url = '';
  readonly #server = createServer((_request, response) => this.#tuneIn(response));

  private constructor(title: string) {
    this.title = title;
  }

  static async start(title: string): Promise<IcyStation> {
    const station = new IcyStation(title);
    await new Promise<void>((resolve) => station.#server.listen(0, '127.0.0.1', resolve));
    const address = station.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the station has no port');
    station.url = `http://127.0.0.1:${address.port}/`;
    return station;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #tuneIn(response: ServerResponse): void {
    response.writeHead(200, {
      'content-type': 'audio/mpeg',
      'icy-name': 'Radio of the tests',
      'icy-metaint': META_INTERVAL,
    });
    const startedAt = performance.now();
    let sent = 0;
    const send = (): void => {
      const seconds = BURST_SECONDS + (performance.now() - startedAt) / 1000;
      while (sent < seconds * BYTES_A_SECOND) {
        const at = Array.from({ length: META_INTERVAL }, (_, i) => SOUND[(sent + i) % SOUND.length] ?? 0);
        response.write(Buffer.from(at));
        response.write(metadata(this.title));
        sent += META_INTERVAL;
      }
    };
    send();
    const timer = setInterval(send, TICK_MS);
    response.once('close', () => clearInterval(timer));
  }
}

function metadata(title: string): Buffer {
  const text = Buffer.from(`StreamTitle='${title}';`);
  const block = Buffer.alloc(1 + Math.ceil(text.length / 16) * 16);
  block[0] = (block.length - 1) / 16;
  block.set(text, 1);
  return block;
}
