// A line between two machines: TCP connections led to a port, counted, measured, made as narrow as asked, and cut.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpLineOptions {
  readonly to: number;
  /** Each way, over all connections; no limit when absent. */
  readonly bytesPerSecond?: number;
}

const SLICE_MS = 20;
/** What routers on the way hold when a line is full; without a limit the line itself would be a big buffer. */
const BUFFER_BYTES = 64 * 1024;

export class TcpLine implements AsyncDisposable {
  readonly port: number;
  /** Bytes that came out at the end that was dialled, and at the end that has dialled. */
  readonly carried = { forth: 0, back: 0 };
  /** Connections ever. */
  connections = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server: ReturnType<typeof createServer>;
  readonly #stop = new AbortController();

  private constructor(server: ReturnType<typeof createServer>, options: TcpLineOptions) {
    this.#server = server;
    const address: AddressInfo | string | null = server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
    server.on('connection', (near) => {
      this.connections += 1;
      const far = connect({ host: '127.0.0.1', port: options.to, noDelay: true });
      this.#sockets.add(near);
      near.setNoDelay(true);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        one.on('error', () => undefined);
        one.once('close', () => {
          this.#sockets.delete(one);
          other.destroy();
        });
      }
      void this.#carry(near, far, 'forth', options.bytesPerSecond);
      void this.#carry(far, near, 'back', options.bytesPerSecond);
    });
  }

  static async open(options: TcpLineOptions): Promise<TcpLine> {
    const server = createServer({ highWaterMark: BUFFER_BYTES });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpLine(server, options);
  }

  get open(): number {
    return this.#sockets.size;
  }

  /** Ends what is open, at once; later connections are let through. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #carry(
    from: Socket,
    to: Socket,
    way: 'forth' | 'back',
    bytesPerSecond: number | undefined,
  ): Promise<void> {
    try {
      for await (const chunk of from) {
        if (!Buffer.isBuffer(chunk)) continue;
        const slice =
          bytesPerSecond === undefined ? chunk.length : Math.ceil((bytesPerSecond * SLICE_MS) / 1000);
        for (let at = 0; at < chunk.length; at += slice) {
          if (bytesPerSecond !== undefined) await new Promise((resolve) => setTimeout(resolve, SLICE_MS));
          if (to.destroyed) return;
          const part = chunk.subarray(at, at + slice);
          this.carried[way] += part.length;
          if (!to.write(part)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
        }
      }
      to.end();
    } catch {
      to.destroy();
    }
  }
}
