// Puts the MediaMTX engine together: MediaMTX itself, who may, and the ways in that are ours.
// Not its job: what both engines share (main.ts).
import { readFileSync } from 'node:fs';
import type { ReasonCode } from '@vedette/contracts';
import { RtspRefusal } from '@vedette/rtsp';
import { iceServersFor, newSecret, sameSecret, VedetteError } from '@vedette/runtime';
import { rtspRefusal } from '../egress/rtsp/rtsp-refusal.ts';
import { lookAtMediaMtx, type MediaMtxPlaces } from '../engine/mediamtx/attached-mediamtx.ts';
import { AuthEndpoint } from '../engine/mediamtx/auth-endpoint.ts';
import { type ClientList, MediaMtxApi } from '../engine/mediamtx/mediamtx-api.ts';
import { MediaMtxEngine } from '../engine/mediamtx/mediamtx-engine.ts';
import { MediaMtxProcess } from '../engine/mediamtx/mediamtx-process.ts';
import { askUpstream } from '../engine/mediamtx/ways-in/ask-upstream.ts';
import { hlsGate } from '../engine/mediamtx/ways-in/hls-gate.ts';
import { RtspGate, type RtspKnock } from '../engine/mediamtx/ways-in/rtsp-gate.ts';
import { whepGate } from '../engine/mediamtx/ways-in/whep-gate.ts';
import { whipGate } from '../engine/mediamtx/ways-in/whip-gate.ts';
import type { View } from '../engine/view-registry.ts';
import { registerEngineMetrics } from '../engine-metrics.ts';
import type { NodeParts, NodeTools } from './node-parts.ts';

const METRICS_WITHIN_MS = 5000;

/** A MediaMTX of ours, or somebody else's: where it is, and what it costs this machine. */
interface Running {
  readonly api: MediaMtxApi;
  readonly places: MediaMtxPlaces;
  readonly process: MediaMtxProcess | undefined;
}

export async function openMediaMtxParts(tools: NodeTools): Promise<NodeParts> {
  const { admission, clock, config, log, metrics, revoked, rules, verifier } = tools;
  const { mediamtx } = config;
  const apiToken = newSecret();
  const auth = await AuthEndpoint.listen({
    verifier,
    apiToken,
    log,
    port: mediamtx.authPort ?? 0,
    sourceOf: (path) => engine.desired(path)?.source,
    onLetIn: (id, who) => engine.letIn(id, who),
  });
  const opening = mediamtx.api === undefined ? run() : attach(mediamtx.api);
  const { api, places, process }: Running = await opening.catch(async (error: unknown) => {
    await auth.close();
    throw error;
  });

  const ended = ({ cameraId, protocol, sessionId }: View, reason: ReasonCode) =>
    log.info({ sessionId, cameraId, protocol, reason }, 'view ended');
  const lists: ClientList[] = ['webrtcsessions', places.rtspList];
  if (places.listens.rtmp)
    lists.push(config.tls !== undefined && process !== undefined ? 'rtmpsconns' : 'rtmpconns');
  if (places.listens.srt) lists.push('srtconns');
  const engine: MediaMtxEngine = new MediaMtxEngine({
    api,
    clock,
    log,
    random: Math.random,
    rules,
    defaults: {
      recordFolder: mediamtx.recordFolder,
      recordHours: mediamtx.recordHours,
      listens: places.listens,
    },
    lists,
    exclusive: process !== undefined,
    setAllPaths: process === undefined ? undefined : (paths) => process.setPaths(paths),
    isRevoked: (sessionId) => revoked.has(sessionId),
    onEnded: ended,
  });
  registerEngineMetrics(metrics, engine);
  await process?.start();
  engine.start();

  const rtspGate = await RtspGate.listen({
    host: config.bind,
    port: config.rtspPort,
    tls: config.tls && { cert: readFileSync(config.tls.certFile), key: readFileSync(config.tls.keyFile) },
    upstream: places.rtsp,
    admit: (knock) => admitRtsp(knock),
    log,
  });

  return {
    engine,
    traffic: () => ({ ...engine.traffic(), ffmpeg: { running: 0, queued: 0 }, helper: process?.usage() }),
    mediaRoutes: [
      (instance) => hlsGate(instance, { engine, verifier, admission, upstream: places.hls }),
      (instance) =>
        whepGate(instance, {
          engine,
          auth,
          admission,
          upstream: places.webrtc,
          iceServers: (claims) => iceServersFor(config.iceServers, claims.sub, clock.wallNow()),
          isRevoked: (sessionId) => revoked.has(sessionId),
        }),
      (instance) => whipGate(instance, { engine, upstream: places.webrtc }),
      async (instance) => {
        // As it tells them; ours are at /metrics.
        instance.get('/metrics/mediamtx', async (request, reply) => {
          if (places.metrics === undefined) throw new VedetteError('not_found');
          const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
          if (token === undefined || !sameSecret(token, config.nodeToken))
            throw new VedetteError('unauthenticated');
          const told = await askUpstream({
            url: `${places.metrics}/metrics`,
            method: 'GET',
            headers: { authorization: `Bearer ${apiToken}` },
            signal: AbortSignal.timeout(METRICS_WITHIN_MS),
          });
          return reply.type('text/plain; version=0.0.4').send(told.body);
        });
        instance.get('/snapshot/:path', async () => {
          throw new VedetteError('engine_unsupported', { detail: 'MediaMTX makes no pictures of a stream.' });
        });
      },
    ],
    async close() {
      await rtspGate.close();
      await engine.shutdown();
      await process?.stop();
      await auth.close();
    },
  };

  async function admitRtsp(knock: RtspKnock): Promise<{ readonly path: string; readonly token: string }> {
    try {
      const answer = await admission.admit({ ...knock, protocol: 'rtsp' });
      if (answer.kind === 'elsewhere')
        throw new RtspRefusal(302, 'on another node', [`Location: ${answer.url}`]);
      const { claims, path, token } = answer;
      using _knocking = await engine.admit(path, claims, 'rtsp');
      auth.expect(claims.sid, knock.clientAddress);
      return { path, token };
    } catch (error) {
      throw error instanceof RtspRefusal ? error : rtspRefusal(error);
    }
  }

  async function attach(address: string): Promise<Running> {
    const found = new MediaMtxApi({ address, token: apiToken });
    return {
      api: found,
      places: await lookAtMediaMtx(found, { address, authAddress: auth.address }),
      process: undefined,
    };
  }

  async function run(): Promise<Running> {
    const { rtmpPort, srtPort } = mediamtx;
    const made = await MediaMtxProcess.prepare({
      program: mediamtx.program,
      configFile: mediamtx.configFile,
      config: {
        authAddress: auth.address,
        bind: config.bind,
        udpPort: config.udpPort,
        publicHosts: config.publicHosts,
        rtmp: rtmpPort === undefined ? undefined : { port: rtmpPort, ...config.tls },
        srtPort,
      },
      clock,
      log,
      random: Math.random,
      paths: () => engine.wantedPaths(),
      onLine: (line) => engine.heard(line),
      onExit: () => engine.lost(),
    });
    const { ports } = made;
    return {
      api: new MediaMtxApi({ address: `http://127.0.0.1:${ports.api}`, token: apiToken }),
      places: {
        hls: `http://127.0.0.1:${ports.hls}`,
        webrtc: `http://127.0.0.1:${ports.webrtc}`,
        metrics: `http://127.0.0.1:${ports.metrics}`,
        rtsp: { host: '127.0.0.1', port: ports.rtsp },
        listens: { rtmp: rtmpPort !== undefined, srt: srtPort !== undefined },
        rtspList: 'rtspsessions',
      },
      process: made,
    };
  }
}
