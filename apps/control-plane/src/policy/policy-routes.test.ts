import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../http/test-app.ts';

let t: TestApp;
let cameraId = '';
beforeAll(async () => {
  t = await openTestApp();
  const added = await ask('POST', '/cameras', {
    name: 'Gate',
    source: { kind: 'rtsp', url: 'rtsp://10.0.0.1/main', subUrl: 'rtsp://10.0.0.1/sub' },
    tags: ['entrance'],
  });
  cameraId = added.json().id;
}, 30_000);
afterAll(() => t[Symbol.asyncDispose]());

const ask = (method: 'GET' | 'PUT' | 'POST', url: string, payload?: object, headers = t.admin) =>
  t.app.inject({
    method,
    url: `/api/v1${url}`,
    headers,
    ...(payload === undefined ? {} : { payload }),
  });
const rule = (id: string, when: object, give: object) => ({
  id,
  name: id,
  when,
  give,
  reason: `Rule ${id}.`,
});
const nightOnly = rule('no-entrance', { fact: 'camera.tag', in: ['entrance'] }, { deny: true });

describe('the rules of a tenant', () => {
  it('are the default ones until somebody writes others, and every version stays', async () => {
    const first = await ask('GET', '/policy');
    expect(first.json()).toMatchObject({ version: 0, isBroken: false, author: null });
    const rules = [nightOnly, ...first.json().rules];
    const changed = await ask('PUT', '/policy', { basedOn: 0, note: 'Quiet entrance', rules });
    expect(changed.json()).toMatchObject({
      version: 1,
      author: 'administrator token',
      note: 'Quiet entrance',
    });
    const late = await ask('PUT', '/policy', { basedOn: 0, rules });
    expect(late.statusCode).toBe(409);
    expect(late.json()).toMatchObject({ code: 'conflict', fields: [{ path: 'basedOn' }] });
    await ask('PUT', '/policy', { basedOn: 1, rules: first.json().rules });
    const back = await ask('POST', '/policy/versions/1/restore');
    expect(back.json()).toMatchObject({ version: 3, note: 'Version 1 again' });
    expect(back.json().rules[0].id).toBe('no-entrance');
    const versions = await ask('GET', '/policy/versions?limit=2');
    expect(versions.json().items.map(({ version }: { version: number }) => version)).toEqual([3, 2]);
    const rest = await ask('GET', `/policy/versions?limit=2&cursor=${versions.json().nextCursor}`);
    expect(rest.json().items.map(({ version }: { version: number }) => version)).toEqual([1]);
  });

  it('decide the next start, which is refused with the reason of the rule', async () => {
    const refused = await ask('POST', `/streams/${cameraId}/start`, {});
    expect(refused.statusCode).toBe(403);
    expect(refused.json()).toMatchObject({
      code: 'denied_by_policy',
      detail: expect.stringMatching(/^Rule no-entrance\./),
    });
  });

  it('are written down with what they were before', async () => {
    const { items } = (await ask('GET', '/audit?kind=policy-changed')).json();
    expect(items[0].data).toMatchObject({ before: { version: 2 }, after: { version: 3 } });
  });

  it.each<[object, string]>([
    [{ basedOn: 3, rules: [{ ...nightOnly, give: {} }] }, 'gives nothing'],
    [{ basedOn: 3, rules: [nightOnly, nightOnly] }, 'uses an id twice'],
    [{ basedOn: 3, rules: [rule('x', { fact: 'camera.owner', in: ['me'] }, { tier: 1 })] }, ''],
  ])('are refused where they say what cannot be', async (payload, message) => {
    const answer = await ask('PUT', '/policy', payload);
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain(message);
  });

  it('may be read by operators and changed by administrators', async () => {
    const operator = await t.signedIn('operator');
    expect((await ask('GET', '/policy', undefined, operator)).statusCode).toBe(200);
    expect((await ask('PUT', '/policy', { basedOn: 3, rules: [] }, operator)).statusCode).toBe(403);
    expect((await ask('GET', '/policy', undefined, await t.signedIn('viewer'))).statusCode).toBe(403);
  });
});

describe('what would happen if', () => {
  it('is answered by the code of a start, rule by rule, and starts nothing', async () => {
    const answer = await ask('POST', '/policy/try', {
      cameraId,
      request: { tile: { width: 300, height: 170, tiles: 16 } },
    });
    expect(answer.json()).toMatchObject({ refusal: { code: 'denied_by_policy' }, offers: [] });
    expect(answer.json().trace[0]).toMatchObject({ rule: 'no-entrance', result: 'applies', gave: ['deny'] });
    const { rules } = (await ask('GET', '/policy/default')).json();
    const other = await ask('POST', '/policy/try', {
      cameraId,
      rules,
      role: 'viewer',
      nodeCpu: 0.9,
      request: { tile: { width: 300, height: 170, tiles: 16 } },
    });
    expect(other.json()).toMatchObject({ refusal: null, offers: [{ profile: 'sub', protocol: 'hls' }, {}] });
    expect(other.json().decision[1]).toMatchObject({ rule: 'busy' });
    expect((await ask('GET', '/sessions')).json().items).toEqual([]);
  });

  it('says so when whoever it is would not get as far as the rules', async () => {
    const { rules } = (await ask('GET', '/policy/default')).json();
    const nobody = { name: 'no camera', password: 'a long password', role: 'operator', grants: [] };
    const { id: userId } = (await ask('POST', '/users', nobody)).json();
    const person = (await ask('POST', '/policy/try', { cameraId, userId, rules })).json();
    expect(person).toMatchObject({
      offers: [],
      refusal: { code: 'forbidden', detail: 'No grant covers this camera.' },
    });
    expect(person.trace).toHaveLength(rules.length);
    const auditor = (await ask('POST', '/policy/try', { cameraId, role: 'auditor', rules })).json();
    expect(auditor.refusal).toMatchObject({ code: 'forbidden' });
  });

  it('is not told of cameras and people that are not there', async () => {
    expect((await ask('POST', '/policy/try', { cameraId: 'nothing' })).statusCode).toBe(404);
    expect((await ask('POST', '/policy/try', { cameraId, userId: 'nobody' })).statusCode).toBe(404);
  });
});
