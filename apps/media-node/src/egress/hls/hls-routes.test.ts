import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { MediaClaims } from '@vedette/contracts';
import { createHttpServer, silentLog, systemClock, VedetteError } from '@vedette/runtime';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StreamHub } from '../../hub/stream-hub.ts';
import { picture, VIDEO_ONLY } from './frames.fixture.ts';
import { HlsEgress } from './hls-egress.ts';
import { hlsRoutes } from './hls-routes.ts';

let app: FastifyInstance;
let hub: StreamHub;
let egress: HlsEgress;

beforeEach(async () => {
  hub = new StreamHub();
  egress = new HlsEgress({
    clock: systemClock,
    randomBytes,
    lookup: (path) => (path === 'cam_a' ? { hub } : undefined),
    authorize: async (capability, path) => {
      if (capability !== 'good') throw new VedetteError('unauthenticated');
      const paths = { main: path };
      return MediaClaims.parse({ sub: 'u1', sid: 's1', cam: 'a', paths, protocols: ['hls'] });
    },
  });
  app = createHttpServer({ log: silentLog(), bodyLimit: 1024 });
  await app.register(hlsRoutes, { egress });
  hub.tracks(VIDEO_ONLY);
  for (let n = 0; n < 40; n += 1) hub.frame(picture(n));
});
afterEach(async () => {
  egress.close();
  await app.close();
});

const base = '/hls/good/cam_a/';
const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });

/** Addresses in a playlist as a browser resolves them. */
function addresses(playlist: string): string[] {
  return [...playlist.matchAll(/(?:URI="|^)(\.\.[^"\n]+)/gm)].map(
    (match) => new URL(match[1] ?? '', `http://node${base}stream.m3u8`).pathname,
  );
}

describe('the HLS addresses', () => {
  it('lead from the multivariant playlist to the media playlist beside it, and from there to all media', async () => {
    const index = await get(`${base}index.m3u8`);
    expect(index.statusCode).toBe(200);
    expect(index.headers['content-type']).toBe('application/vnd.apple.mpegurl');
    expect(index.headers['cache-control']).toBe('private, no-cache');
    expect(index.body).toContain('CODECS="avc1.64001F"');
    expect(index.body.trim().split('\n').at(-1)).toBe('stream.m3u8');
    const playlist = await get(`${base}stream.m3u8`);
    const media = addresses(playlist.body);
    expect(media).toHaveLength(1 + 10 + 1 + 3 + 1);
    for (const address of media.slice(0, -1)) {
      expect(address).toMatch(/^\/hls\/-\/cam_a\/[0-9a-f]{12}\/[ips]\d+\.[\w-]{16}\.m(?:p4|4s)$/);
      const answer = await get(address);
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['content-type']).toBe('video/mp4');
      expect(answer.headers['cache-control']).toBe('public, max-age=3600, immutable');
      expect(answer.rawPayload.byteLength).toBeGreaterThan(100);
    }
  });

  it('name no capability where caches and logs can see it', async () => {
    const { body } = await get(`${base}stream.m3u8`);
    expect(body).not.toContain('good');
  });

  it('give the playlist compressed to whoever takes it so', async () => {
    const plain = await get(`${base}stream.m3u8`);
    const packed = await get(`${base}stream.m3u8`, { 'accept-encoding': 'br, gzip' });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(packed.headers['vary']).toContain('accept-encoding');
    expect(gunzipSync(packed.rawPayload).toString()).toBe(plain.body);
  });

  it('hold the hinted part until it is there', async () => {
    const playlist = await get(`${base}stream.m3u8`);
    const hinted = addresses(playlist.body).at(-1) ?? '';
    const answer = get(hinted);
    await expect.poll(() => egress.load().blockedRequests).toBe(1);
    for (let n = 40; n < 44; n += 1) hub.frame(picture(n));
    expect((await answer).statusCode).toBe(200);
    expect((await get(hinted)).rawPayload).toEqual((await answer).rawPayload);
  });

  it.each([
    '_HLS_part=1',
    '_HLS_msn=x',
    '_HLS_msn=-1',
    '_HLS_msn=1&_HLS_msn=2',
    '_HLS_msn=9999999999',
    '_HLS_msn=1&_HLS_part=1.5',
  ])('refuse ?%s as a problem that names the field', async (query) => {
    const answer = await get(`${base}stream.m3u8?${query}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({
      code: 'invalid_request',
      fields: [{ path: expect.stringMatching(/^_HLS_/) }],
    });
    expect(answer.headers['cache-control']).toBeUndefined();
  });

  it.each([
    ['/hls/bad/cam_a/index.m3u8', 401, 'unauthenticated'],
    ['/hls/bad/cam_b/stream.m3u8', 401, 'unauthenticated'],
    ['/hls/-/cam_a/index.m3u8', 401, 'unauthenticated'],
    ['/hls/good/cam_b/stream.m3u8', 404, 'not_running'],
    ['/hls/-/cam_a/000000000000/p0.AAAAAAAAAAAAAAAA.m4s', 404, 'not_found'],
    ['/hls/-/cam_a/x/../../../etc/passwd', 404, 'not_found'],
  ])('answer %s with %d %s', async (url, status, code) => {
    const answer = await get(url);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ code });
  });

  it('answer a wrong part name as if there were nothing', async () => {
    await get(`${base}stream.m3u8`);
    const media = addresses((await get(`${base}stream.m3u8`)).body);
    const wrong = media.map((address) => address.replace(/\.[\w-]{16}\./, '.AAAAAAAAAAAAAAAA.'));
    for (const address of wrong) expect((await get(address)).statusCode).toBe(404);
  });

  it('end the view on DELETE, repeatedly', async () => {
    await get(`${base}stream.m3u8`);
    expect(egress.viewersOf('cam_a')).toBe(1);
    for (let i = 0; i < 2; i += 1) {
      const answer = await app.inject({ method: 'DELETE', url: '/hls/good/cam_a' });
      expect(answer.statusCode).toBe(204);
    }
    expect(egress.viewersOf('cam_a')).toBe(0);
  });
});
