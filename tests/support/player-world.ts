// Everything a player talks to, in this process: the media node's real ways out (WHEP, LL-HLS, CORS) fed from committed
// clips, and a small stand-in for control that answers start, stop and renew as contracts.md says and does as it is told.
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { MediaClaims, type ReasonCode, type StartRequest } from '@vedette/contracts';
import type { EncodedFrame, FrameSink, Track } from '@vedette/media-types';
import {
  AddressRules,
  AllowedHosts,
  createHttpServer,
  createMetrics,
  silentLog,
  systemClock,
  VedetteError,
} from '@vedette/runtime';
import type { FastifyInstance } from 'fastify';
import { HlsEgress } from '../../apps/media-node/src/egress/hls/hls-egress.ts';
import { hlsRoutes } from '../../apps/media-node/src/egress/hls/hls-routes.ts';
import { WhepEndpoint } from '../../apps/media-node/src/egress/whep/whep-endpoint.ts';
import { whepRoutes } from '../../apps/media-node/src/egress/whep/whep-routes.ts';
import type { WhepSession } from '../../apps/media-node/src/egress/whep/whep-session.ts';
import { AudioRenditions } from '../../apps/media-node/src/ffmpeg/audio/audio-renditions.ts';
import { FfmpegJobs } from '../../apps/media-node/src/ffmpeg/ffmpeg-jobs.ts';
import { AllowedOrigins } from '../../apps/media-node/src/http/allowed-origins.ts';
import { createNodeHttp } from '../../apps/media-node/src/http/node-http.ts';
import { StreamHub } from '../../apps/media-node/src/hub/stream-hub.ts';
import { createHttpDialer } from '../../apps/media-node/src/ingest/http-audio/http-dialer.ts';
import { RadioSource } from '../../apps/media-node/src/ingest/http-audio/radio-source.ts';
import { ClipFeeder } from './clip-feeder.ts';
import { freePort } from './free-ports.ts';
import { PLAYER_ENTRY } from './player-bundle.ts';
import { SoundFeeder, type SoundOfCamera } from './sound-feeder.ts';
import { bearerAdmission } from './token-admission.ts';

/** Names of the committed clips; each is a camera with its main and its sub stream. */
export const CLIPS = [
  'gate',
  'dock',
  'lobby',
  'garage',
  'platform',
  'roof',
  'stairs',
  'vault',
  'yard',
] as const;
const FPS = { main: 15, sub: 8 } as const;

type Profile = keyof typeof FPS;

export interface StartSeen {
  readonly cameraId: string;
  readonly protocol: string | undefined;
  readonly request: StartRequest;
  readonly key: string | undefined;
}

interface ViewSeen {
  readonly cameraId: string;
  readonly profile: Profile;
  readonly webrtcToo: boolean;
  revoked: boolean;
  /** Number of its newest token, and of the oldest one that is still good. */
  newest: number;
  oldest: number;
}

export class PlayerWorld implements AsyncDisposable {
  readonly starts: StartSeen[] = [];
  readonly stopped: string[] = [];
  readonly renewed: string[] = [];
  /** A code for every start call of this camera until it is deleted. */
  readonly refusals = new Map<string, ReasonCode>();
  readonly views = new Map<string, ViewSeen>();
  readonly stationErrors: unknown[] = [];
  /** Of the tokens that start and renew give out. */
  lifeMs = 300_000;
  address = '';
  nodeAddress = '';
  readonly #hubs = new Map<string, StreamHub>();
  readonly #feeders = new Map<string, Disposable>();
  readonly #endpoint: WhepEndpoint;
  readonly #egress: HlsEgress;
  readonly #webrtc = new Map<string, Pick<WhepSession, 'close'>>();
  readonly #apps: FastifyInstance[] = [];
  #nextView = 1;

  private constructor(udpPort: number) {
    const log = silentLog();
    const jobs = new FfmpegJobs({ ffmpegPath: 'ffmpeg', limit: 2, clock: systemClock, log });
    const renditions = new AudioRenditions({ jobs, clock: systemClock, random: Math.random, log });
    this.#endpoint = new WhepEndpoint({
      clock: systemClock,
      bind: '127.0.0.1',
      udpPort,
      publicHosts: [],
      renditions,
    });
    this.#egress = new HlsEgress({
      clock: systemClock,
      randomBytes,
      authorize: async (capability, path) => this.#authorize(capability, path),
      lookup: (path) => {
        const hub = this.#hubs.get(path);
        return hub && { hub };
      },
    });
  }

  static async start(bundle: ReadonlyMap<string, string>, page: string): Promise<PlayerWorld> {
    const world = new PlayerWorld(await freePort());
    await world.#listen(bundle, page);
    return world;
  }

  /** The camera sends both its streams from now on, each with sound if it has any. */
  run(
    cameraId: string,
    profiles: readonly Profile[] = ['main', 'sub'],
    sound: SoundOfCamera | undefined = undefined,
  ): void {
    for (const profile of profiles) {
      const path = pathOf(cameraId, profile);
      const sink = this.#hub(path);
      this.#feeders.get(path)?.[Symbol.dispose]();
      const clip = CLIPS.find((name) => cameraId.startsWith(name)) ?? 'gate';
      const file = fileURLToPath(new URL(`../../fixtures/clips/${clip}-${profile}.h264`, import.meta.url));
      const feeders = new DisposableStack();
      this.#feeders.set(path, feeders);
      if (sound === undefined) {
        feeders.use(new ClipFeeder({ file, fps: FPS[profile], sink }));
        continue;
      }
      const joint = joined(sink);
      feeders.use(new ClipFeeder({ file, fps: FPS[profile], sink: joint }));
      feeders.use(new SoundFeeder({ sound, trackId: 2, sink: joint }));
    }
  }

  /** A radio station: sound and nothing else, of `file` in place of the committed one. */
  runRadio(cameraId: string, sound: SoundOfCamera, file?: string): void {
    for (const profile of ['main', 'sub'] as const) {
      const path = pathOf(cameraId, profile);
      this.#feeders.get(path)?.[Symbol.dispose]();
      this.#feeders.set(path, new SoundFeeder({ sound, trackId: 1, sink: this.#hub(path), file }));
    }
  }

  /** A station that the node tunes in to as it does for a camera; `onPlaying` hears what it says that it plays. */
  runStation(cameraId: string, url: string, onPlaying: (nowPlaying: string | null) => void): void {
    const path = pathOf(cameraId, 'sub');
    const stop = new AbortController();
    const source = new RadioSource({
      source: { kind: 'http-audio', url },
      dial: createHttpDialer({
        hosts: new AllowedHosts(['127.0.0.1']),
        rules: new AddressRules({ networks: ['127.0.0.0/8'], ownAddresses: () => [], ownPorts: [] }),
        atOnce: 4,
      }),
      clock: systemClock,
      firstTicks: undefined,
      onNews: ({ nowPlaying }) => onPlaying(nowPlaying),
    });
    this.#feeders.get(path)?.[Symbol.dispose]();
    this.#feeders.set(path, { [Symbol.dispose]: () => stop.abort() });
    source.run(this.#hub(path), stop.signal).catch((error: unknown) => this.stationErrors.push(error));
  }

  /** The node knows the stream, but no picture comes (any more). */
  freeze(cameraId: string): void {
    for (const profile of ['main', 'sub'] as const) {
      const path = pathOf(cameraId, profile);
      this.#hub(path);
      this.#feeders.get(path)?.[Symbol.dispose]();
    }
  }

  #hub(path: string): StreamHub {
    const hub = this.#hubs.get(path) ?? new StreamHub();
    this.#hubs.set(path, hub);
    return hub;
  }

  /** An administrator ends all views of the camera. */
  revoke(cameraId: string): void {
    for (const [id, view] of this.views) {
      if (view.cameraId !== cameraId) continue;
      view.revoked = true;
      this.#drop(id);
    }
  }

  /** Every token but the newest of each view has run out. */
  expireTokens(): void {
    for (const view of this.views.values()) view.oldest = view.newest;
  }

  /** Every WebRTC connection of the node breaks off. */
  breakConnections(): void {
    for (const id of this.views.keys()) this.#drop(id);
  }

  /** What a viewer who joins now would be sent at once. */
  bufferedFrames(cameraId: string): number {
    return this.#hubs.get(pathOf(cameraId, 'sub'))?.gop().frames.length ?? 0;
  }

  /** Codecs of what runs, as the node knows them. */
  codecs(cameraId: string): string[] {
    return this.#hub(pathOf(cameraId, 'sub')).currentTracks.map(({ codec }) => codec);
  }

  get webrtcViewers(): number {
    return this.#endpoint.sessionCount;
  }

  get hlsViewers(): number {
    return this.#egress.viewers().length;
  }

  /** Views that were started and not stopped. */
  get openViews(): string[] {
    return [...this.views.keys()].filter((id) => !this.stopped.includes(id));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const feeder of this.#feeders.values()) feeder[Symbol.dispose]();
    this.#endpoint.close('shutting_down');
    this.#egress.close();
    await Promise.all(this.#apps.map((app) => app.close()));
  }

  async #listen(bundle: ReadonlyMap<string, string>, page: string): Promise<void> {
    const origins = new AllowedOrigins([]);
    const node = await createNodeHttp({
      log: silentLog(),
      metrics: createMetrics({ nodeId: 'n1' }),
      origins,
      nodeToken: 'not asked for here',
      tls: undefined,
      mediaRoutes: [
        (app) => hlsRoutes(app, { egress: this.#egress }),
        (app) =>
          whepRoutes(app, {
            endpoint: this.#endpoint,
            admission: bearerAdmission(async (token, path) => this.#authorize(token, path)),
            lookup: (path) => this.#hubs.get(path),
            admit: () => undefined,
            onJoin: ({ claims, session }) => void this.#webrtc.set(claims.sid, session),
            onOpen: () => undefined,
            onLeave: () => undefined,
            iceServers: () => [],
          }),
      ],
    });
    const control = createHttpServer({ log: silentLog(), bodyLimit: 65_536 });
    this.#apps.push(node, control);
    this.#control(control);
    control.get('/', (_request, reply) => reply.type('text/html').send(page));
    for (const [name, text] of bundle) {
      control.get(`/${name}`, (_request, reply) => reply.type('text/javascript').send(text));
    }
    this.nodeAddress = await node.listen({ host: '127.0.0.1', port: 0 });
    this.address = await control.listen({ host: '127.0.0.1', port: 0 });
    origins.told([this.address]);
    if (!bundle.has(PLAYER_ENTRY)) throw new Error('the bundle has no entry');
  }

  #control(app: FastifyInstance): void {
    app.post<{
      Params: { camera: string };
      Querystring: { protocol?: 'webrtc' | 'hls' };
      Body: StartRequest;
    }>('/api/v1/streams/:camera/start', async (request, reply) => {
      const { camera } = request.params;
      const { protocol } = request.query;
      const key = request.headers['idempotency-key'];
      this.starts.push({ cameraId: camera, protocol, request: request.body, key: key?.toString() });
      const refusal = this.refusals.get(camera);
      if (refusal !== undefined) throw new VedetteError(refusal);
      const id = `view${this.#nextView++}`;
      const profile = request.body.profile ?? (request.body.tile?.tiles === 1 ? 'main' : 'sub');
      const webrtcToo = protocol !== 'hls' && request.body.network?.udp !== false;
      this.views.set(id, {
        cameraId: camera,
        profile: profile === 'lite' ? 'sub' : profile,
        webrtcToo,
        revoked: false,
        newest: 0,
        oldest: 0,
      });
      return reply.code(201).send({
        ...this.#links(id, webrtcToo),
        cameraId: camera,
        protocol: webrtcToo ? 'webrtc' : 'hls',
        profile,
        node: 'n1',
        iceServers: [],
        decision: [{ step: 'policy', result: profile, rule: 'test', reason: 'As the test has it.' }],
      });
    });
    app.post<{ Body: { sessionId: string } }>('/api/v1/streams/:camera/stop', async (request, reply) => {
      this.stopped.push(request.body.sessionId);
      this.#drop(request.body.sessionId);
      return reply.code(204).send();
    });
    app.post<{ Params: { id: string } }>('/api/v1/sessions/:id/renew', async (request) => {
      const { id } = request.params;
      this.renewed.push(id);
      if (this.stopped.includes(id)) throw new VedetteError('session_not_found');
      if (this.views.get(id)?.revoked === true) throw new VedetteError('session_revoked');
      return this.#links(id, this.views.get(id)?.webrtcToo ?? true);
    });
  }

  #links(id: string, webrtcToo: boolean) {
    const view = this.views.get(id);
    if (view === undefined) throw new VedetteError('session_not_found');
    view.newest += 1;
    const { cameraId, profile } = view;
    const path = pathOf(cameraId, profile);
    const token = `${id}.${view.newest}`;
    const hls = `${this.nodeAddress}/hls/${token}/${path}/index.m3u8`;
    return {
      sessionId: id,
      url: webrtcToo ? `${this.nodeAddress}/whep/${path}` : hls,
      token,
      expiresAt: new Date(Date.now() + this.lifeMs).toISOString(),
      fallbacks: webrtcToo ? [{ protocol: 'hls', profile, url: hls, token }] : [],
    };
  }

  #authorize(token: string, path: string): MediaClaims {
    const [id = '', number] = token.split('.');
    const view = this.views.get(id);
    if (view === undefined || pathOf(view.cameraId, view.profile) !== path)
      throw new VedetteError('forbidden');
    if (Number(number) < view.oldest) throw new VedetteError('unauthenticated');
    if (view.revoked || this.stopped.includes(id)) throw new VedetteError('session_revoked');
    const { cameraId: cam, profile } = view;
    const protocols = ['webrtc', 'hls'];
    return MediaClaims.parse({ sub: 'u1', sid: id, cam, paths: { [profile]: path }, protocols });
  }

  #drop(id: string): void {
    this.#webrtc.get(id)?.close('revoked');
    this.#webrtc.delete(id);
    for (const viewer of this.#egress.viewers()) if (viewer.claims.sid === id) viewer.close('revoked');
  }
}

/** Tracks of both feeders at once, as they are in a camera's SDP; frames wait until then. */
function joined(sink: FrameSink): FrameSink {
  const all: Track[] = [];
  const waiting: EncodedFrame[] = [];
  return {
    tracks(tracks) {
      all.push(...tracks);
      if (all.length < 2) return;
      sink.tracks(all);
      for (const frame of waiting.splice(0)) sink.frame(frame);
    },
    frame(frame) {
      if (all.length < 2) waiting.push(frame);
      else sink.frame(frame);
    },
  };
}

function pathOf(cameraId: string, profile: Profile): string {
  return profile === 'main' ? `cam_${cameraId}` : `cam_${cameraId}_sub`;
}
