import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

export interface UdpProxyOptions {
  readonly nodePort: number;
  readonly bitsPerSecond?: number;
  readonly queueBytes?: number;
  /** The n-th RTP packet is lost; none by default. */
  readonly lose?: number;
}

/**
 * Stands between one viewer and a node on loopback, as a thin or broken line does. Towards the viewer it lets through
 * `bitsPerSecond`, keeps at most `queueBytes` waiting and drops the rest; towards the node it lets all through.
 */
export class UdpProxy implements Disposable {
  readonly #outer: Socket;
  readonly #inner: Socket;
  readonly #bytesPerMs: number;
  readonly #queueBytes: number;
  readonly #lose: number;
  #viewer: { readonly port: number; readonly address: string } | undefined;
  #busyUntilMs = 0;
  #cut = false;
  #packets = 0;
  #dropped: number | undefined;

  private constructor(outer: Socket, inner: Socket, options: UdpProxyOptions) {
    const { nodePort, bitsPerSecond = Number.POSITIVE_INFINITY, queueBytes = 16_000, lose = 0 } = options;
    this.#outer = outer;
    this.#inner = inner;
    this.#bytesPerMs = bitsPerSecond / 8000;
    this.#queueBytes = queueBytes;
    this.#lose = lose;
    outer.on('message', (data, from) => {
      this.#viewer = from;
      if (!this.#cut) inner.send(data, nodePort, '127.0.0.1');
    });
    inner.on('message', (data) => this.#towardsViewer(data));
  }

  static async open(options: UdpProxyOptions): Promise<UdpProxy> {
    const sockets = [createSocket('udp4'), createSocket('udp4')] as const;
    for (const socket of sockets) {
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
    }
    return new UdpProxy(sockets[0], sockets[1], options);
  }

  get port(): number {
    return this.#outer.address().port;
  }

  /** RTP packets that came from the node. */
  get packets(): number {
    return this.#packets;
  }

  /** Sequence number of the one packet that was lost on the way, which is the `nth` of the connection. */
  get dropped(): number | undefined {
    return this.#dropped;
  }

  /** Nothing passes any more, in either direction. */
  cut(): void {
    this.#cut = true;
  }

  /** An answer whose every candidate leads here. */
  readonly rewrite = (answer: string): string =>
    answer
      .replaceAll(/^a=candidate:(?!.* 127\.0\.0\.1 ).*\r\n/gm, '')
      .replaceAll(/^(a=candidate:.* 127\.0\.0\.1) \d+ /gm, `$1 ${this.port} `);

  [Symbol.dispose](): void {
    this.#cut = true;
    this.#outer.close();
    this.#inner.close();
  }

  #towardsViewer(data: Buffer): void {
    const viewer = this.#viewer;
    if (this.#cut || viewer === undefined) return;
    // The header of SRTP is in the clear; 128 to 191 tell it from STUN and DTLS (RFC 7983), 64 to 95 are RTCP.
    const type = (data[1] ?? 0) & 0x7f;
    if ((data[0] ?? 0) >> 6 === 2 && (type < 64 || type > 95)) {
      this.#packets += 1;
      if (this.#packets === this.#lose) {
        this.#dropped = data.readUInt16BE(2);
        return;
      }
    }
    if (this.#bytesPerMs === Number.POSITIVE_INFINITY) {
      this.#outer.send(data, viewer.port, viewer.address);
      return;
    }
    const now = performance.now();
    const startsAt = Math.max(now, this.#busyUntilMs);
    if ((startsAt - now) * this.#bytesPerMs + data.length > this.#queueBytes) return;
    this.#busyUntilMs = startsAt + data.length / this.#bytesPerMs;
    setTimeout(() => {
      if (!this.#cut) this.#outer.send(data, viewer.port, viewer.address, () => undefined);
    }, this.#busyUntilMs - now);
  }
}
