import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../http/test-app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await openTestApp();
}, 30_000);
afterAll(() => t[Symbol.asyncDispose]());

const ask = (method: 'POST' | 'PATCH' | 'GET', path: string, payload?: object) =>
  t.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: t.admin,
    ...(payload === undefined ? {} : { payload }),
  });
const add = (source: object, rest: object = {}) => ask('POST', '/cameras', { name: 'One', source, ...rest });
const streamable = async (id: string) => t.registry.catalog.find(id as never);

describe('sources of other kinds', () => {
  it.each([
    [
      { kind: 'file', file: 'loops/gate.mp4' },
      { kind: 'file', file: 'loops/gate.mp4', loop: true },
    ],
    [
      { kind: 'http', url: 'http://radio.example/clip.mp4', loop: false },
      { kind: 'http', url: 'http://radio.example/clip.mp4', loop: false },
    ],
    [
      { kind: 'http-audio', url: 'https://radio.example/live' },
      { kind: 'http-audio', url: 'https://radio.example/live' },
    ],
    [
      { kind: 'rtsp', url: 'rtsps://10.0.0.2/main', certificate: { check: 'none' } },
      { kind: 'rtsp', url: 'rtsps://10.0.0.2/main', transport: 'tcp', certificate: { check: 'none' } },
    ],
  ])('%j is what a node gets as its main stream', async (source, expected) => {
    const answer = await add(source);
    expect(answer.statusCode, answer.body).toBe(201);
    expect((await streamable(answer.json().id))?.profiles).toMatchObject([
      { name: 'main', source: expected },
    ]);
  });

  it.each([
    ['../etc/passwd', 'leave its folder'],
    ['/etc/passwd', 'without a slash'],
    ['a/-i', 'begin with a dash'],
    ['concat:a|b', 'not an address'],
    ['file:///etc/passwd', 'not an address'],
    ['a\u0007b', 'control characters'],
  ])('the file %j is refused', async (file, why) => {
    const answer = await add({ kind: 'file', file });
    expect(answer.json()).toMatchObject({ code: 'invalid_request', fields: [{ path: 'source.file' }] });
    expect(answer.body).toContain(why);
  });

  it.each([
    ['http://other.example/live', 'HTTP_SOURCE_HOSTS', 'source_not_allowed'],
    ['http://radio.example.evil.example/live', 'HTTP_SOURCE_HOSTS', 'source_not_allowed'],
    ['file:///etc/passwd', 'must begin with http', 'invalid_request'],
    ['exec:ls', 'must begin with http', 'invalid_request'],
    ['http://user:secret@radio.example/', 'user name or a password', 'invalid_request'],
  ])('the radio %s is refused', async (url, why, code) => {
    const answer = await add({ kind: 'http-audio', url });
    expect(answer.json()).toMatchObject({ code, fields: [{ path: 'source.url' }] });
    expect(answer.body).toContain(why);
    expect(answer.body).not.toContain('secret');
  });
});

describe('an encoder that publishes', () => {
  it('gets a name and a password of its own, told once, and is expected at all times', async () => {
    const answer = await add({ kind: 'publish' });
    const { id, publishPassword, source } = answer.json();
    expect(source).toEqual({ kind: 'publish', via: 'rtsp', username: `cam_${id}`, hasPassword: true });
    expect(publishPassword).toMatch(/^\S{20,}$/);
    // FFmpeg keeps no more of a stream key for RTMP.
    expect(`${source.username}-${publishPassword}`.length).toBeLessThanOrEqual(63);
    expect((await ask('GET', `/cameras/${id}`)).body).not.toContain(publishPassword);
    expect(await streamable(id)).toMatchObject({
      pull: 'always-on',
      profiles: [{ source: { kind: 'publish', username: `cam_${id}`, password: publishPassword } }],
    });
    expect((await t.registry.catalog.alwaysOn()).map((camera) => camera.id)).toContain(id);
  });

  it('keeps them when something else changes, and takes others', async () => {
    const { id, publishPassword } = (await add({ kind: 'publish' })).json();
    await ask('PATCH', `/cameras/${id}`, { source: { kind: 'publish', via: 'whip' } });
    const profiles = (await streamable(id))?.profiles;
    expect(profiles).toMatchObject([
      { source: { via: 'whip', username: `cam_${id}`, password: publishPassword } },
    ]);
    await ask('PATCH', `/cameras/${id}`, { source: { kind: 'publish', username: 'enc', password: 'other' } });
    expect((await streamable(id))?.profiles).toMatchObject([
      { source: { username: 'enc', password: 'other' } },
    ]);
  });

  it('is made of another kind of camera only with a password that somebody knows', async () => {
    const { id } = (await add({ kind: 'rtsp', url: 'rtsp://10.0.0.2/main' })).json();
    const without = await ask('PATCH', `/cameras/${id}`, { source: { kind: 'publish' } });
    expect(without.json()).toMatchObject({ fields: [{ path: 'source.password' }] });
    const source = { kind: 'publish', password: 'known-to-somebody' };
    expect((await ask('PATCH', `/cameras/${id}`, { source })).statusCode).toBe(200);
  });

  it('has a port of its own for RTMP and SRT, and none for the others', async () => {
    for (const source of [
      { kind: 'publish', via: 'rtmp' },
      { kind: 'publish', via: 'whip', port: 1935 },
    ])
      expect((await add(source)).json()).toMatchObject({ fields: [{ path: 'source.port' }] });
    expect((await add({ kind: 'publish', via: 'srt', port: 9000 })).statusCode).toBe(201);
  });
});

describe('the password of an encoder', () => {
  it.each([
    ['srt', 9000, 'short', 'SRT passphrase'],
    ['srt', 9000, "with an apostrophe's sign", 'SRT passphrase'],
    ['rtmp', 1935, 'x'.repeat(60), 'at most 62'],
    ['rtmp', 1935, 'with/slash', 'stream key'],
  ])('by %s on port %i is refused when it is %j', async (via, port, password, why) => {
    const answer = await add({ kind: 'publish', via, port, password });
    expect(answer.json()).toMatchObject({ fields: [{ path: 'source.password' }] });
    expect(answer.body).toContain(why);
  });

  it.each(['rtsp', 'whip'])('by %s is whatever one likes', async (via) => {
    expect((await add({ kind: 'publish', via, password: 'ö / ?' })).statusCode).toBe(201);
  });
});

describe('sources that only control makes', () => {
  it.each([
    { kind: 'relay', from: 'node-1', path: 'cam_x' },
    { kind: 'rendition', of: 'cam_x', spec: { height: 360, frameRate: 12, bitsPerSecond: 400_000 } },
  ])('%j is not taken from anybody', async (source) => {
    const answer = await add(source);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'invalid_request' });
  });
});

describe('renditions', () => {
  it('are made of the main stream where the camera has none such, in the size that was asked for', async () => {
    const answer = await add(
      { kind: 'rtsp', url: 'rtsp://10.0.0.2/main' },
      { renditions: [{ profile: 'sub' }, { profile: 'lite', height: 480 }] },
    );
    const { id } = answer.json();
    expect((await streamable(id))?.profiles).toMatchObject([
      { name: 'main', source: { kind: 'rtsp' } },
      { name: 'sub', source: { kind: 'rendition', of: `cam_${id}`, spec: { height: 360, frameRate: 12 } } },
      { name: 'lite', source: { kind: 'rendition', of: `cam_${id}`, spec: { height: 480, frameRate: 25 } } },
    ]);
  });

  it('never take the place of a stream that the camera sends itself', async () => {
    const source = { kind: 'rtsp', url: 'rtsp://10.0.0.2/main', subUrl: 'rtsp://10.0.0.2/sub' };
    const { id } = (await add(source, { renditions: [{ profile: 'sub' }] })).json();
    expect((await streamable(id))?.profiles).toMatchObject([
      { name: 'main' },
      { name: 'sub', source: { kind: 'rtsp' } },
    ]);
  });

  it('are none unless somebody asks, and none twice', async () => {
    const source = { kind: 'rtsp', url: 'rtsp://10.0.0.2/main' };
    expect((await add(source)).json()).toMatchObject({ renditions: [] });
    const twice = await add(source, { renditions: [{ profile: 'sub' }, { profile: 'sub' }] });
    expect(twice.statusCode).toBe(400);
  });
});

describe('changes of cameras', () => {
  it('are in the audit with what was and what is, without a password', async () => {
    const { id } = (
      await add({ kind: 'rtsp', url: 'rtsp://10.0.0.2/a', username: 'u', password: 'hidden-one' })
    ).json();
    await ask('PATCH', `/cameras/${id}`, {
      name: 'Two',
      source: { kind: 'rtsp', url: 'rtsp://10.0.0.2/b', password: 'hidden-two' },
    });
    const audit = await ask('GET', `/audit?camera=${id}`);
    expect(audit.json().items).toMatchObject([
      {
        kind: 'camera-changed',
        data: { before: { name: 'One' }, after: { name: 'Two' }, password: 'changed' },
      },
      { kind: 'camera-created', data: { after: { name: 'One' } } },
    ]);
    expect(audit.body).not.toContain('hidden');
  });
});

describe('streams that are sent elsewhere', () => {
  const source = { kind: 'rtsp', url: 'rtsp://10.0.0.2/main' };
  const target = { via: 'rtmp', url: 'rtmp://10.0.0.9/live', secret: 'hidden-stream-key' };

  it('are pulled all the time, and the key is given to the node alone', async () => {
    const answer = await add(source, { outputs: [target] });
    const { id, outputs } = answer.json();
    expect(outputs).toEqual([
      { id: expect.any(String), via: 'rtmp', url: 'rtmp://10.0.0.9/live', hasSecret: true },
    ]);
    expect(await streamable(id)).toMatchObject({
      pull: 'always-on',
      outputs: [{ secret: 'hidden-stream-key' }],
    });
    expect((await t.registry.catalog.alwaysOn()).map((camera) => camera.id)).toContain(id);
    for (const body of [
      answer.body,
      (await ask('GET', `/cameras/${id}`)).body,
      (await ask('GET', '/audit/export')).body,
    ])
      expect(body).not.toContain('hidden-stream-key');
  });

  it('keep their key while the place stays, and lose it when it changes', async () => {
    const { id, outputs } = (await add(source, { outputs: [target] })).json();
    const { secret: _, ...place } = target;
    const change = (output: object) =>
      ask('PATCH', `/cameras/${id}`, { outputs: [{ ...output, id: outputs[0].id }] });
    await change(place);
    expect((await streamable(id))?.outputs).toMatchObject([{ secret: 'hidden-stream-key' }]);
    await change({ ...place, url: 'rtmp://10.0.0.8/live' });
    expect((await streamable(id))?.outputs?.[0]).not.toHaveProperty('secret');
    await ask('PATCH', `/cameras/${id}`, { name: 'Other' });
    expect((await streamable(id))?.outputs).toHaveLength(1);
    await ask('PATCH', `/cameras/${id}`, { outputs: [] });
    expect(await streamable(id)).toMatchObject({ pull: 'on-demand', outputs: [] });
  });

  it.each([
    ['rtmp', 'http://10.0.0.9/live', 'must begin with', 'invalid_request'],
    ['rtmp', 'rtmp://user:pw@10.0.0.9/live', 'credentials', 'invalid_request'],
    ['rtmp', 'rtmp://10.0.0.9', 'no application', 'invalid_request'],
    ['srt', 'srt://10.0.0.9', 'no host and port', 'invalid_request'],
    ['srt', 'srt://127.0.0.1:9000', 'this machine', 'source_not_allowed'],
    ['rtmp', 'rtmp://169.254.169.254/live', 'link-local', 'source_not_allowed'],
  ])('by %s to %s are refused: %s', async (via, url, why, code) => {
    const answer = await add(source, { outputs: [{ via, url }] });
    expect(answer.json()).toMatchObject({ code, fields: [{ path: 'outputs.0.url' }] });
    expect(answer.body).toContain(why);
  });
});
