// A control on paper for several nodes at once: real node processes connect to it, and it tells each what a test wants.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  CameraId,
  type ControlMessage,
  type DesiredStream,
  NODE_PROTOCOL_VERSION,
  type NodeHello,
  type NodeId,
  NodeMessage,
  type NodeReport,
  type RelayPeer,
  StreamPath,
  type StreamSource,
  type StreamState,
} from '@vedette/contracts';
import { type WebSocket, WebSocketServer } from 'ws';
import { eventually } from './eventually.ts';

interface Told {
  readonly hello: NodeHello;
  readonly socket: WebSocket;
  report: NodeReport | undefined;
  seq: number;
}

export class PaperFleet implements AsyncDisposable {
  readonly #server: WebSocketServer;
  readonly #nodes = new Map<NodeId, Told>();

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on('connection', (socket) => this.#greet(socket));
  }

  static async open(): Promise<PaperFleet> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, path: '/internal/node' });
    await once(server, 'listening');
    return new PaperFleet(server);
  }

  get url(): string {
    const address: AddressInfo | string | null = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  async hello(nodeId: NodeId): Promise<NodeHello> {
    return eventually(`${nodeId} says hello`, () => this.#nodes.get(nodeId)?.hello, { withinMs: 30_000 });
  }

  /** As last reported; undefined before that. */
  stream(nodeId: NodeId, path: string): StreamState | undefined {
    return this.#nodes.get(nodeId)?.report?.streams.find((stream) => stream.path === path);
  }

  /** The whole of what this node should run, always, and whom it should know. */
  desire(
    nodeId: NodeId,
    streams: Readonly<Record<string, StreamSource>>,
    relayPeers: readonly RelayPeer[],
  ): void {
    const node = this.#nodes.get(nodeId);
    if (node === undefined) throw new Error(`${nodeId} has not said hello`);
    node.seq += 1;
    say(node.socket, {
      type: 'desired',
      epoch: node.hello.epoch,
      seq: node.seq,
      streams: Object.entries(streams).map(([path, source]) => desired(path, source)),
      revoked: [],
      relayPeers: [...relayPeers],
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { socket } of this.#nodes.values()) socket.terminate();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #greet(socket: WebSocket): void {
    let node: Told | undefined;
    socket.on('error', () => undefined);
    socket.on('message', (data) => {
      const message = NodeMessage.parse(JSON.parse(String(data)));
      if (message.type === 'hello') {
        node = { hello: message, socket, report: undefined, seq: 0 };
        this.#nodes.set(message.nodeId, node);
        say(socket, {
          type: 'welcome',
          protocol: NODE_PROTOCOL_VERSION,
          epoch: message.epoch,
          jwks: { keys: [] },
          allowedOrigins: [],
          controlId: 'paper',
          peers: [],
        });
      } else if (message.type === 'report') {
        if (node !== undefined) node.report = message;
        say(socket, { type: 'ack', seq: message.seq, able: true });
      }
    });
  }
}

function desired(path: string, source: StreamSource): DesiredStream {
  return {
    path: StreamPath.parse(path),
    cameraId: CameraId.parse('a'),
    profile: 'main',
    source,
    fence: 1,
    pull: 'always-on',
    idleTtlMs: 10_000,
    maxWebrtcViewers: 100,
  };
}

function say(socket: WebSocket, message: ControlMessage): void {
  socket.send(JSON.stringify(message));
}
