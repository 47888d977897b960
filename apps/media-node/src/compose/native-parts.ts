// Puts the native engine together: sources, streams, and every way out of a node.
// Not its job: what both engines share (main.ts).
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ReasonCode } from '@vedette/contracts';
import { RtspServer } from '@vedette/rtsp';
import { AllowedHosts, iceServersFor } from '@vedette/runtime';
import { HlsEgress } from '../egress/hls/hls-egress.ts';
import { hlsRoutes } from '../egress/hls/hls-routes.ts';
import { RelayOut } from '../egress/relay/relay-out.ts';
import { rtspChallenges } from '../egress/rtsp/rtsp-challenges.ts';
import { RtspOut } from '../egress/rtsp/rtsp-out.ts';
import { createDecodePicture } from '../egress/snapshot/decode-picture.ts';
import { SnapshotAccess } from '../egress/snapshot/snapshot-access.ts';
import { snapshotRoutes } from '../egress/snapshot/snapshot-routes.ts';
import { Snapshots } from '../egress/snapshot/snapshots.ts';
import { WhepEndpoint } from '../egress/whep/whep-endpoint.ts';
import { whepRoutes } from '../egress/whep/whep-routes.ts';
import { NativeEngine } from '../engine/native/native-engine.ts';
import { hlsView, rtspView, whepView } from '../engine/native/views.ts';
import { registerEngineMetrics } from '../engine-metrics.ts';
import { FfmpegJobs } from '../ffmpeg/ffmpeg-jobs.ts';
import { registerFfmpegMetrics } from '../ffmpeg/ffmpeg-metrics.ts';
import { ffmpegTools } from '../ffmpeg/ffmpeg-tools.ts';
import { outputStarter } from '../ffmpeg/push/start-output.ts';
import { createSource } from '../ingest/create-source.ts';
import { HttpRelay } from '../ingest/http/http-relay.ts';
import { createHttpDialer } from '../ingest/http-audio/http-dialer.ts';
import { PublishRegistry } from '../ingest/publish/publish-registry.ts';
import { publishByRtsp } from '../ingest/publish/rtsp-publishing.ts';
import { WhipEndpoint } from '../ingest/publish/whip-endpoint.ts';
import { whipRoutes } from '../ingest/publish/whip-routes.ts';
import { PullGuards } from '../ingest/retry/pull-guards.ts';
import { createSourceDialer } from '../ingest/source-dialer.ts';
import { SourceSupervisor } from '../ingest/source-supervisor.ts';
import { LoopbackRtsp } from '../loopback/loopback-rtsp.ts';
import { RelayLinks } from '../relay/relay-links.ts';
import { requireUdpPort } from '../webrtc/udp-port.ts';
import type { NodeParts, NodeTools } from './node-parts.ts';

/** 200 cameras started in the same second are all up within 10 s, and no switch sees a storm. */
const DIALS_AT_ONCE = 32;
/** Of snapshots; apart from what runs for long, which would keep them waiting. */
const DECODES_AT_ONCE = 2;

export async function openNativeParts(tools: NodeTools): Promise<NodeParts> {
  const { admission, clock, config, log, metrics, revoked, rules, verifier } = tools;
  await requireUdpPort(config.bind, config.udpPort);
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
  const guards = new PullGuards({ dial, clock, random: Math.random });
  const relayOut = new RelayOut({ lookup: (path) => engine.stream(path), clock });
  const relay = await RelayLinks.open({
    nodeId: config.nodeId,
    listen: config.relay && { host: bind, port: config.relay.port },
    publicHost: config.relay?.host ?? '',
    give: (path, stream, to) => relayOut.give(path, stream, to),
    onOffered: (nodeId) => engine.wakeTakenFrom(nodeId),
    clock,
    random: Math.random,
    log,
  });
  const sourceTools = {
    ...{ clock, dial, dialHttp, publishers, ffmpeg, httpRelay, fileFolders, bind, lookup },
    relay,
  };
  const engine: NativeEngine = new NativeEngine({
    clock,
    startSource: (desired, sink, onChange, isWatched) =>
      new SourceSupervisor({
        createSource: (firstTicks, onPlaying, onWaiting, onNews) =>
          createSource(desired, sourceTools, { firstTicks, onPlaying, onWaiting, onNews }),
        sink,
        guard: guards.of(desired, isWatched),
        clock,
        log: log.child({ cameraId: desired.cameraId, profile: desired.profile }),
        onChange,
      }),
    takersOf: (path) => relayOut.takersOf(path),
    startOutput: outputStarter({ ffmpeg, rules, clock, random: Math.random, log }),
    checkStandstill: () => tools.standstill.check(),
    onSubscriberError: (path, subscriberId, err) =>
      log.error({ path, subscriberId, err }, 'a way out failed and was closed'),
  });

  engine.onChange(() => relayOut.changed());
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

  return {
    engine,
    traffic() {
      const traffic = engine.traffic();
      return { ...traffic, bytesOut: traffic.bytesOut + relayOut.bytesSent, ffmpeg: ffmpeg.jobs.load() };
    },
    relay,
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
          iceServers: (claims) =>
            iceServersFor(config.iceServers, claims.sub, clock.wallNow(), config.labels['site']),
        }),
      (instance) => whipRoutes(instance, { endpoint: whip, registry: publishers }),
    ],
    async close() {
      whip.close();
      endpoint.close('shutting_down');
      hlsEgress.close();
      snapshots.close();
      await rtspServer.close();
      await engine.shutdown();
      await relay.close();
      await httpRelay.close();
      await loopback.close();
    },
  };
}
