import { describe, expect, it } from 'vitest';
import { HttpClient, queryString } from './http-client.ts';

const problem = (status: number, code: string) =>
  new Response(JSON.stringify({ type: '', title: 'No', status, detail: 'Not now.', code }), { status });

function client(answers: readonly (Response | 'down')[]) {
  const calls: { readonly url: string; readonly token: string | null; readonly method: string }[] = [];
  let unauthenticated = 0;
  let asked = 0;
  const http = new HttpClient({
    fetch: async (url, init) => {
      const answer = answers[calls.length] ?? 'down';
      const token = new Headers(init?.headers).get('x-csrf-token');
      calls.push({ url: String(url), token, method: init?.method ?? 'GET' });
      init?.signal?.throwIfAborted();
      if (answer === 'down') throw new TypeError('Failed to fetch');
      return answer;
    },
    csrfToken: async (fresh) => {
      if (fresh) asked += 1;
      return asked === 0 ? 'old' : 'fresh';
    },
    onUnauthenticated: () => {
      unauthenticated += 1;
    },
  });
  return { http, calls, unauthenticated: () => unauthenticated };
}

describe('a call to control', () => {
  it('carries the CSRF token when it changes something, and none when it reads', async () => {
    const { http, calls } = client([new Response('{}'), new Response(null, { status: 204 })]);
    await http.call('GET', '/a');
    expect(await http.call('DELETE', '/a')).toEqual({ ok: true, value: undefined });
    expect(calls.map(({ token }) => token)).toEqual([null, 'old']);
  });

  it('is repeated once with a fresh token when control refuses the old one', async () => {
    const { http, calls } = client([problem(403, 'csrf_rejected'), new Response('{"id":1}')]);
    expect(await http.call('POST', '/a', { body: {} })).toEqual({ ok: true, value: { id: 1 } });
    expect(calls.map(({ token }) => token)).toEqual(['old', 'fresh']);
    const again = client([problem(403, 'csrf_rejected'), problem(403, 'csrf_rejected')]);
    expect((await again.http.call('POST', '/a')).ok).toBe(false);
    expect(again.calls).toHaveLength(2);
  });

  it('gives the problem that control answered', async () => {
    const { http } = client([problem(409, 'conflict')]);
    expect(await http.call('GET', '/a')).toMatchObject({
      ok: false,
      problem: { code: 'conflict', status: 409 },
    });
  });

  it('gives a problem of its own for a proxy that answers in its own words, and for no answer', async () => {
    const { http } = client([
      new Response('<h1>Bad gateway</h1>', { status: 502 }),
      new Response('ok'),
      'down',
    ]);
    expect(await http.call('GET', '/a')).toMatchObject({
      ok: false,
      problem: { code: 'unavailable', status: 502 },
    });
    expect(await http.call('GET', '/a')).toMatchObject({
      ok: false,
      problem: { code: 'unavailable', status: 200 },
    });
    expect(await http.call('GET', '/a')).toMatchObject({
      ok: false,
      problem: { code: 'unavailable', status: 0 },
    });
  });

  it('reports a lost sign-in, but not a refused attempt to sign in', async () => {
    const { http, unauthenticated } = client([
      problem(401, 'unauthenticated'),
      problem(401, 'unauthenticated'),
    ]);
    await http.call('POST', '/sign-in', { anonymous: true });
    expect(unauthenticated()).toBe(0);
    await http.call('GET', '/a');
    expect(unauthenticated()).toBe(1);
  });

  it('rejects only when its own signal aborts', async () => {
    const { http } = client([new Response('{}')]);
    await expect(http.call('GET', '/a', { signal: AbortSignal.abort() })).rejects.toThrow();
  });

  it('by the player is answered as fetch answers, with the token, and repeated for a refused one', async () => {
    const { http, calls } = client([problem(403, 'csrf_rejected'), new Response('{}', { status: 201 })]);
    const response = await http.fetch('/api/v1/streams/c1/start', { method: 'POST' });
    expect(response.status).toBe(201);
    expect(calls.map(({ token }) => token)).toEqual(['old', 'fresh']);
  });

  it('leaves empty parameters out of the address', () => {
    expect(queryString({ q: '', limit: 50, cursor: undefined })).toBe('?limit=50');
    expect(queryString({ q: 'a&b' })).toBe('?q=a%26b');
    expect(queryString(undefined)).toBe('');
  });
});
