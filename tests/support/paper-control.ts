import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  type ControlMessage,
  NODE_PROTOCOL_VERSION,
  NodeHello,
  NodeMessage,
  type NodeReport,
  type RevokedView,
  StreamPath,
} from '@vedette/contracts';
import { type WebSocket, WebSocketServer } from 'ws';

/** A control that only listens and says what a test wants. */
export class PaperControl {
  readonly server: WebSocketServer;
  readonly received: NodeMessage[] = [];
  readonly authorizations: (string | undefined)[] = [];
  /** Sent on hello; undefined stays silent. */
  protocol: number | undefined = NODE_PROTOCOL_VERSION;
  acknowledges = true;
  able = true;
  id = 'control-1';
  peers: readonly string[] = [];
  connections = 0;
  /** Open now. */
  sockets = 0;
  #socket: WebSocket | undefined;

  constructor(port = 0) {
    this.server = new WebSocketServer({ host: '127.0.0.1', port, path: '/internal/node' });
    this.server.on('connection', (socket, request) => {
      this.connections++;
      this.sockets++;
      socket.on('close', () => this.sockets--);
      this.#socket = socket;
      this.authorizations.push(request.headers.authorization);
      socket.on('message', (data) => this.#take(NodeMessage.parse(JSON.parse(String(data)))));
    });
  }

  /** Resolves once it listens. */
  static async open(id = 'control-1'): Promise<PaperControl> {
    const control = new PaperControl();
    control.id = id;
    if (control.server.address() === null) await once(control.server, 'listening');
    return control;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get reports(): readonly NodeReport[] {
    return this.received.filter((message) => message.type === 'report');
  }

  get hello(): NodeHello {
    return NodeHello.parse(this.received.find(({ type }) => type === 'hello'));
  }

  say(message: ControlMessage): void {
    this.#socket?.send(JSON.stringify(message));
  }

  desire(
    seq: number,
    paths: readonly string[],
    more: { fence?: number; revoked?: RevokedView[] } = {},
  ): void {
    this.say({
      type: 'desired',
      epoch: this.hello.epoch,
      seq,
      streams: paths.map((path) => ({
        path: StreamPath.parse(path),
        cameraId: 'c1' as never,
        profile: 'main',
        source: { kind: 'rtsp', url: 'rtsp://camera/main', transport: 'tcp' },
        fence: more.fence ?? 1,
        pull: 'on-demand',
        idleTtlMs: 1000,
        maxWebrtcViewers: 100,
      })),
      revoked: more.revoked ?? [],
    });
  }

  breakOff(): void {
    this.#socket?.terminate();
  }

  close(): void {
    this.breakOff();
    this.server.close();
  }

  #take(message: NodeMessage): void {
    this.received.push(message);
    if (message.type === 'hello' && this.protocol !== undefined) {
      this.say({
        type: 'welcome',
        protocol: this.protocol,
        epoch: message.epoch,
        jwks: { keys: [{ kid: 'k' }] },
        allowedOrigins: ['http://page.test'],
        controlId: this.id,
        peers: [...this.peers],
      });
    }
    if (message.type === 'report' && this.acknowledges)
      this.say({ type: 'ack', seq: message.seq, able: this.able });
  }
}
