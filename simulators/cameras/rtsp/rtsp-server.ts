// In: TCP connections on a camera's RTSP port. Out: a connection object each, and the camera's UDP port pair.
// Requests and media are the connection's job; which picture is live is the time line's.
import { createServer, type Server } from 'node:net';
import { listen } from '../listen.ts';
import type { RtspCamera } from './rtsp-camera.ts';
import { RtspConnection } from './rtsp-connection.ts';
import { openUdpPorts, type UdpPorts } from './udp-ports.ts';

const MAX_CONNECTIONS = 1024;

/** The RTSP side of one camera; may be closed and opened again, on the same port. */
export class RtspServer {
  readonly #camera: RtspCamera;
  readonly #bind: string;
  readonly #connections = new Set<RtspConnection>();
  #server: Server | undefined;
  #udpPorts: Promise<UdpPorts> | undefined;
  #port: number;
  #openedBefore = false;

  /** `port` 0 = a free one, kept for the server's life. */
  constructor(options: { camera: RtspCamera; bind: string; port: number }) {
    this.#camera = options.camera;
    this.#bind = options.bind;
    this.#port = options.port;
  }

  get port(): number {
    return this.#port;
  }

  async open(): Promise<void> {
    const server = createServer((socket) => {
      const connection = new RtspConnection({
        camera: this.#camera,
        socket,
        udpPorts: () => this.#openUdpPorts(),
      });
      this.#connections.add(connection);
      socket.once('close', () => this.#connections.delete(connection));
    });
    server.maxConnections = MAX_CONNECTIONS;
    this.#port = await listen(server, { host: this.#bind, port: this.#port, patient: this.#openedBefore });
    this.#openedBefore = true;
    this.#server = server;
  }

  /** Closes the connections that are open now. */
  dropConnections(reset = false): void {
    for (const connection of this.#connections) connection.destroy(reset);
  }

  sweep(): void {
    for (const connection of this.#connections) connection.sweep();
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    const udp = this.#udpPorts;
    this.#udpPorts = undefined;
    const closed = server === undefined ? undefined : new Promise<void>((done) => server.close(() => done()));
    this.dropConnections();
    await closed;
    const ports = await udp?.catch(() => undefined);
    ports?.rtp.close();
    ports?.rtcp.close();
  }

  #openUdpPorts(): Promise<UdpPorts> {
    this.#udpPorts ??= openUdpPorts(this.#bind, (address, port) => {
      for (const connection of this.#connections) if (connection.touchedBy(address, port)) return;
    });
    return this.#udpPorts;
  }
}
