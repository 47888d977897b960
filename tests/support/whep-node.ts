// The WHEP way out of a node alone: hubs by path, tokens that are session ids, and the reasons of all ends.
import type { MediaClaims, ReasonCode, SessionId } from '@vedette/contracts';
import { createMetrics, silentLog, systemClock, VedetteError } from '@vedette/runtime';
import type { FastifyInstance } from 'fastify';
import { WhepEndpoint } from '../../apps/media-node/src/egress/whep/whep-endpoint.ts';
import { whepRoutes } from '../../apps/media-node/src/egress/whep/whep-routes.ts';
import { AllowedOrigins } from '../../apps/media-node/src/http/allowed-origins.ts';
import { createNodeHttp } from '../../apps/media-node/src/http/node-http.ts';
import type { AudioRenditionPort } from '../../apps/media-node/src/hub/audio-rendition-port.ts';
import { StreamHub } from '../../apps/media-node/src/hub/stream-hub.ts';
import { freePort } from './free-ports.ts';
import { bearerAdmission } from './token-admission.ts';

export const PAGE_ORIGIN = 'https://wall.example';

export interface WhepNodeOptions {
  readonly renditions?: AudioRenditionPort;
  /** Loopback unless told otherwise. */
  readonly bind?: string;
  /** A free one unless told otherwise. */
  readonly udpPort?: number;
}

export class WhepNode implements AsyncDisposable {
  readonly hubs = new Map<string, StreamHub>();
  readonly left: { readonly sessionId: string; readonly reason: ReasonCode }[] = [];
  readonly udpPort: number;
  readonly endpoint: WhepEndpoint;
  address = '';
  #app: FastifyInstance | undefined;

  readonly #bind: string;

  private constructor(udpPort: number, { bind = '127.0.0.1', renditions }: WhepNodeOptions) {
    this.udpPort = udpPort;
    this.#bind = bind;
    this.endpoint = new WhepEndpoint({
      clock: systemClock,
      bind,
      udpPort,
      publicHosts: [],
      ...(renditions === undefined ? {} : { renditions }),
    });
  }

  static async start(options: WhepNodeOptions = {}): Promise<WhepNode> {
    const node = new WhepNode(options.udpPort ?? (await freePort()), options);
    await node.#listen();
    return node;
  }

  /** The hub of `path`, made when first asked for. */
  hub(path: string): StreamHub {
    const found = this.hubs.get(path) ?? new StreamHub();
    this.hubs.set(path, found);
    return found;
  }

  url(path: string): string {
    return `${this.address}/whep/${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.endpoint.close('shutting_down');
    await this.#app?.close();
  }

  async #listen(): Promise<void> {
    this.#app = await createNodeHttp({
      log: silentLog(),
      metrics: createMetrics({ nodeId: 'node-test' }),
      origins: new AllowedOrigins([PAGE_ORIGIN]),
      nodeToken: 'node-token',
      tls: undefined,
      mediaRoutes: [
        (app) =>
          whepRoutes(app, {
            endpoint: this.endpoint,
            admission: bearerAdmission(
              async (token) => ({ sid: token as SessionId, sub: 'user_1' }) as MediaClaims,
            ),
            lookup: (path: string) => {
              if (path === 'cam_offline') throw new VedetteError('camera_offline', { retryAfterSeconds: 2 });
              return this.hubs.get(path);
            },
            admit: (path: string) => {
              if (path === 'cam_full') throw new VedetteError('at_capacity', { retryAfterSeconds: 2 });
            },
            onJoin: () => undefined,
            onOpen: () => undefined,
            onLeave: (viewer, reason) => void this.left.push({ sessionId: viewer.claims.sid, reason }),
            iceServers: () => [
              { urls: ['stun:stun.example:3478'] },
              { urls: ['turn:turn.example?transport=udp'], username: '1:a"b', credential: 'c\\d=' },
            ],
          }),
      ],
    });
    this.address = await this.#app.listen({ port: 0, host: this.#bind });
  }
}
