import type { CameraId } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import type { PlayerApi } from './player-api.ts';
import { StartClient } from './start-client.ts';

const ANSWER = {
  sessionId: 's1',
  cameraId: 'c1',
  protocol: 'webrtc',
  profile: 'sub',
  url: 'http://n/whep/cam_c1_sub',
  token: 't1',
  expiresAt: '2030-01-01T00:05:00.000Z',
  node: 'n1',
  iceServers: [{ urls: ['stun:s:3478'] }],
  fallbacks: [
    { protocol: 'hls', profile: 'sub', url: 'http://n/hls/t1/cam_c1_sub/index.m3u8', token: 't1' },
    { protocol: 'hls', profile: 'main', url: 'http://n/hls/t1/cam_c1/index.m3u8', token: 't1' },
  ],
  decision: [{ step: 'policy', result: 'sub', rule: 'tile-grid', reason: 'Small.' }],
};
const SERVER_DATE = { date: 'Tue, 01 Jan 2030 00:00:00 GMT' };

function client(answer: () => Response | Promise<Response>) {
  const calls: { path: string; init: RequestInit }[] = [];
  const api: PlayerApi = {
    async fetch(path, init) {
      calls.push({ path, init });
      return answer();
    },
  };
  return { calls, client: new StartClient({ api }) };
}

const question = {
  cameraId: 'c1' as CameraId,
  protocol: 'webrtc' as const,
  request: { tile: { width: 320, height: 180, tiles: 9 } },
  idempotencyKey: 'k1',
};
const json = (status: number, body: unknown, headers: Record<string, string> = SERVER_DATE) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

describe('a start call', () => {
  it('asks as the contract says, and answers a view with the ways of its own profile, best first', async () => {
    const { calls, client: control } = client(() => json(201, ANSWER));
    const view = await control.start(question);
    expect(calls[0]?.path).toBe('/api/v1/streams/c1/start?protocol=webrtc');
    expect(new Headers(calls[0]?.init.headers).get('idempotency-key')).toBe('k1');
    expect(JSON.parse(String(calls[0]?.init.body))).toEqual(question.request);
    expect(view.grants.map(({ protocol, profile }) => `${protocol} ${profile}`)).toEqual([
      'webrtc sub',
      'hls sub',
    ]);
  });

  it('measures the life of the tokens by control’s own clock', async () => {
    const view = await client(() => json(201, ANSWER)).client.start(question);
    expect(view.lifeMs).toBe(300_000);
  });

  it.each([
    ['a text', 'hello'],
    ['a view without an address', { ...ANSWER, url: undefined }],
    ['an unknown protocol', { ...ANSWER, protocol: 'rtmp' }],
    ['fallbacks that are none', { ...ANSWER, fallbacks: [{}] }],
  ])('refuses %s for an answer', async (_what, body) => {
    const { client: control } = client(() => json(201, body));
    await expect(control.start(question)).rejects.toMatchObject({ code: 'internal_error' });
  });

  it.each([
    [503, { code: 'at_capacity', retryAfterSeconds: 7 }, {}, 'at_capacity', 7000],
    [503, { code: 'no_node' }, { 'retry-after': '2' }, 'no_node', 2000],
    [502, '<html>', {}, 'unavailable', 0],
    [401, {}, {}, 'unauthenticated', 0],
    [418, { code: 'teapot' }, {}, 'internal_error', 0],
  ])('%i %j with %j is %s, not before %i ms', async (status, body, headers, code, retryAfterMs) => {
    const { client: control } = client(() => json(status, body, headers));
    await expect(control.start(question)).rejects.toMatchObject({ code, retryAfterMs });
  });

  it('says that control is away when nobody answers', async () => {
    const { client: control } = client(() => Promise.reject(new TypeError('failed')));
    await expect(control.start(question)).rejects.toMatchObject({ code: 'control_unreachable' });
  });
});

describe('renew and stop', () => {
  it('a renewal keeps the order of the ways', async () => {
    const fresh = { sessionId: 's1', url: 'u2', token: 't2', expiresAt: ANSWER.expiresAt, fallbacks: [] };
    const { client: control } = client(() => json(200, fresh));
    const view = await client(() => json(201, ANSWER)).client.start(question);
    const renewed = await control.renew(view, new AbortController().signal);
    expect(renewed.grants).toEqual([{ protocol: 'webrtc', profile: 'sub', url: 'u2', token: 't2' }]);
  });

  it('tell for how long the picture could be seen', async () => {
    const fresh = { sessionId: 's1', url: 'u2', token: 't2', expiresAt: ANSWER.expiresAt, fallbacks: [] };
    const { calls, client: control } = client(() => json(200, fresh));
    const view = await client(() => json(201, ANSWER)).client.start(question);
    await control.renew(view, new AbortController().signal, 12.5);
    await control.stop(view.cameraId, view.sessionId, 20);
    expect(calls.map(({ init }) => init.body)).toEqual([
      '{"onScreenSeconds":12.5}',
      '{"sessionId":"s1","onScreenSeconds":20}',
    ]);
  });

  it('a stop outlives the page, and nothing that goes wrong with it matters', async () => {
    const { calls, client: control } = client(() => Promise.reject(new TypeError('failed')));
    const view = await client(() => json(201, ANSWER)).client.start(question);
    await control.stop(view.cameraId, view.sessionId);
    expect(calls[0]?.init).toMatchObject({ method: 'POST', keepalive: true, body: '{"sessionId":"s1"}' });
  });
});
