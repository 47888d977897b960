// A node's HLS part alone on a free port: the real hub, egress, routes and HTTP server, fed from a committed clip.
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { MediaClaims } from '@vedette/contracts';
import { createHttpServer, silentLog, systemClock, VedetteError } from '@vedette/runtime';
import type { FastifyInstance } from 'fastify';
import { type Clip, playClip, readClip } from '../../apps/media-node/src/egress/hls/clip.fixture.ts';
import { HlsEgress } from '../../apps/media-node/src/egress/hls/hls-egress.ts';
import { hlsRoutes } from '../../apps/media-node/src/egress/hls/hls-routes.ts';
import type { AudioRenditionPort } from '../../apps/media-node/src/hub/audio-rendition-port.ts';
import { StreamHub } from '../../apps/media-node/src/hub/stream-hub.ts';

export const HLS_PATH = 'cam_gate';
export const HLS_SUB_PATH = 'cam_gate_sub';
const CLIP = fileURLToPath(new URL('../../fixtures/clips/gate-main.h264', import.meta.url));

export interface HlsNodeOptions {
  /** More routes on the same origin, such as a page. */
  readonly extend?: (app: FastifyInstance) => void;
  /** Makes AAC of what MP4 does not carry. */
  readonly renditions?: AudioRenditionPort;
  /** A second stream that every viewer is granted as well. */
  readonly sub?: StreamHub;
}

export class HlsNode implements AsyncDisposable {
  readonly address: string;
  readonly egress: HlsEgress;
  readonly clip: Clip;
  readonly #app: FastifyInstance;
  readonly #stream: { hub: StreamHub };
  #stopClip: (() => void) | undefined;

  private constructor(options: {
    address: string;
    egress: HlsEgress;
    stream: { hub: StreamHub };
    clip: Clip;
    app: FastifyInstance;
  }) {
    this.address = options.address;
    this.egress = options.egress;
    this.#stream = options.stream;
    this.clip = options.clip;
    this.#app = options.app;
  }

  static async start(options: HlsNodeOptions = {}): Promise<HlsNode> {
    const stream = { hub: new StreamHub() };
    const lookup = (path: string) => {
      if (path === HLS_PATH) return { hub: stream.hub };
      return path === HLS_SUB_PATH && options.sub !== undefined ? { hub: options.sub } : undefined;
    };
    const granted = { main: HLS_PATH, ...(options.sub === undefined ? {} : { sub: HLS_SUB_PATH }) };
    const egress = new HlsEgress({
      clock: systemClock,
      renditions: options.renditions,
      randomBytes,
      lookup,
      known: lookup,
      authorize: async (capability) => {
        if (!/^viewer[0-9]+$/.test(capability)) throw new VedetteError('unauthenticated');
        return claimsOf(capability, granted);
      },
    });
    const app = createHttpServer({ log: silentLog(), bodyLimit: 65_536 });
    await app.register(hlsRoutes, {
      egress,
      admission: {
        admit: async ({ credentials, path }) => {
          if (credentials.kind !== 'basic' || credentials.password !== 'sesame')
            throw new VedetteError('unauthenticated');
          return { kind: 'granted', token: 'viewer9', path, claims: claimsOf('viewer9', { main: path }) };
        },
      },
    });
    options.extend?.(app);
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    return new HlsNode({ address, egress, stream, clip: readClip(CLIP, 15), app });
  }

  get hub(): StreamHub {
    return this.#stream.hub;
  }

  /** The camera begins to send, or starts anew. */
  camera(): void {
    this.#stopClip?.();
    this.#stopClip = playClip(this.clip, this.hub);
  }

  /** The stream is dropped and begins again under its name, as when a node restarts or another one takes over. */
  restart(): void {
    this.#stopClip?.();
    this.hub.close('stream_dropped');
    this.#stream.hub = new StreamHub();
    this.camera();
  }

  playlistUrl(viewer = 1): string {
    return `${this.address}/hls/viewer${viewer}/${HLS_PATH}/index.m3u8`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopClip?.();
    this.egress.close();
    await this.#app.close();
  }
}

function claimsOf(sid: string, paths: Readonly<Record<string, string>>): MediaClaims {
  return MediaClaims.parse({ sub: 'u1', sid, cam: 'gate', paths, protocols: ['hls'] });
}
