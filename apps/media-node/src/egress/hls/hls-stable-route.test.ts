import { MediaClaims } from '@vedette/contracts';
import { createHttpServer, silentLog, VedetteError } from '@vedette/runtime';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AdmissionRequest } from '../../auth/admission-port.ts';
import { hlsStableRoute } from './hls-stable-route.ts';

let app: FastifyInstance;
let asked: AdmissionRequest[];

beforeEach(async () => {
  asked = [];
  app = createHttpServer({ log: silentLog(), bodyLimit: 1024 });
  await app.register(async (instance) =>
    hlsStableRoute(instance, {
      admit: async (request) => {
        asked.push(request);
        if (request.credentials.kind === 'none') throw new VedetteError('unauthenticated');
        if (request.path === 'cam_far')
          return { kind: 'elsewhere', url: 'https://node-2.example/hls/cam_far/index.m3u8' };
        if (request.path !== 'cam_a' && request.path !== 'police_17') throw new VedetteError('forbidden');
        const paths = { main: 'cam_a' };
        const claims = MediaClaims.parse({ sub: 'u1', sid: 's1', cam: 'a', paths, protocols: ['hls'] });
        return { kind: 'granted', token: 'a.b.c', path: 'cam_a', claims };
      },
    }),
  );
});
afterEach(() => app.close());

const get = (url: string, authorization?: string) =>
  app.inject({ url, headers: authorization === undefined ? {} : { authorization } });

describe('the stable address of a stream', () => {
  it.each([
    [
      '/hls/cam_a/index.m3u8',
      `Basic ${btoa('guard:open:sesame')}`,
      { kind: 'basic', username: 'guard', password: 'open:sesame' },
    ],
    ['/hls/cam_a/index.m3u8', 'Bearer vt_key', { kind: 'bearer', token: 'vt_key' }],
    ['/hls/cam_a/index.m3u8?token=vt_key', undefined, { kind: 'bearer', token: 'vt_key' }],
  ])('leads who may to the address of the view: %s %s', async (url, authorization, credentials) => {
    const answer = await get(url, authorization);
    expect(answer.statusCode).toBe(302);
    expect(new URL(String(answer.headers.location), 'http://node/n/one/hls/cam_a/index.m3u8').pathname).toBe(
      '/n/one/hls/a.b.c/cam_a/index.m3u8',
    );
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(asked).toMatchObject([{ path: 'cam_a', protocol: 'hls', credentials }]);
  });

  it('given by a name of its own leads to what the node calls the stream', async () => {
    const answer = await get('/hls/police_17/index.m3u8', 'Bearer vt_key');
    expect(answer.headers.location).toBe('../a.b.c/cam_a/index.m3u8');
  });

  it('leads to the node where the stream runs', async () => {
    const answer = await get('/hls/cam_far/index.m3u8', 'Bearer vt_key');
    expect(answer.headers.location).toBe('https://node-2.example/hls/cam_far/index.m3u8');
  });

  it('asks for a name and a password where none is given, and says no without asking again', async () => {
    const open = await get('/hls/cam_a/index.m3u8');
    expect(open.statusCode).toBe(401);
    expect(open.headers['www-authenticate']).toBe('Basic realm="Vedette", charset="UTF-8"');
    const refused = await get('/hls/cam_b/index.m3u8', 'Bearer vt_key');
    expect(refused.statusCode).toBe(403);
    expect(refused.headers['www-authenticate']).toBeUndefined();
  });
});
