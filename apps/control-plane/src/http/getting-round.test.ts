// What a page of somebody else, a script that guesses and a client that sends too much try at the HTTP surface.
import type { OutgoingHttpHeaders } from 'node:http';
import type { RouteOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from './test-app.ts';

type Headers = Record<string, string>;
const FOREIGN = 'https://evil.example';
const PUBLIC = 'http://localhost:8080';
const routes: { method: string; url: string }[] = [];
let t: TestApp;
let signedIn: Headers;
beforeAll(async () => {
  t = await openTestApp({ onRoute: remember });
  signedIn = await t.signedIn('admin');
}, 30_000);
afterAll(() => t[Symbol.asyncDispose]());

function remember({ method, url }: RouteOptions): void {
  if (!url.startsWith('/api/v1')) return;
  for (const one of [method].flat()) routes.push({ method: one, url });
}

function ask(method: string, url: string, headers: Headers, payload?: string) {
  return t.app.inject({
    method: method as 'GET',
    url,
    headers,
    ...(payload === undefined ? {} : { payload }),
  });
}

const changing = () => routes.filter(({ method }) => !['GET', 'HEAD', 'OPTIONS'].includes(method));
const at = (url: string) => url.replaceAll(/:\w+/g, 'nosuchthing');
const without = (name: string): Headers =>
  Object.fromEntries(Object.entries(signedIn).filter(([key]) => key !== name));

describe('a page of another origin', () => {
  it('changes nothing by any route, with the cookie that the browser would add', async () => {
    expect(changing().length).toBeGreaterThan(40);
    for (const { method, url } of changing()) {
      const about = `${method} ${url}`;
      const foreign = await ask(method, at(url), { ...signedIn, origin: FOREIGN });
      expect(foreign.json(), about).toMatchObject({ status: 403, code: 'csrf_rejected' });
      // A sign-in needs no token: whoever has none signs in.
      if (url.endsWith('/sign-in')) continue;
      const tokenless = await ask(method, at(url), { ...without('x-csrf-token'), origin: PUBLIC });
      expect(tokenless.json(), about).toMatchObject({ status: 403, code: 'csrf_rejected' });
    }
  });

  it.each([
    ['that has no name, as of a file or a sandbox', 'null'],
    ['whose name begins like ours', 'http://localhost:8080.evil.example'],
    ['on another port of this host', 'http://localhost:9999'],
    ['that is no origin at all', 'nonsense'],
    ['that is empty', ''],
  ])('%s is one', async (_, origin) => {
    const answer = await ask('POST', '/api/v1/sign-out', { ...signedIn, host: 'localhost:8080', origin });
    expect(answer.json()).toMatchObject({ code: 'csrf_rejected' });
  });

  it('sends what a form can send, and gets nowhere', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      const headers = { ...signedIn, origin: PUBLIC, 'content-type': type };
      const answer = await ask('POST', '/api/v1/sites', headers, '{"name":"forged"}');
      expect(answer.json(), type).toMatchObject({ status: 415 });
    }
    const hidden = await ask('GET', '/api/v1/sites?_method=POST', {
      ...signedIn,
      'x-http-method-override': 'POST',
    });
    expect(hidden.body).not.toContain('forged');
  });

  it('with the token of another sign-in gets nowhere either', async () => {
    const other = await t.signedIn('viewer');
    const mixed = { ...signedIn, 'x-csrf-token': other['x-csrf-token'] ?? '' };
    expect((await ask('POST', '/api/v1/sign-out', mixed)).json()).toMatchObject({ code: 'csrf_rejected' });
  });

  it('is told by no answer that it may read it, nor that it may send more', async () => {
    const asks = { origin: FOREIGN, 'access-control-request-method': 'POST' };
    for (const [method, url] of [
      ['GET', '/api/v1/me'],
      ['OPTIONS', '/api/v1/cameras'],
      ['GET', '/api/openapi.json'],
      ['GET', '/healthz'],
      ['GET', '/api/v1/nothing'],
      ['POST', '/api/v1/sign-in'],
    ] as const) {
      const { headers } = await ask(method, url, { ...signedIn, ...asks });
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });
});

describe('every answer', () => {
  const policyOf = (headers: OutgoingHttpHeaders) =>
    new Map(
      String(headers['content-security-policy'])
        .split(';')
        .map((directive) => directive.trim().split(/\s+/))
        .map(([name = '', ...sources]) => [name, sources]),
    );

  it('is guarded, be it a page, data, a problem or nothing at all', async () => {
    for (const [method, url, headers] of [
      ['GET', '/', {}],
      ['GET', '/api/docs/', {}],
      ['GET', '/api/v1/me', t.admin],
      ['GET', '/api/v1/me', {}],
      ['GET', '/api/v1/nothing', {}],
      ['PUT', '/api/v1/cameras', t.admin],
      ['POST', '/api/v1/cameras', { ...t.admin, 'content-type': 'application/json' }],
      ['GET', '/healthz', {}],
    ] as const) {
      const answer = await ask(method, url, headers);
      const about = `${method} ${url} ${answer.statusCode}`;
      expect(answer.headers, about).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
      });
      const policy = policyOf(answer.headers);
      expect(policy.get('frame-ancestors'), about).toEqual(["'none'"]);
      expect(answer.headers, about).not.toHaveProperty('x-powered-by');
      expect(answer.headers, about).not.toHaveProperty('server');
    }
  });

  it('lets nothing stand inline in a page, nothing be evaluated, and nothing come from anywhere', async () => {
    const policy = policyOf((await ask('GET', '/', {})).headers);
    expect(policy.get('script-src')).toEqual(["'self'"]);
    expect(policy.get('style-src')).toEqual(["'self'"]);
    expect(policy.get('object-src')).toEqual(["'none'"]);
    expect(policy.get('base-uri')).toEqual(["'none'"]);
    const all = [...policy.values()].flat();
    for (const source of all) expect(source).not.toMatch(/unsafe|^\*|^https?:$|strict-dynamic/);
  });
});

describe('too much', () => {
  it('is not read: a body over the limit is refused by every route that takes one', async () => {
    const payload = JSON.stringify({ name: 'x'.repeat(2_000_000) });
    const headers = { ...t.admin, 'content-type': 'application/json' };
    for (const { method, url } of changing()) {
      const answer = await ask(method, at(url), headers, payload);
      expect(answer.statusCode, `${method} ${url} ${answer.body}`).toBe(413);
    }
  });

  it('nests no deeper than a reader bears', async () => {
    const deep = `${'['.repeat(60_000)}${']'.repeat(60_000)}`;
    const headers = { ...t.admin, 'content-type': 'application/json' };
    for (const url of ['/api/v1/sites', '/api/v1/policy/try', '/api/v1/alert-targets']) {
      const answer = await ask('POST', url, headers, deep);
      expect(answer.statusCode, answer.body.slice(0, 200)).toBe(400);
    }
  });

  it('is stopped for whoever is not known, by address, before anything is looked up', async () => {
    const guess = (remoteAddress: string) =>
      t.app.inject({ url: '/api/v1/me', remoteAddress, headers: { authorization: 'Bearer vdt_guess' } });
    const statuses = new Set<number>();
    // As fast as answers come, ten at a time: so many that come in the same instant are all refused.
    for (let i = 0; i < 31; i++)
      for (const { statusCode } of await Promise.all(Array.from({ length: 10 }, () => guess('10.9.9.9'))))
        statuses.add(statusCode);
    expect([...statuses].sort()).toEqual([401, 429]);
    // Somebody who is known is not locked out by a neighbour behind the same address.
    const known = await t.app.inject({ url: '/api/v1/me', remoteAddress: '10.9.9.9', headers: t.admin });
    expect(known.statusCode).toBe(200);
    expect((await guess('10.9.9.8')).statusCode).toBe(401);
  });
});
