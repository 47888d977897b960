import { fileURLToPath } from 'node:url';
import type { MediaClaims, ReasonCode, SessionId } from '@vedette/contracts';
import { createHttpServer, silentLog, systemClock, VedetteError } from '@vedette/runtime';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WhepEndpoint } from '../../apps/media-node/src/egress/whep/whep-endpoint.ts';
import { whepRoutes } from '../../apps/media-node/src/egress/whep/whep-routes.ts';
import { StreamHub } from '../../apps/media-node/src/hub/stream-hub.ts';
import { WhepViewer } from '../../simulators/viewers/whep-viewer.ts';
import { ClipFeeder } from '../support/clip-feeder.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-ports.ts';
import { bearerAdmission } from '../support/token-admission.ts';

const CLIP = fileURLToPath(new URL('../../fixtures/clips/gate-main.h264', import.meta.url));

describe('WHEP, between libdatachannel and libdatachannel', () => {
  const hub = new StreamHub();
  const cold = new StreamHub();
  const left: { sessionId: string; reason: ReasonCode }[] = [];
  let feeder: ClipFeeder;
  let endpoint: WhepEndpoint;
  let app: FastifyInstance;
  let address = '';

  beforeAll(async () => {
    feeder = new ClipFeeder({ file: CLIP, fps: 15, sink: hub });
    endpoint = new WhepEndpoint({
      clock: systemClock,
      bind: '127.0.0.1',
      udpPort: await freePort(),
      publicHosts: [],
    });
    app = createHttpServer({ log: silentLog(), bodyLimit: 64 * 1024 });
    await app.register(whepRoutes, {
      endpoint,
      admission: bearerAdmission(async (token) => {
        if (token === 'foreign') throw new VedetteError('forbidden');
        return { sid: token as SessionId } as MediaClaims;
      }),
      lookup: (path: string) => ({ cam_warm: hub, cam_cold: cold })[path],
      admit: () => undefined,
      onJoin: () => undefined,
      onOpen: () => undefined,
      onLeave: (viewer, reason) => void left.push({ sessionId: viewer.claims.sid, reason }),
      iceServers: () => [{ urls: ['stun:stun.example:3478'] }],
    });
    address = await app.listen({ port: 0, host: '127.0.0.1' });
  });

  afterAll(async () => {
    feeder[Symbol.dispose]();
    endpoint.close('shutting_down');
    await app.close();
  });

  const open = (token: string, path = 'cam_warm') =>
    WhepViewer.open({ url: `${address}/whep/${path}`, token });
  const post = (body: string, headers: Record<string, string>) =>
    fetch(`${address}/whep/cam_warm`, { method: 'POST', body, headers });

  it('gives a joining viewer a key frame at once, then every frame', async () => {
    await using viewer = await open('a1');
    const counts = await eventually(
      'the first key frame',
      () => viewer.counts.firstKeyFrameAt !== undefined && viewer.counts,
    );
    expect((counts.firstKeyFrameAt ?? 0) - viewer.openedAt).toBeLessThan(1000);
    const before = viewer.counts.frames;
    await eventually('fifteen more frames', () => viewer.counts.frames >= before + 15);
    expect(viewer.counts.lost).toBe(0);
  });

  it('serves 50 viewers who ask in the same instant', async () => {
    const viewers = await Promise.all(Array.from({ length: 50 }, (_, i) => open(`burst${i}`)));
    await eventually('a key frame for each of them', () =>
      viewers.every((viewer) => viewer.counts.keyFrames > 0),
    );
    await Promise.all(viewers.map((viewer) => viewer.close()));
    await eventually('nobody is left', () => endpoint.sessionCount === 0);
  });

  it('answers before the camera has pictures, and sends from its first key frame', async () => {
    await using viewer = await open('c1', 'cam_cold');
    await eventually('connected', () => viewer.state === 'connected');
    expect(viewer.counts.frames).toBe(0);
    using _late = new ClipFeeder({ file: CLIP, fps: 15, sink: cold });
    await eventually('pictures', () => viewer.counts.keyFrames > 0);
  });

  it('replaces the older connection of the same view', async () => {
    await using first = await open('r1');
    await eventually('pictures', () => first.counts.frames > 0);
    await using second = await open('r1');
    await eventually('pictures again', () => second.counts.frames > 0);
    expect(left).toContainEqual({ sessionId: 'r1', reason: 'replaced' });
    expect(endpoint.sessionCount).toBe(1);
  });

  it('knows a viewer who says goodbye, and one who vanishes within 7 s', async () => {
    const polite = await open('p1');
    await polite.close();
    expect(left).toContainEqual({ sessionId: 'p1', reason: 'viewer_left' });
    const silent = await open('v1');
    await eventually('pictures', () => silent.counts.frames > 0);
    await silent.close('silently');
    await eventually('its end', () => left.some((end) => end.sessionId === 'v1'), { withinMs: 7000 });
  });

  it('refuses what is not an offer, not SDP, too large, not signed, or of nobody', async () => {
    const auth = { authorization: 'Bearer x1' };
    const sdp = { ...auth, 'content-type': 'application/sdp' };
    const answers = await Promise.all([
      post('hello', sdp),
      post('{}', { ...auth, 'content-type': 'application/json' }),
      post('x'.repeat(70_000), sdp),
      post('v=0', { 'content-type': 'application/sdp' }),
      post('v=0', { authorization: 'Bearer foreign', 'content-type': 'application/sdp' }),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual([400, 415, 413, 401, 403]);
    expect(
      answers.every((answer) => answer.headers.get('content-type')?.startsWith('application/problem+json')),
    ).toBe(true);
  });

  it('lets nobody end a view of somebody else', async () => {
    await using viewer = await open('o1');
    await eventually('pictures', () => viewer.counts.frames > 0);
    const location = viewer.resource ?? '';
    const foreign = await fetch(location, { method: 'DELETE', headers: { authorization: 'Bearer other' } });
    expect(foreign.status).toBe(404);
    expect(endpoint.sessionCount).toBe(1);
  });
});
