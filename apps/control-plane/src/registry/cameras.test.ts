import type { LiveEvent } from '@vedette/contracts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../../tests/support/eventually.ts';
import { openTestApp, type TestApp } from '../http/test-app.ts';
import type { OnvifReading } from './onvif/onvif-reader.ts';
import { ProbeFailure } from './probe-failure.ts';

const PASSWORD = 'the camera password';
const reading: OnvifReading = {
  onvif: {
    offered: [
      { token: 'p1', codec: 'h264', width: 1920, height: 1080, frameRate: 25, bitrateKbps: 4096 },
      { token: 'p2', codec: 'h264', width: 640, height: 360, frameRate: 15, bitrateKbps: 512 },
    ],
    capabilities: { ptz: true, events: true, media2: false, analytics: false, audio: true },
    clockSkewSeconds: 0.4,
    readAt: '2026-11-20T00:00:00.000Z',
  },
  device: { manufacturer: 'Acme', model: 'M1', firmware: '1.10', serial: '007' },
  profiles: [
    { name: 'main', url: 'rtsp://10.0.0.3:554/m', codec: 'h264', width: 1280, height: 720, frameRate: 15 },
    { name: 'sub', url: 'rtsp://10.0.0.3:554/s', codec: 'h264', width: 320, height: 180, frameRate: 8 },
  ],
};

let t: TestApp;
let answerOnvif: () => Promise<OnvifReading>;
beforeAll(async () => {
  t = await openTestApp({
    readOnvif: () => answerOnvif(),
    probeStream: async ({ url }) => {
      if (url.includes('dead')) throw new ProbeFailure('camera_refused', 'connect');
      return { codec: 'h264', width: 640, height: 360, frameRate: 12.5 };
    },
  });
}, 30_000);
afterAll(() => t[Symbol.asyncDispose]());

let events: LiveEvent[] = [];
let stop: () => void = () => undefined;
beforeEach(() => {
  answerOnvif = async () => reading;
  events = [];
  stop = t.bus.subscribe(({ event }) => events.push(event));
});
afterEach(() => stop());

const ask = (method: string, path: string, payload?: object, headers = t.admin) =>
  t.app.inject({
    method: method as 'GET',
    url: `/api/v1${path}`,
    headers,
    ...(payload === undefined ? {} : { payload }),
  });
const rtsp = (change: object = {}) => ({ kind: 'rtsp', url: 'rtsp://10.0.0.2/main', ...change });
async function add(name: string, source: object = rtsp()) {
  const answer = await ask('POST', '/cameras', { name, source });
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json();
}
const changesOf = (id: string) => events.filter((event) => 'cameraId' in event && event.cameraId === id);

describe('adding a camera', () => {
  it('answers it with its id and address, never with its password', async () => {
    const answer = await ask('POST', '/cameras', {
      name: ' Gate ',
      source: rtsp({ subUrl: 'rtsp://10.0.0.2/sub', username: 'viewer', password: PASSWORD }),
    });
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toMatchObject({
      name: 'Gate',
      source: { kind: 'rtsp', transport: 'tcp', username: 'viewer', hasPassword: true },
      pull: 'on-demand',
      idleTtlSeconds: 15,
      profiles: [{ name: 'main' }, { name: 'sub' }],
      state: 'idle',
    });
    expect(answer.headers.location).toBe(`/api/v1/cameras/${answer.json().id}`);
    for (const body of [answer.body, (await ask('GET', '/cameras')).body])
      expect(body).not.toContain(PASSWORD);
    expect(changesOf(answer.json().id)).toMatchObject([{ type: 'camera.changed' }]);
  });

  it('keeps the password encrypted, and gives it to the streams alone', async () => {
    const { id } = await add('Sealed', rtsp({ username: 'u', password: PASSWORD }));
    expect(JSON.stringify(await t.registry.store.get(id))).not.toContain(PASSWORD);
    expect(await t.registry.catalog.find(id)).toMatchObject({
      id,
      profiles: [
        {
          name: 'main',
          source: {
            kind: 'rtsp',
            url: 'rtsp://10.0.0.2/main',
            username: 'u',
            password: PASSWORD,
            transport: 'tcp',
          },
        },
      ],
    });
  });

  it('is repeated without harm under one Idempotency-Key, and refused for another request', async () => {
    const headers = { ...t.admin, 'idempotency-key': 'once' };
    const one = await ask('POST', '/cameras', { name: 'Once', source: rtsp({ password: 'a' }) }, headers);
    const two = await ask('POST', '/cameras', { name: 'Once', source: rtsp({ password: 'a' }) }, headers);
    expect([one.statusCode, two.statusCode]).toEqual([201, 201]);
    expect(two.json()).toEqual(one.json());
    const other = await ask('POST', '/cameras', { name: 'Other', source: rtsp() }, headers);
    expect(other.json()).toMatchObject({ status: 409, code: 'conflict' });
    const bad = await ask(
      'POST',
      '/cameras',
      { name: 'x', source: rtsp() },
      { ...headers, 'idempotency-key': 'a b' },
    );
    expect(bad.json()).toMatchObject({ status: 400, fields: [{ path: 'idempotency-key' }] });
  });

  it('shows the user name to those only who may change it', async () => {
    const { id } = await add('Names', rtsp({ username: 'secret-user' }));
    const seen = await ask('GET', `/cameras/${id}`, undefined, await t.signedIn('viewer'));
    expect(seen.statusCode).toBe(200);
    expect(seen.body).not.toContain('secret-user');
    expect((await ask('GET', `/cameras/${id}`)).body).toContain('secret-user');
  });
});

describe('an ONVIF camera', () => {
  const onvif = (change: object = {}) => ({
    kind: 'onvif',
    host: '10.0.0.3',
    username: 'u',
    password: 'p',
    ...change,
  });
  const until = async (id: string, state: string) => {
    await expect.poll(async () => (await ask('GET', `/cameras/${id}`)).json().state).toBe(state);
    return (await ask('GET', `/cameras/${id}`)).json();
  };

  it('is asked for its streams at once', async () => {
    const { id, state } = await add('Onvif', onvif());
    expect(state).toBe('connecting');
    expect(await until(id, 'idle')).toMatchObject({
      device: reading.device,
      profiles: [
        { name: 'main', width: 1280, codec: 'h264' },
        { name: 'sub', width: 320 },
      ],
    });
    expect(changesOf(id)).toHaveLength(2);
    expect(await t.registry.catalog.find(id)).toMatchObject({
      profiles: [{ source: { url: 'rtsp://10.0.0.3:554/m', username: 'u', password: 'p' } }, {}],
    });
  });

  it('that does not answer is offline, with the reason', async () => {
    answerOnvif = async () => {
      throw new ProbeFailure('camera_credentials_rejected', 'authenticate');
    };
    const { id } = await add('Locked', onvif());
    expect(await until(id, 'offline')).toMatchObject({ reason: 'camera_credentials_rejected', profiles: [] });
    answerOnvif = async () => reading;
    await ask('PATCH', `/cameras/${id}`, { source: onvif({ password: 'right' }) });
    expect(await until(id, 'idle')).toMatchObject({ profiles: [{}, {}] });
  });

  it('whose address changes while it is asked keeps nothing of the old one', async () => {
    const first = Promise.withResolvers<OnvifReading>();
    answerOnvif = () => first.promise;
    const { id } = await add('Moved', onvif());
    const other = { ...reading, device: null };
    answerOnvif = async () => other;
    await ask('PATCH', `/cameras/${id}`, { source: onvif({ host: '10.0.0.4' }) });
    await until(id, 'idle');
    first.resolve(reading);
    await new Promise((resolve) => setImmediate(resolve));
    expect((await ask('GET', `/cameras/${id}`)).json().device).toBeNull();
  });
});

describe('changing a camera', () => {
  it('leaves what is absent', async () => {
    const { id } = await add('Part', rtsp({ username: 'u', password: PASSWORD }));
    const answer = await ask('PATCH', `/cameras/${id}`, {
      name: 'Other',
      pull: 'always-on',
      idleTtlSeconds: 0,
    });
    expect(answer.json()).toMatchObject({
      name: 'Other',
      pull: 'always-on',
      idleTtlSeconds: 0,
      source: { url: 'rtsp://10.0.0.2/main', username: 'u', hasPassword: true },
    });
    expect((await t.registry.catalog.alwaysOn()).map((camera) => camera.id)).toContain(id);
    await ask('DELETE', `/cameras/${id}`);
  });

  it('keeps the password for the same host, and asks for it again for another', async () => {
    const { id } = await add('Keep', rtsp({ username: 'u', password: PASSWORD }));
    const change = (source: object) => ask('PATCH', `/cameras/${id}`, { source });
    const password = async () => {
      const source = (await t.registry.catalog.find(id))?.profiles[0]?.source;
      return source?.kind === 'rtsp' ? source.password : undefined;
    };
    expect((await change(rtsp({ url: 'rtsp://10.0.0.2:8554/other', username: 'u' }))).statusCode).toBe(200);
    expect(await password()).toBe(PASSWORD);
    const elsewhere = await change(rtsp({ url: 'rtsp://10.0.0.66/x', username: 'u' }));
    expect(elsewhere.json()).toMatchObject({ status: 400, fields: [{ path: 'source.password' }] });
    expect((await change(rtsp({ url: 'rtsp://10.0.0.66/x', password: 'new' }))).statusCode).toBe(200);
    expect(await password()).toBe('new');
    expect((await change(rtsp({ url: 'rtsp://10.0.0.66/x', password: '' }))).json().source.hasPassword).toBe(
      false,
    );
    expect(await password()).toBeUndefined();
  });
});

describe('deleting a camera', () => {
  it('takes it from every list and says so, so that its views end', async () => {
    const { id } = await add('Short');
    expect((await ask('DELETE', `/cameras/${id}`)).statusCode).toBe(204);
    expect((await ask('GET', `/cameras/${id}`)).json()).toMatchObject({ code: 'camera_not_found' });
    expect((await ask('DELETE', `/cameras/${id}`)).statusCode).toBe(404);
    expect(await t.registry.catalog.find(id)).toBeUndefined();
    expect(changesOf(id)).toMatchObject([{ type: 'camera.changed' }, { type: 'camera.deleted' }]);
  });
});

describe('the list of cameras', () => {
  it('is searched by name, id and address, and paged', async () => {
    const added = [];
    for (const name of ['Tunnel 1', 'Tunnel 2', 'tunnel 3']) added.push(await add(name));
    const names = async (query: string) =>
      (await ask('GET', `/cameras?${query}`)).json().items.map((c: { name: string }) => c.name);
    expect(await names('q=TUNNEL')).toEqual(['Tunnel 1', 'Tunnel 2', 'tunnel 3']);
    expect(await names(`q=${added[1].id}`)).toEqual(['Tunnel 2']);
    expect((await names('q=10.0.0.2')).length).toBeGreaterThan(2);
    const first = (await ask('GET', '/cameras?q=tunnel&limit=2')).json();
    expect(first.items).toHaveLength(2);
    const second = (await ask('GET', `/cameras?q=tunnel&limit=2&cursor=${first.nextCursor}`)).json();
    expect(second).toMatchObject({ items: [{ name: 'tunnel 3' }], nextCursor: null });
  });

  it('is narrowed to a site, a group and a tag', async () => {
    const site = (await ask('POST', '/sites', { name: 'Harbour' })).json().id;
    const group = (await ask('POST', '/groups', { name: 'Gates' })).json().id;
    const place = { siteId: site, groupIds: [group], tags: ['gate', 'ptz'] };
    await ask('POST', '/cameras', { name: 'Sluice 1', source: rtsp(), ...place });
    await ask('POST', '/cameras', { name: 'Sluice 2', source: rtsp(), tags: ['gate'] });
    const names = async (query: string) =>
      (await ask('GET', `/cameras?q=sluice&${query}`)).json().items.map((c: { name: string }) => c.name);
    expect(await names('tag=GATE')).toEqual(['Sluice 1', 'Sluice 2']);
    expect(await names(`site=${site}`)).toEqual(['Sluice 1']);
    expect(await names(`group=${group}&tag=ptz`)).toEqual(['Sluice 1']);
    expect(await names(`group=${group}&tag=gat`)).toEqual([]);
  });
});

describe('a recorder', () => {
  it('tells how many cameras are on its host', async () => {
    const onHost = (path: string) => rtsp({ url: `rtsp://10.9.9.9/${path}` });
    await add('Channel 1', { ...onHost('1'), subUrl: 'rtsp://10.9.9.9/1/sub' });
    await add('Channel 2', onHost('2'));
    const recorder = { name: 'NVR', host: '10.9.9.9', maxConnections: 8 };
    expect((await ask('POST', '/recorders', recorder)).json()).toMatchObject({ cameras: 2 });
  });
});

describe('trying a camera', () => {
  it('tells what an unsaved source offers, and saves nothing', async () => {
    const before = await t.registry.store.count();
    const answer = await ask('POST', '/cameras/probe', rtsp({ password: PASSWORD }));
    expect(answer.json()).toMatchObject({
      ok: true,
      profiles: [{ name: 'main', codec: 'h264', width: 640, height: 360, frameRate: 12.5 }],
    });
    expect(answer.body).not.toContain(PASSWORD);
    expect(await t.registry.store.count()).toBe(before);
  });

  it('tells which step failed', async () => {
    const answer = await ask('POST', '/cameras/probe', rtsp({ url: 'rtsp://10.0.0.2/dead' }));
    expect(answer.json()).toMatchObject({ ok: false, code: 'camera_refused', step: 'connect' });
  });

  it('keeps what a saved camera offers', async () => {
    const { id } = await add('Tried');
    expect((await ask('POST', `/cameras/${id}/probe`)).json()).toMatchObject({ ok: true });
    expect((await ask('GET', `/cameras/${id}`)).json()).toMatchObject({
      profiles: [{ name: 'main', codec: 'h264', width: 640, height: 360, frameRate: 12.5 }],
    });
  });
});

describe('what an ONVIF camera offers', () => {
  it('is listed in all, with which is main and sub, and corrected by hand for good', async () => {
    answerOnvif = async () => ({
      ...reading,
      profiles: reading.profiles.map((profile, i) => ({ ...profile, token: `p${i + 1}` })),
    });
    const added = await ask('POST', '/cameras', {
      name: 'Choosy',
      source: { kind: 'onvif', host: '10.0.0.7' },
    });
    const { id } = added.json();
    const profiles = async () => (await ask('GET', `/cameras/${id}/profiles`)).json();
    await eventually('it is read', async () => (await profiles()).readAt !== null);
    expect(await profiles()).toMatchObject({
      isByHand: false,
      capabilities: { ptz: true, events: true },
      clockSkewSeconds: 0.4,
      offered: [
        { token: 'p1', use: 'main', bitrateKbps: 4096 },
        { token: 'p2', use: 'sub' },
      ],
    });
    const asked: unknown[] = [];
    answerOnvif = async () => {
      asked.push(1);
      return {
        ...reading,
        profiles: reading.profiles.slice(0, 1).map((profile) => ({ ...profile, token: 'p2' })),
      };
    };
    expect((await ask('PUT', `/cameras/${id}/profiles`, { main: 'p9', sub: null })).statusCode).toBe(400);
    expect((await ask('PUT', `/cameras/${id}/profiles`, { main: 'p1', sub: 'p1' })).statusCode).toBe(400);
    expect((await ask('PUT', `/cameras/${id}/profiles`, { main: 'p2', sub: null })).json().isByHand).toBe(
      true,
    );
    await eventually('it is read again', async () => (await profiles()).offered[1].use === 'main');
    expect(asked).toHaveLength(1);
    expect((await t.registry.store.get(id))?.onvif?.choice).toEqual({ main: 'p2', sub: null });
    expect((await ask('PUT', `/cameras/${id}/profiles`, { main: null, sub: null })).json().isByHand).toBe(
      false,
    );
  });

  it('is nothing that another kind of camera has', async () => {
    const source = { kind: 'rtsp', url: 'rtsp://10.0.0.2/main' };
    const { id } = (await ask('POST', '/cameras', { name: 'Plain', source })).json();
    expect((await ask('PUT', `/cameras/${id}/profiles`, { main: 'a', sub: null })).statusCode).toBe(409);
    expect((await ask('GET', `/cameras/${id}/profiles`)).json()).toMatchObject({ offered: [], readAt: null });
  });
});
