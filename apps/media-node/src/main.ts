// Composition root of a media node: the only file that names implementations and opens its ports.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { ReasonCode } from '@vedette/contracts';
import { RtspServer } from '@vedette/rtsp';
import {
  AddressRules,
  AllowedHosts,
  createLog,
  createMetrics,
  iceServersFor,
  type Log,
  runUntilSignal,
  SettingsError,
  systemClock,
  VedetteError,
} from '@vedette/runtime';
import { ControlLink } from './agent/control-link.ts';
import { ControlAdmission } from './auth/control-admission.ts';
import { KeySet } from './auth/key-set.ts';
import { RevocationList } from './auth/revocation-list.ts';
import { TokenAdmission } from './auth/token-admission.ts';
import { JwksTokenVerifier } from './auth/token-verifier.ts';
import { type NodeConfig, readConfig } from './config.ts';
import { HlsEgress } from './egress/hls/hls-egress.ts';
import { hlsRoutes } from './egress/hls/hls-routes.ts';
import { rtspChallenges } from './egress/rtsp/rtsp-challenges.ts';
import { RtspOut } from './egress/rtsp/rtsp-out.ts';
import { createDecodePicture } from './egress/snapshot/decode-picture.ts';
import { SnapshotAccess } from './egress/snapshot/snapshot-access.ts';
import { snapshotRoutes } from './egress/snapshot/snapshot-routes.ts';
import { Snapshots } from './egress/snapshot/snapshots.ts';
import { WhepEndpoint } from './egress/whep/whep-endpoint.ts';
import { whepRoutes } from './egress/whep/whep-routes.ts';
import { LoadMeter } from './engine/native/load-meter.ts';
import { NativeEngine } from './engine/native/native-engine.ts';
import { hlsView, rtspView, whepView } from './engine/native/views.ts';
import { registerEngineMetrics } from './engine-metrics.ts';
import { FfmpegJobs } from './ffmpeg/ffmpeg-jobs.ts';
import { registerFfmpegMetrics } from './ffmpeg/ffmpeg-metrics.ts';
import { ffmpegTools } from './ffmpeg/ffmpeg-tools.ts';
import { outputStarter } from './ffmpeg/push/start-output.ts';
import { AllowedOrigins } from './http/allowed-origins.ts';
import { createNodeHttp } from './http/node-http.ts';
import { createSource } from './ingest/create-source.ts';
import { HttpRelay } from './ingest/http/http-relay.ts';
import { createHttpDialer } from './ingest/http-audio/http-dialer.ts';
import { PublishRegistry } from './ingest/publish/publish-registry.ts';
import { publishByRtsp } from './ingest/publish/rtsp-publishing.ts';
import { WhipEndpoint } from './ingest/publish/whip-endpoint.ts';
import { whipRoutes } from './ingest/publish/whip-routes.ts';
import { createSourceDialer } from './ingest/source-dialer.ts';
import { SourceSupervisor } from './ingest/source-supervisor.ts';
import { LoopbackRtsp } from './loopback/loopback-rtsp.ts';

const VERSION = '0.1.0';
const MAX_WEBRTC_VIEWERS = 1000;
/** 200 cameras started in the same second are all up within 10 s, and no switch sees a storm. */
const DIALS_AT_ONCE = 32;
/** Of snapshots; apart from what runs for long, which would keep them waiting. */
const DECODES_AT_ONCE = 2;
/** Tells whoever started us that trying again would not help. */
const EXIT_DO_NOT_RESTART = 2;

async function start(config: NodeConfig, log: Log): Promise<() => Promise<void>> {
  const clock = systemClock;
  const keys = new KeySet({ file: config.jwksFile, log });
  await keys.load();
  const revoked = new RevocationList({ clock });
  const verifier = new JwksTokenVerifier({ keys, revoked, clock });

  const rules = new AddressRules({
    networks: config.sourceNetworks,
    ownAddresses: () =>
      Object.values(networkInterfaces()).flatMap((found) => found?.map(({ address }) => address) ?? []),
    ownPorts: config.ownPorts,
  });
  const dial = createSourceDialer({ rules, atOnce: DIALS_AT_ONCE });
  const dialHttp = createHttpDialer({
    hosts: new AllowedHosts(config.httpSourceHosts),
    rules,
    atOnce: DIALS_AT_ONCE,
  });
  const publishers = new PublishRegistry({ clock });
  const loopback = await LoopbackRtsp.open({ clock });
  const httpRelay = await HttpRelay.open({ dial: dialHttp });
  const { ffmpegPath, ffmpegJobs: limit, fileFolders, bind } = config;
  const ffmpeg = ffmpegTools({ ffmpegPath, limit, loopback, clock, random: Math.random, log });
  const lookup = (path: string) => engine.stream(path)?.hub;
  const sourceTools = { clock, dial, dialHttp, publishers, ffmpeg, httpRelay, fileFolders, bind, lookup };
  const engine: NativeEngine = new NativeEngine({
    clock,
    startSource: (desired, sink, onChange) =>
      new SourceSupervisor({
        createSource: (firstTicks, onPlaying, onWaiting, onNews) =>
          createSource(desired, sourceTools, { firstTicks, onPlaying, onWaiting, onNews }),
        sink,
        clock,
        random: Math.random,
        log: log.child({ cameraId: desired.cameraId, profile: desired.profile }),
        onChange,
      }),
    startOutput: outputStarter({ ffmpeg, rules, clock, random: Math.random, log }),
    onSubscriberError: (path, subscriberId, err) =>
      log.error({ path, subscriberId, err }, 'a way out failed and was closed'),
  });
  const loadMeter = new LoadMeter({ clock });
  const metrics = createMetrics({ nodeId: config.nodeId });
  registerEngineMetrics(metrics, engine);
  registerFfmpegMetrics(metrics, ffmpeg.jobs);

  const ended = (what: { sessionId: string; cameraId: string; protocol: string }, reason: ReasonCode) =>
    log.info({ ...what, reason }, 'view ended');
  const endpoint = new WhepEndpoint({
    clock,
    bind: config.bind,
    udpPort: config.udpPort,
    publicHosts: config.publicHosts,
    renditions: ffmpeg.audio,
  });
  const whip = new WhipEndpoint({ clock, peers: endpoint.peers });
  const whep = whepView({ engine, onEnded: ended });
  const hls = hlsView({ engine, onEnded: ended });
  const hlsEgress = new HlsEgress({
    clock,
    randomBytes: (count) => randomBytes(count),
    authorize: (capability, path) => verifier.verify(capability, { path, protocol: 'hls' }),
    lookup: (path) => engine.stream(path),
    known: (path) => engine.known(path),
    renditions: ffmpeg.audio,
    onJoin: hls.join,
    onLeave: hls.leave,
  });

  const ownCertificate = config.tls === undefined ? undefined : readFileSync(config.tls.certFile, 'utf8');
  const { controlUrl, nodeId, nodeToken } = config;
  const admission = new TokenAdmission({
    verifier,
    others: new ControlAdmission({ controlUrl, nodeId, nodeToken, ownCertificate, verifier }),
  });
  const rtsp = rtspView({ engine, onEnded: ended });
  const rtspOut = new RtspOut({
    admission,
    lookup,
    isRevoked: ({ sid }) => revoked.has(sid),
    clock,
    onJoin: rtsp.join,
    onLeave: rtsp.leave,
  });
  const rtspServer = await RtspServer.listen({
    handler: {
      play: (ask) => rtspOut.play(ask),
      record: (ask, sdp) =>
        publishByRtsp(ask, sdp, { registry: publishers, clock, transcodeVideo: ffmpeg.transcodeVideo }),
    },
    clock,
    host: config.bind,
    port: config.rtspPort,
    udpAllowed: true,
    challenges: rtspChallenges,
    tls: config.tls && { cert: readFileSync(config.tls.certFile), key: readFileSync(config.tls.keyFile) },
  });

  const pictureJobs = new FfmpegJobs({ ffmpegPath, limit: Math.min(limit, DECODES_AT_ONCE), clock, log });
  const snapshots = new Snapshots({
    decode: createDecodePicture(pictureJobs),
    lookup: (path) => engine.known(path)?.hub,
  });

  const origins = new AllowedOrigins(config.allowedOrigins);
  const app = await createNodeHttp({
    log,
    metrics,
    origins,
    nodeToken: config.nodeToken,
    tls: config.tls,
    mediaRoutes: [
      (instance) => hlsRoutes(instance, { egress: hlsEgress, admission }),
      (instance) => snapshotRoutes(instance, { snapshots, access: new SnapshotAccess(admission), clock }),
      (instance) =>
        whepRoutes(instance, {
          endpoint,
          admission,
          lookup,
          admit: whep.admit,
          onJoin: whep.join,
          onOpen: whep.opened,
          onLeave: whep.leave,
          iceServers: (claims) => iceServersFor(config.iceServers, claims.sub, clock.wallNow()),
        }),
      (instance) => whipRoutes(instance, { endpoint: whip, registry: publishers }),
    ],
  });
  await app.listen({ host: config.bind, port: config.httpPort });

  const link = new ControlLink({
    engine,
    keys,
    revoked,
    load: () => loadMeter.read({ ...engine.traffic(), ffmpeg: ffmpeg.jobs.load() }),
    clock,
    log,
    controlUrl: config.controlUrl,
    nodeToken: config.nodeToken,
    ...(ownCertificate === undefined ? {} : { ownCertificate }),
    self: {
      nodeId: config.nodeId,
      version: VERSION,
      publicUrl: config.publicUrl,
      rtspUrl: config.rtspUrl,
      labels: {},
      maxWebrtcViewers: MAX_WEBRTC_VIEWERS,
    },
    onAllowedOrigins: (told) => origins.told(told),
  });
  link.start();
  log.info({ publicUrl: config.publicUrl, udpPort: config.udpPort }, 'media node ready');

  return async () => {
    link.close();
    whip.close();
    endpoint.close('shutting_down');
    hlsEgress.close();
    snapshots.close();
    await rtspServer.close();
    await engine.shutdown();
    await httpRelay.close();
    await loopback.close();
    await app.close();
    loadMeter[Symbol.dispose]();
  };
}

try {
  const config = readConfig(process.env);
  const log = createLog({ name: 'node', level: config.logLevel, nodeId: config.nodeId });
  process.on('uncaughtException', (err) => log.error({ err }, 'a mistake of ours; the node goes on'));
  process.on('unhandledRejection', (err) => log.error({ err }, 'a mistake of ours; the node goes on'));
  await runUntilSignal(await start(config, log));
} catch (error) {
  const code = (error as NodeJS.ErrnoException).code;
  const hopeless =
    error instanceof SettingsError ||
    error instanceof VedetteError ||
    code === 'EADDRINUSE' ||
    code === 'EACCES';
  console.error(`node: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(hopeless ? EXIT_DO_NOT_RESTART : 1);
}
