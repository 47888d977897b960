import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { HOME_TENANT, Role } from '@vedette/contracts';
import { silentLog } from '@vedette/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openProvider } from '../../apps/control-plane/src/access/oidc/open-provider.ts';
import { openTestApp, type TestApp } from '../../apps/control-plane/src/http/test-app.ts';
import { bound } from '../support/bound.ts';
import { freePort } from '../support/free-ports.ts';

const PUBLIC_URL = 'http://vedette.test';
const CALLBACK = `${PUBLIC_URL}/api/v1/sign-in/oidc/callback`;
const PROGRAM = fileURLToPath(new URL('../support/oidc-provider-program.ts', import.meta.url));

let provider: ChildProcess;
let issuer: string;
let t: TestApp;
beforeAll(async () => {
  const port = await freePort();
  issuer = `http://127.0.0.1:${port}`;
  provider = spawn(...bound(process.execPath, ['--no-warnings', PROGRAM, String(port), CALLBACK]), {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  if (provider.stdout !== null) await once(provider.stdout, 'data');
  t = await openTestApp({
    provider: (access) =>
      openProvider({
        access,
        publicUrl: PUBLIC_URL,
        secret: 'a-secret-of-control',
        log: silentLog(),
        config: {
          issuer,
          clientId: 'vedette',
          clientSecret: 'the-secret-of-the-client',
          scopes: ['openid', 'profile', 'groups'],
          groupsClaim: 'groups',
          roles: [
            { group: 'night', role: 'operator' },
            { group: 'chief', role: 'admin' },
          ],
          tenantId: HOME_TENANT,
          name: 'Company account',
        },
      }),
  });
}, 30_000);
afterAll(async () => {
  await t[Symbol.asyncDispose]();
  provider.kill('SIGKILL');
});

/** Cookies of one browser, by host; enough for two hosts that set plain ones. */
class Browser {
  readonly #cookies = new Map<string, string>();

  async go(url: string, form?: Readonly<Record<string, string>>): Promise<Response> {
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const at = pair.indexOf('=');
      this.#cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return answer;
  }

  /** Signs in at the provider by that name, until it leads back to us; answers where to. */
  async signIn(authorizationUrl: string, name: string): Promise<string> {
    let url = authorizationUrl;
    for (let step = 0; step < 12; step++) {
      if (url.startsWith(PUBLIC_URL)) return url;
      const answer = await this.go(url);
      const location = answer.headers.get('location');
      if (location !== null) {
        url = new URL(location, url).href;
        continue;
      }
      const page = await answer.text();
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? 'login';
      const done = await this.go(url, { prompt, login: name, password: 'any' });
      url = new URL(done.headers.get('location') ?? '', url).href;
    }
    throw new Error('the provider leads nowhere');
  }
}

/** From our button to the provider; the address there, and the cookie that our page keeps meanwhile. */
async function begin(returnTo?: string) {
  const query = returnTo === undefined ? '' : `?returnTo=${encodeURIComponent(returnTo)}`;
  const answer = await t.app.inject({ url: `/api/v1/sign-in/oidc${query}` });
  expect(answer.statusCode).toBe(303);
  const [cookie] = answer.cookies;
  return { url: String(answer.headers['location']), cookie: `${cookie?.name}=${cookie?.value}`, raw: cookie };
}

async function comeBack(url: string, cookie: string) {
  const answer = await t.app.inject({ url: url.slice(PUBLIC_URL.length), headers: { cookie } });
  expect(answer.statusCode).toBe(303);
  const session = answer.cookies.find(({ name }) => name === 'vedette-test');
  return { to: String(answer.headers['location']), session: session?.value };
}

const signIn = async (name: string, returnTo?: string) => {
  const { cookie, url } = await begin(returnTo);
  const callback = await new Browser().signIn(url, name);
  return { ...(await comeBack(callback, cookie)), callback, cookie };
};
const me = async (session: string | undefined) =>
  (await t.app.inject({ url: '/api/v1/me', headers: { cookie: `vedette-test=${session}` } })).json();

describe('signing in through an identity provider', () => {
  it('is offered by name', async () => {
    expect((await t.app.inject('/api/v1/sign-in/options')).json()).toEqual({ provider: 'Company account' });
  });

  it('makes somebody what their group is here, and leads to the page that was asked for', async () => {
    const { session, to } = await signIn('night-anna', '/wall?tiles=9');
    expect(to).toBe('/wall?tiles=9');
    expect(await me(session)).toMatchObject({ name: 'night-anna', role: 'operator', tenantId: HOME_TENANT });
    const again = await signIn('night-anna');
    expect((await me(again.session)).id).toBe((await me(session)).id);
    const { items } = (await t.app.inject({ url: '/api/v1/users', headers: t.admin })).json();
    const anna = items.filter(({ name }: { name: string }) => name === 'night-anna');
    expect(anna).toMatchObject([{ isExternal: true, role: 'operator' }]);
  }, 30_000);

  it('lets nobody in whose groups mean nothing here', async () => {
    const { session, to } = await signIn('guest-ben');
    expect(to).toBe('/sign-in?failed=no-role');
    expect(session).toBeUndefined();
    const refused = await t.app.inject({ url: '/api/v1/audit?kind=sign-in-refused', headers: t.admin });
    expect(refused.json().items[0].data).toMatchObject({ name: 'guest-ben', reason: 'no-role' });
  }, 30_000);

  it('takes over no account of a person who signs in by password', async () => {
    const passwordHash = await t.access.hasher.hash('a password of her own');
    await t.access.users.create({
      name: 'chief-eve',
      role: 'viewer',
      tenantId: HOME_TENANT,
      grants: [],
      passwordHash,
      disabled: false,
    });
    expect((await signIn('chief-eve')).to).toBe('/sign-in?failed=name-taken');
  }, 30_000);

  it('is not done twice by one answer, nor by another browser, nor with an answer that was altered', async () => {
    const { callback, cookie } = await signIn('night-cara');
    expect((await comeBack(callback, cookie)).session).toBeUndefined();
    const stolen = await begin();
    const theirs = await new Browser().signIn(stolen.url, 'chief-dora');
    const other = await begin();
    expect(await comeBack(theirs, other.cookie)).toEqual({
      to: '/sign-in?failed=provider',
      session: undefined,
    });
    expect((await comeBack(theirs, 'x=y')).to).toBe('/sign-in?failed=expired');
    const altered = await begin();
    const url = await new Browser().signIn(altered.url, 'chief-dora');
    expect((await comeBack(`${url}x`, altered.cookie)).session).toBeUndefined();
  }, 30_000);

  it('ends with the account, whatever the provider says', async () => {
    const { session } = await signIn('night-finn');
    const { id } = await me(session);
    const disable = {
      method: 'PATCH',
      url: `/api/v1/users/${id}`,
      headers: t.admin,
      payload: { disabled: true },
    } as const;
    expect((await t.app.inject(disable)).statusCode).toBe(200);
    expect((await me(session)).code).toBe('unauthenticated');
    expect((await signIn('night-finn')).to).toBe('/sign-in?failed=disabled');
  }, 30_000);

  it('leads nobody to another page than ours', async () => {
    for (const wrong of ['//evil.example/', 'https://evil.example/', '/\\evil.example', '/api/v1/me'])
      expect((await signIn(`night-${Role.options.length}`, wrong)).to).toBe('/');
  }, 30_000);

  it('keeps what it needs from the page and from other sites', async () => {
    const { raw } = await begin();
    expect(raw).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/api/v1/sign-in/oidc', maxAge: 600 });
    expect(raw?.value).not.toContain('night');
  });
});

describe('a provider that is away', () => {
  it('keeps nobody from starting, and is said plainly', async () => {
    await using other = await openTestApp({
      database: t.database,
      provider: (access) =>
        openProvider({
          access,
          publicUrl: PUBLIC_URL,
          secret: 's',
          log: silentLog(),
          config: {
            issuer: 'http://127.0.0.1:9',
            clientId: 'vedette',
            clientSecret: undefined,
            scopes: ['openid'],
            groupsClaim: 'groups',
            roles: [],
            tenantId: HOME_TENANT,
            name: 'x',
          },
        }),
    });
    const answer = await other.app.inject({ url: '/api/v1/sign-in/oidc' });
    expect(answer.statusCode).toBe(303);
    expect(answer.headers['location']).toBe('/sign-in?failed=provider');
  });
});
