import { MediaClaims, type Protocol } from '@vedette/contracts';
import type { EncodedFrame, Track } from '@vedette/media-types';
import { createHttpServer, silentLog, VedetteError } from '@vedette/runtime';
import { describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../../tests/support/held-clock.ts';
import type { AdmissionPort, PathCredentials } from '../../auth/admission-port.ts';
import { StreamHub } from '../../hub/stream-hub.ts';
import type { PictureRequest } from './decode-picture.ts';
import { SnapshotAccess } from './snapshot-access.ts';
import { snapshotRoutes } from './snapshot-routes.ts';
import { Snapshots, snapshotWidth } from './snapshots.ts';

const WALL_MS = Date.UTC(2026, 10, 20, 12);
const VIDEO: Track = {
  kind: 'video',
  id: 1,
  codec: 'h264',
  clockRate: 90_000,
  parameterSets: { sps: new Uint8Array(4), pps: new Uint8Array(4) },
  width: 1280,
  height: 720,
};

function keyFrame(n: number): EncodedFrame {
  const ticks = n * 90_000;
  return {
    trackId: 1,
    kind: 'video',
    dtsTicks: ticks,
    ptsTicks: ticks,
    key: true,
    data: Uint8Array.of(n),
    parameterSetBytes: 0,
    wallClockMs: WALL_MS + n * 1000,
  };
}

function setUp() {
  const hub = new StreamHub();
  const asked: PictureRequest[] = [];
  let busy = 0;
  let busiest = 0;
  const snapshots = new Snapshots({
    lookup: (path) => (path === 'cam_a' ? hub : undefined),
    limitBytes: 25,
    decode: async (request) => {
      asked.push(request);
      busy += 1;
      busiest = Math.max(busiest, busy);
      await new Promise((resolve) => setImmediate(resolve));
      busy -= 1;
      if (request.frame.data[0] === 99) throw new Error('broken');
      return Buffer.from(`jpeg-${request.frame.data[0]}-${request.width}`);
    },
  });
  return { hub, asked, snapshots, busiest: () => busiest };
}

describe('snapshots', () => {
  it('are made once a key frame and width, however many ask, one at a time a camera', async () => {
    const { hub, asked, snapshots, busiest } = setUp();
    hub.tracks([VIDEO]);
    hub.frame(keyFrame(1));
    const same = await Promise.all([1, 2, 3].map(() => snapshots.take('cam_a', 320)));
    expect(new Set(same).size).toBe(1);
    await Promise.all([
      snapshots.take('cam_a', 320),
      snapshots.take('cam_a', 160),
      snapshots.take('cam_a', 640),
    ]);
    expect(asked.map(({ width }) => width)).toEqual([320, 160, 640]);
    expect(busiest()).toBe(1);
    hub.frame(keyFrame(2));
    expect((await snapshots.take('cam_a', 160)).jpeg.toString()).toBe('jpeg-2-160');
  });

  it('of a camera that is not pulled are the last one, with its time, or none', async () => {
    const { hub, snapshots } = setUp();
    await expect(snapshots.take('cam_a', 320)).rejects.toMatchObject({ code: 'not_running' });
    hub.tracks([VIDEO]);
    hub.frame(keyFrame(1));
    await snapshots.take('cam_a', 320);
    hub.interrupted();
    expect(await snapshots.take('cam_a', 320)).toMatchObject({ takenAtMs: WALL_MS + 1000 });
    await expect(snapshots.take('cam_a', 640)).rejects.toMatchObject({ code: 'not_running' });
  });

  it('keep to their memory, and tell a picture that cannot be made', async () => {
    const { hub, asked, snapshots } = setUp();
    hub.tracks([VIDEO]);
    hub.frame(keyFrame(1));
    for (const width of [160, 320, 640, 160]) await snapshots.take('cam_a', width);
    expect(asked.map(({ width }) => width)).toEqual([160, 320, 640, 160]);
    hub.frame(keyFrame(99));
    await expect(snapshots.take('cam_a', 160)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('come in four widths', () => {
    expect([1, 160, 161, 640, 1000, 4000].map(snapshotWidth)).toEqual([160, 160, 320, 640, 1280, 1280]);
  });
});

describe('GET /snapshot/{path}', () => {
  async function served(grants: readonly Protocol[]) {
    const { hub, asked, snapshots } = setUp();
    const clock = new HeldClock(WALL_MS);
    const admitted: [PathCredentials['kind'], Protocol][] = [];
    const admission: AdmissionPort = {
      admit: async ({ credentials, protocol, path }) => {
        admitted.push([credentials.kind, protocol]);
        if (credentials.kind === 'none') throw new VedetteError('unauthenticated');
        if (!grants.includes(protocol)) throw new VedetteError('forbidden');
        if (path === 'cam_far')
          return { kind: 'elsewhere', url: 'https://node-2.example/n/2/hls/cam_far/index.m3u8' };
        const claims = MediaClaims.parse({
          sub: 'u1',
          sid: 's1',
          cam: 'a',
          paths: { main: path },
          protocols: grants,
        });
        return { kind: 'granted', token: 'a.b.c', path: path === 'police_17' ? 'cam_a' : path, claims };
      },
    };
    const app = createHttpServer({ log: silentLog(), bodyLimit: 1024 });
    await app.register(snapshotRoutes, { snapshots, access: new SnapshotAccess(admission), clock });
    return { app, hub, asked, clock, admitted };
  }
  const basic = { authorization: `Basic ${btoa('guard:sesame')}` };

  it('gives a JPEG that tells its age and is asked for again by its tag', async () => {
    const { app, hub, clock } = await served(['hls']);
    hub.tracks([VIDEO]);
    hub.frame(keyFrame(0));
    await clock.pass(2500);
    const answer = await app.inject({ url: '/snapshot/cam_a?width=300&token=a.b.c' });
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toBe('jpeg-0-320');
    expect(answer.headers).toMatchObject({
      'content-type': 'image/jpeg',
      'cache-control': 'private, no-cache',
      'last-modified': 'Fri, 20 Nov 2026 12:00:00 GMT',
      age: '2',
    });
    const headers = { 'if-none-match': String(answer.headers.etag) };
    const again = await app.inject({ url: '/snapshot/cam_a?width=320&token=a.b.c', headers });
    expect([again.statusCode, again.body]).toEqual([304, '']);
    await app.close();
  });

  it('is for who may watch by any protocol, and a name that looks often is admitted once', async () => {
    const { app, hub, admitted } = await served(['rtsp']);
    hub.tracks([VIDEO]);
    hub.frame(keyFrame(0));
    for (let i = 0; i < 3; i += 1)
      expect((await app.inject({ url: '/snapshot/cam_a', headers: basic })).statusCode).toBe(200);
    expect(admitted.filter(([kind]) => kind === 'basic').at(-1)).toEqual(['basic', 'rtsp']);
    expect(admitted.filter(([kind, protocol]) => kind === 'basic' && protocol === 'rtsp')).toHaveLength(1);
    await app.close();
  });

  it('finds the stream by a name of its own, and a name that looks often is admitted once there too', async () => {
    const { app, hub, admitted, asked } = await served(['hls']);
    hub.tracks([VIDEO]);
    hub.frame(keyFrame(0));
    for (let i = 0; i < 3; i += 1)
      expect((await app.inject({ url: '/snapshot/police_17', headers: basic })).statusCode).toBe(200);
    expect(admitted.map(([kind]) => kind)).toEqual(['basic', 'bearer', 'bearer']);
    expect(asked).toHaveLength(1);
    await app.close();
  });

  it('asks for credentials, refuses odd widths, says what is not running, and leads to the right node', async () => {
    const { app } = await served(['hls']);
    const open = await app.inject({ url: '/snapshot/cam_a' });
    expect([open.statusCode, open.headers['www-authenticate']]).toEqual([
      401,
      'Basic realm="Vedette", charset="UTF-8"',
    ]);
    expect((await app.inject({ url: '/snapshot/cam_a?width=-1', headers: basic })).statusCode).toBe(400);
    const cold = await app.inject({ url: '/snapshot/cam_a', headers: basic });
    expect([cold.statusCode, cold.json().code]).toEqual([404, 'not_running']);
    const far = await app.inject({ url: '/snapshot/cam_far', headers: basic });
    expect(far.headers.location).toBe('https://node-2.example/n/2/snapshot/cam_far');
    await app.close();
  });
});
