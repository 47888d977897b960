import { Problem } from '@vedette/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from './test-app.ts';

let t: TestApp;
let cameraId: string;
beforeAll(async () => {
  t = await openTestApp();
  const created = await t.app.inject({
    method: 'POST',
    url: '/api/v1/cameras',
    headers: t.admin,
    payload: { name: 'Gate', source: { kind: 'rtsp', url: 'rtsp://10.0.0.2/main' } },
  });
  cameraId = created.json().id;
}, 30_000);
afterAll(() => t[Symbol.asyncDispose]());

const json = { 'content-type': 'application/json' };
const good = { kind: 'rtsp', url: 'rtsp://10.0.0.2/main' };
const camera = (change: object) => JSON.stringify({ name: 'A', source: good, ...change });
const source = (change: object) => camera({ source: { ...good, ...change } });

/** title, method, path, body, status, code, the field that the answer names (undefined: none) */
const CASES: readonly (readonly [
  string,
  string,
  string,
  string | undefined,
  number,
  string,
  string | undefined,
])[] = [
  ['JSON that ends early', 'POST', '/cameras', '{"name":', 400, 'invalid_request', undefined],
  [
    'JSON with a poisoned prototype',
    'POST',
    '/cameras',
    '{"__proto__":{"a":1}}',
    400,
    'invalid_request',
    undefined,
  ],
  ['no body', 'POST', '/cameras', undefined, 400, 'invalid_request', ''],
  ['an array', 'POST', '/cameras', '[]', 400, 'invalid_request', ''],
  ['null', 'POST', '/cameras', 'null', 400, 'invalid_request', ''],
  [
    'more than 256 KiB',
    'POST',
    '/cameras',
    camera({ name: 'x'.repeat(300_000) }),
    413,
    'payload_too_large',
    undefined,
  ],
  ['an unknown field', 'POST', '/cameras', camera({ colour: 'red' }), 400, 'invalid_request', 'colour'],
  [
    'an unknown field inside',
    'POST',
    '/cameras',
    source({ user: 'x' }),
    400,
    'invalid_request',
    'source.user',
  ],
  ['no name', 'POST', '/cameras', JSON.stringify({ source: good }), 400, 'invalid_request', 'name'],
  ['a blank name', 'POST', '/cameras', camera({ name: '   ' }), 400, 'invalid_request', 'name'],
  ['a name too long', 'POST', '/cameras', camera({ name: 'x'.repeat(201) }), 400, 'invalid_request', 'name'],
  ['a NUL in a name', 'POST', '/cameras', camera({ name: 'a\0b' }), 400, 'invalid_request', 'name'],
  ['half a character', 'POST', '/cameras', camera({ name: 'a\ud800' }), 400, 'invalid_request', 'name'],
  ['a name that is a number', 'POST', '/cameras', camera({ name: 5 }), 400, 'invalid_request', 'name'],
  [
    'another scheme',
    'POST',
    '/cameras',
    source({ url: 'http://10.0.0.2/' }),
    400,
    'invalid_request',
    'source.url',
  ],
  ['a file', 'POST', '/cameras', source({ url: 'file:///etc/passwd' }), 400, 'invalid_request', 'source.url'],
  [
    'credentials in the URL',
    'POST',
    '/cameras',
    source({ url: 'rtsp://u:p@10.0.0.2/' }),
    400,
    'invalid_request',
    'source.url',
  ],
  [
    'credentials in the query',
    'POST',
    '/cameras',
    source({ url: 'rtsp://10.0.0.2/?password=x' }),
    400,
    'invalid_request',
    'source.url',
  ],
  [
    'credentials in the sub URL',
    'POST',
    '/cameras',
    source({ subUrl: 'rtsp://u:p@10.0.0.2/' }),
    400,
    'invalid_request',
    'source.subUrl',
  ],
  [
    'a source on loopback',
    'POST',
    '/cameras',
    source({ url: 'rtsp://127.0.0.1/x' }),
    422,
    'source_not_allowed',
    'source.url',
  ],
  [
    'the metadata service',
    'POST',
    '/cameras',
    source({ url: 'rtsp://169.254.169.254/' }),
    422,
    'source_not_allowed',
    'source.url',
  ],
  [
    'loopback in disguise',
    'POST',
    '/cameras',
    source({ url: 'rtsp://2130706433/x' }),
    422,
    'source_not_allowed',
    'source.url',
  ],
  [
    'an unknown kind of source',
    'POST',
    '/cameras',
    camera({ source: { kind: 'exec' } }),
    400,
    'invalid_request',
    'source.kind',
  ],
  [
    'a port out of range',
    'POST',
    '/cameras',
    camera({ source: { kind: 'onvif', host: 'c', port: 70000 } }),
    400,
    'invalid_request',
    'source.port',
  ],
  [
    'an ONVIF host with a path',
    'POST',
    '/cameras',
    camera({ source: { kind: 'onvif', host: 'c/d' } }),
    400,
    'invalid_request',
    'source.host',
  ],
  [
    'a negative time to live',
    'POST',
    '/cameras',
    camera({ idleTtlSeconds: -1 }),
    400,
    'invalid_request',
    'idleTtlSeconds',
  ],
  [
    'a bad source to probe',
    'POST',
    '/cameras/probe',
    JSON.stringify({ ...good, url: 'x' }),
    400,
    'invalid_request',
    'source.url',
  ],
  ['a change with an unknown field', 'PATCH', '/cameras/:id', '{"id":"x"}', 400, 'invalid_request', 'id'],
  [
    'a change to another scheme',
    'PATCH',
    '/cameras/:id',
    JSON.stringify({ source: { ...good, url: 'x:' } }),
    400,
    'invalid_request',
    'source.url',
  ],
  [
    'a camera that does not exist',
    'GET',
    '/cameras/nosuchcamera',
    undefined,
    404,
    'camera_not_found',
    undefined,
  ],
  ['a change of one', 'PATCH', '/cameras/nosuchcamera', '{"name":"A"}', 404, 'camera_not_found', undefined],
  ['a deletion of one', 'DELETE', '/cameras/nosuchcamera', undefined, 404, 'camera_not_found', undefined],
  ['a probe of one', 'POST', '/cameras/nosuchcamera/probe', undefined, 404, 'camera_not_found', undefined],
  ['an id that cannot be one', 'GET', '/cameras/..%2f..%2fetc', undefined, 400, 'invalid_request', 'id'],
  ['an id far too long', 'GET', `/cameras/${'a'.repeat(3000)}`, undefined, 404, 'not_found', undefined],
  ['a limit of nothing', 'GET', '/cameras?limit=0', undefined, 400, 'invalid_request', 'limit'],
  ['a limit that is no number', 'GET', '/cameras?limit=many', undefined, 400, 'invalid_request', 'limit'],
  ['a cursor of somebody else', 'GET', '/cameras?cursor=abc', undefined, 400, 'invalid_request', 'cursor'],
  ['an unknown query', 'GET', '/cameras?sort=name', undefined, 400, 'invalid_request', 'sort'],
  [
    'a user without a role',
    'POST',
    '/users',
    JSON.stringify({ name: 'a', password: '0123456789' }),
    400,
    'invalid_request',
    'role',
  ],
  [
    'a password too short',
    'POST',
    '/users',
    JSON.stringify({ name: 'a', password: 'short', role: 'viewer' }),
    400,
    'invalid_request',
    'password',
  ],
  [
    'a user that does not exist',
    'PATCH',
    '/users/nosuchuser',
    '{"role":"viewer"}',
    404,
    'not_found',
    undefined,
  ],
  ['a token that does not exist', 'DELETE', '/tokens/nosuchtoken', undefined, 404, 'not_found', undefined],
  [
    'a token for no time at all',
    'POST',
    '/tokens',
    JSON.stringify({ name: 'a', role: 'viewer', expiresInDays: 0 }),
    400,
    'invalid_request',
    'expiresInDays',
  ],
  ['an address that is none', 'GET', '/nothing/here', undefined, 404, 'not_found', undefined],
  ['a method that is none', 'PUT', '/cameras', '{}', 405, 'method_not_allowed', undefined],
];

describe('bad input', () => {
  it.each(CASES)('%s', async (_title, method, path, body, status, code, field) => {
    const answer = await t.app.inject({
      method: method as 'GET',
      url: `/api/v1${path.replace(':id', cameraId)}`,
      headers: { ...t.admin, ...(body === undefined ? {} : json) },
      ...(body === undefined ? {} : { payload: body }),
    });
    expect(answer.statusCode, answer.body).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    const problem = Problem.parse(answer.json());
    expect(problem).toMatchObject({ status, code, requestId: answer.headers['x-request-id'] });
    expect(answer.body).not.toMatch(/\bat .*\.ts|node_modules|select |insert /);
    if (field === undefined) expect(problem.fields ?? []).toEqual([]);
    else expect(problem.fields?.map(({ path: at }) => at)).toContain(field);
  });

  it('of another content type is refused as such', async () => {
    for (const type of ['text/plain', 'application/xml', 'multipart/form-data; boundary=x']) {
      const answer = await t.app.inject({
        method: 'POST',
        url: '/api/v1/cameras',
        headers: { ...t.admin, 'content-type': type },
        payload: camera({}),
      });
      expect(answer.json()).toMatchObject({ status: 415, code: 'unsupported_media_type' });
    }
  });

  it('loses nothing: the camera is as it was', async () => {
    const list = await t.app.inject({ url: '/api/v1/cameras', headers: t.admin });
    expect(list.json().items).toMatchObject([{ id: cameraId, name: 'Gate', source: good }]);
  });

  it('that breaks us is answered without a word of how', async () => {
    const broken = await openTestApp({
      database: t.database,
      api: [
        async (app) => {
          app.get('/broken', { config: { access: 'self' } }, async () => {
            throw new Error('the password is hunter2');
          });
        },
      ],
    });
    const answer = await broken.app.inject({ url: '/api/v1/broken', headers: broken.admin });
    expect(answer.json()).toMatchObject({ status: 500, code: 'internal_error' });
    expect(answer.body).not.toContain('hunter2');
    await broken[Symbol.asyncDispose]();
  });
});
