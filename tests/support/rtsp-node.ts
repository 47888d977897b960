// The node's RTSP server with one camera, `cam_a`, and a registry of publishers, without the rest of the node.
// The password `right` and the token `a-token` are let in. Not its job: what connects to it.
import { fileURLToPath } from 'node:url';
import type { MediaClaims, ReasonCode, SessionId } from '@vedette/contracts';
import type { EncodedFrame, Track } from '@vedette/media-types';
import { RtspServer, type RtspServerOptions } from '@vedette/rtsp';
import { systemClock, VedetteError } from '@vedette/runtime';
import { rtspChallenges } from '../../apps/media-node/src/egress/rtsp/rtsp-challenges.ts';
import { RtspOut, type RtspViewer } from '../../apps/media-node/src/egress/rtsp/rtsp-out.ts';
import { StreamHub } from '../../apps/media-node/src/hub/stream-hub.ts';
import { PublishRegistry } from '../../apps/media-node/src/ingest/publish/publish-registry.ts';
import { PublishSource } from '../../apps/media-node/src/ingest/publish/publish-source.ts';
import { publishByRtsp } from '../../apps/media-node/src/ingest/publish/rtsp-publishing.ts';
import { ClipFeeder } from './clip-feeder.ts';
import { feedPcmuTone, PCMU_TONE } from './tone-feeder.ts';

const CLIP = fileURLToPath(new URL('../../fixtures/clips/gate-main.h264', import.meta.url));
const CLAIMS: Pick<MediaClaims, 'sid'> = { sid: 's1' as SessionId };

/** What a publisher at `cam_p`, by name `enc` and password `secret`, has sent. */
export interface Expected {
  readonly tracks: Track[];
  readonly frames: EncodedFrame[];
  readonly reasons: ReasonCode[];
  readonly running: Promise<void>;
}

export interface RtspNodeOptions {
  readonly sound?: boolean;
  readonly udpAllowed?: boolean;
  readonly tls?: RtspServerOptions['tls'];
}

export class RtspNode implements AsyncDisposable {
  readonly hub = new StreamHub();
  readonly viewers = new Set<RtspViewer>();
  readonly left: ReasonCode[] = [];
  readonly revoked = new Set<string>();
  readonly #registry = new PublishRegistry({ clock: systemClock });
  readonly #stop = new AbortController();
  #camera: Disposable | undefined;
  #server: RtspServer | undefined;

  static async start(options: RtspNodeOptions = {}): Promise<RtspNode> {
    const node = new RtspNode();
    await node.#listen(options);
    node.#camera = node.#film(options.sound ?? false);
    return node;
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  address(user: string, path = 'cam_a'): string {
    return `rtsp://${user}127.0.0.1:${this.port}/${path}`;
  }

  expectPublisher(): Expected {
    const tracks: Track[] = [];
    const frames: EncodedFrame[] = [];
    const reasons: ReasonCode[] = [];
    const source = new PublishSource({
      path: 'cam_p',
      source: { kind: 'publish', via: 'rtsp', username: 'enc', password: 'secret' },
      registry: this.#registry,
      clock: systemClock,
      firstTicks: undefined,
      onPlaying: () => undefined,
      onWaiting: (reason) => reasons.push(reason),
    });
    const running = source.run(
      { tracks: (told) => tracks.push(...told), frame: (frame) => frames.push(frame) },
      this.#stop.signal,
    );
    running.catch(() => undefined);
    return { tracks, frames, reasons, running };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#camera?.[Symbol.dispose]();
    await this.#server?.close();
  }

  async #listen({ tls, udpAllowed = true }: RtspNodeOptions): Promise<void> {
    const registry = this.#registry;
    const out = new RtspOut({
      admission: {
        admit: async ({ credentials, path }) => {
          const isRight =
            (credentials.kind === 'basic' && credentials.password === 'right') ||
            (credentials.kind === 'bearer' && credentials.token === 'a-token');
          if (!isRight) throw new VedetteError('unauthenticated');
          return { kind: 'granted', token: 't', path, claims: CLAIMS as MediaClaims };
        },
      },
      lookup: (path) => (path === 'cam_a' ? this.hub : undefined),
      isRevoked: ({ sid }) => this.revoked.has(sid),
      clock: systemClock,
      onJoin: (viewer) => this.viewers.add(viewer),
      onLeave: (viewer, reason) => {
        this.viewers.delete(viewer);
        this.left.push(reason);
      },
    });
    this.#server = await RtspServer.listen({
      handler: {
        play: (ask) => out.play(ask),
        record: (ask, sdp) => publishByRtsp(ask, sdp, { registry, clock: systemClock }),
      },
      clock: systemClock,
      host: '127.0.0.1',
      port: 0,
      udpAllowed,
      tls,
      challenges: rtspChallenges,
    });
  }

  #film(withSound: boolean): Disposable {
    const { hub } = this;
    const sink = {
      tracks: (tracks: readonly Track[]) => hub.tracks(withSound ? [...tracks, PCMU_TONE] : tracks),
      frame: (frame: EncodedFrame) => hub.frame(frame),
    };
    const camera = new ClipFeeder({ file: CLIP, fps: 15, sink });
    const tone = withSound ? feedPcmuTone((frame) => hub.frame(frame)) : undefined;
    return {
      [Symbol.dispose]: () => {
        camera[Symbol.dispose]();
        tone?.[Symbol.dispose]();
      },
    };
  }
}
