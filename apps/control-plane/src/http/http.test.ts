import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from './test-app.ts';

let t: TestApp;
const ready = { node: false };
beforeAll(async () => {
  t = await openTestApp({
    checks: [
      { name: 'a media node', ready: () => ready.node },
      { name: 'database', ready: () => t.registry.store.count().then(() => true) },
    ],
  });
}, 30_000);
afterAll(() => t[Symbol.asyncDispose]());

describe('every answer', () => {
  it('carries a request id of its own, whatever the caller sends', async () => {
    const ids = await Promise.all(
      ['/healthz', '/api/v1/me', '/api/v1/nothing'].map(
        async (url) =>
          (await t.app.inject({ url, headers: { 'x-request-id': 'mine' } })).headers['x-request-id'],
      ),
    );
    expect(new Set(ids).size).toBe(3);
    expect(ids).not.toContain('mine');
  });

  it('lets scripts come from here only, and media from the nodes', async () => {
    const { headers } = await t.app.inject({ url: '/healthz' });
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("connect-src 'self' http://localhost:8081");
    expect(policy).toContain("media-src 'self' blob: http://localhost:8081");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('upgrade-insecure-requests');
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    expect(headers).not.toHaveProperty('strict-transport-security');
  });

  it('of the API is kept by no cache', async () => {
    const answer = await t.app.inject({ url: '/api/v1/me', headers: t.admin });
    expect(answer.headers['cache-control']).toBe('no-store');
  });
});

describe('health', () => {
  it('is alive at once, and ready when everything is', async () => {
    expect((await t.app.inject('/healthz')).statusCode).toBe(200);
    const waiting = await t.app.inject('/readyz');
    expect(waiting.statusCode).toBe(503);
    expect(waiting.json()).toMatchObject({
      code: 'unavailable',
      detail: expect.stringContaining('a media node'),
    });
    expect(waiting.body).not.toContain('database');
    ready.node = true;
    expect((await t.app.inject('/readyz')).json()).toEqual({ status: 'ready' });
  });

  it('tells Prometheus its metrics', async () => {
    const answer = await t.app.inject('/metrics');
    expect(answer.headers['content-type']).toMatch(/^text\/plain/);
    expect(answer.body).toContain('vedette_process_cpu_seconds_total');
  });
});

describe('the description of the API', () => {
  it('is OpenAPI 3.1 and describes every route of the API with the problem it may answer', async () => {
    const document = (await t.app.inject('/api/openapi.json')).json();
    expect(document.openapi).toMatch(/^3\.1\./);
    const operations = Object.entries<Record<string, { summary?: string; responses: object }>>(
      document.paths,
    ).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
    const named = operations.map(({ path, method }) => `${method} ${path}`);
    expect(named).toEqual(
      expect.arrayContaining([
        'post /api/v1/sign-in',
        'get /api/v1/cameras',
        'post /api/v1/streams/{cameraId}/start',
      ]),
    );
    for (const { path, method, operation } of operations) {
      expect(operation.summary, `${method} ${path}`).toEqual(expect.any(String));
      expect(operation.responses, `${method} ${path}`).toHaveProperty('default');
    }
    const text = JSON.stringify(document);
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g))
      expect(document.components.schemas).toHaveProperty(name ?? '');
  });

  it('can be browsed', async () => {
    const page = await t.app.inject('/api/docs/');
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toMatch(/<script>[^<]/);
    expect((await t.app.inject('/api/docs/static/swagger-ui.css')).statusCode).toBe(200);
  });
});

describe('the dashboard', () => {
  it('says that it is not built, when it is not', async () => {
    expect((await t.app.inject('/')).json()).toMatchObject({
      status: 503,
      detail: expect.stringContaining('not built'),
    });
  });

  it('is served fresh, with its assets for ever, at every address a person may keep', async () => {
    mkdirSync(join(t.folder, 'assets'));
    writeFileSync(join(t.folder, 'index.html'), '<title>Vedette</title>');
    writeFileSync(join(t.folder, 'assets', 'index-abc.js'), 'export {}');
    writeFileSync(join(t.folder, 'favicon.svg'), '<svg/>');
    for (const url of ['/', '/wall', '/cameras/abc?x=1']) {
      const page = await t.app.inject(url);
      expect(page.body).toContain('<title>Vedette</title>');
      expect(page.headers).toMatchObject({
        'cache-control': 'no-cache',
        'content-type': 'text/html; charset=utf-8',
      });
    }
    const asset = await t.app.inject('/assets/index-abc.js');
    expect(asset.headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': expect.stringMatching(/javascript/),
    });
    expect((await t.app.inject('/favicon.svg')).statusCode).toBe(200);
    for (const url of ['/assets/nosuch.js', '/nosuch.png', '/api/nosuch', '/api/v1/nosuch'])
      expect((await t.app.inject(url)).json(), url).toMatchObject({ status: 404, code: 'not_found' });
  });

  it('serves nothing from outside its folder, and no hidden file', async () => {
    writeFileSync(join(t.folder, '.secret'), 'hidden');
    for (const url of [
      '/../package.json',
      '/..%2fpackage.json',
      '/assets/..%2f..%2fpackage.json',
      '/%2e%2e/x.json',
      '/.secret',
      '/keys/master.key',
    ]) {
      const answer = await t.app.inject(url);
      expect(answer.body, url).not.toMatch(/hidden|@vedette|^[0-9a-f]{64}/);
    }
  });
});

describe('rates', () => {
  it('bear a wall of fifty and a hundred starts at once, and stop a flood with the time to wait', async () => {
    const made = await t.app.inject({
      method: 'POST',
      url: '/api/v1/tokens',
      headers: t.admin,
      payload: { name: 'flood', role: 'viewer' },
    });
    const headers = { authorization: `Bearer ${made.json().secret}` };
    const burst = async (requests: number) => {
      const answers = await Promise.all(
        Array.from({ length: requests }, () => t.app.inject({ url: '/api/v1/me', headers })),
      );
      return answers.filter((answer) => answer.statusCode === 429);
    };
    expect(await burst(250)).toEqual([]);
    const refused = await burst(1_000);
    expect(refused.length).toBeGreaterThan(0);
    expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThan(0);
    expect(refused[0]?.json()).toMatchObject({ code: 'rate_limited' });
    // Somebody else is not concerned.
    expect((await t.app.inject({ url: '/api/v1/me', headers: t.admin })).statusCode).toBe(200);
  });
});
