// For a viewer whose library speaks TURN over UDP only: takes its datagrams on loopback and carries each socket's on a
// TCP connection of its own to the real server, which sees a client of TURN over TCP.
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { stunLength } from './stun-message.ts';

const CHANNEL_HEADER_BYTES = 4;

export class TurnOverTcp implements Disposable {
  readonly #udp: UdpSocket;
  readonly #server: { readonly host: string; readonly port: number };
  readonly #lines = new Map<number, Socket>();

  private constructor(udp: UdpSocket, server: { readonly host: string; readonly port: number }) {
    this.#udp = udp;
    this.#server = server;
  }

  static async open(options: {
    readonly bind: string;
    readonly host: string;
    readonly port: number;
  }): Promise<TurnOverTcp> {
    const udp = createSocket('udp4');
    udp.bind(0, options.bind);
    await once(udp, 'listening');
    const proxy = new TurnOverTcp(udp, options);
    udp.on('message', (message, from) => {
      const line = proxy.#lines.get(from.port) ?? proxy.#line(from.port, from.address);
      // Over TCP, channel data is padded to four bytes (RFC 8656 section 12.5).
      line.write(Buffer.concat([message, Buffer.alloc((4 - (message.length % 4)) % 4)]));
    });
    return proxy;
  }

  get port(): number {
    return this.#udp.address().port;
  }

  [Symbol.dispose](): void {
    for (const line of this.#lines.values()) line.destroy();
    this.#udp.close();
  }

  #line(port: number, address: string): Socket {
    const line = connect(this.#server);
    line.setNoDelay(true);
    this.#lines.set(port, line);
    let held: Buffer = Buffer.alloc(0);
    line.on('error', () => this.#lines.delete(port));
    line.on('data', (data: Buffer) => {
      held = held.length === 0 ? data : Buffer.concat([held, data]);
      for (let next = messageBytes(held); next !== undefined; next = messageBytes(held)) {
        this.#udp.send(held.subarray(0, next.bytes), port, address);
        held = held.subarray(next.padded);
      }
    });
    return line;
  }
}

/** Of the STUN message or channel data that `data` begins with; undefined while it is not all there. */
function messageBytes(data: Buffer): { bytes: number; padded: number } | undefined {
  if (data.length < CHANNEL_HEADER_BYTES) return undefined;
  if (data.readUInt8(0) < 0x40) {
    const bytes = stunLength(data);
    return bytes === undefined ? undefined : { bytes, padded: bytes };
  }
  const bytes = CHANNEL_HEADER_BYTES + data.readUInt16BE(2);
  const padded = Math.ceil(bytes / 4) * 4;
  return data.length < padded ? undefined : { bytes, padded };
}
