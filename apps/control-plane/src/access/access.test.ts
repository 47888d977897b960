import { ALL_CAMERAS, HOME_TENANT } from '@vedette/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApp, TEST_PASSWORD, type TestApp } from '../http/test-app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await openTestApp();
}, 30_000);
afterAll(() => t[Symbol.asyncDispose]());

const NEW_PASSWORD = 'another good password';
type Headers = Record<string, string>;
const ask = (method: string, path: string, headers: Headers = {}, payload?: object) =>
  t.app.inject({
    method: method as 'GET',
    url: `/api/v1${path}`,
    headers,
    ...(payload === undefined ? {} : { payload }),
  });
const signIn = (name: string, password: string) => ask('POST', '/sign-in', {}, { name, password });
/** A user of their own, so that what one test does to it touches no other. */
async function newUser(name: string, role = 'viewer'): Promise<string> {
  const created = await ask('POST', '/users', t.admin, { name, role, password: TEST_PASSWORD });
  expect(created.statusCode).toBe(201);
  return created.json().id;
}

describe('signing in', () => {
  it('answers who I am and sets a cookie that scripts cannot read and other sites do not send', async () => {
    const answer = await signIn('Operator', TEST_PASSWORD);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ name: 'operator', role: 'operator' });
    const cookie = answer.cookies[0];
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' });
    expect(answer.body).not.toContain(cookie?.value);
    const me = await ask('GET', '/me', { cookie: `${cookie?.name}=${cookie?.value}` });
    expect(me.json()).toEqual(answer.json());
  });

  it('says the same of an unknown name, a wrong password and a disabled user', async () => {
    const id = await newUser('gone');
    await ask('PATCH', `/users/${id}`, t.admin, { disabled: true });
    const answers = await Promise.all([
      signIn('nobody', TEST_PASSWORD),
      signIn('viewer', 'wrong'),
      signIn('gone', TEST_PASSWORD),
    ]);
    const bodies = answers.map((answer) => ({ ...answer.json(), requestId: '' }));
    expect(answers.map((answer) => answer.statusCode)).toEqual([401, 401, 401]);
    expect(bodies[1]).toEqual(bodies[0]);
    expect(bodies[2]).toEqual(bodies[0]);
  });

  it('refuses further attempts on a name after ten wrong ones, existing or not, and says for how long', async () => {
    const attempts = await Promise.all(Array.from({ length: 11 }, () => signIn('guessed', 'x')));
    const statuses = attempts.map((answer) => answer.statusCode).sort();
    expect(statuses).toEqual([...Array(10).fill(401), 429]);
    const refused = await signIn('GUESSED ', 'x');
    expect(refused.statusCode).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await signIn('viewer', TEST_PASSWORD)).statusCode).toBe(200);
  });

  it('does not work from a page of another origin', async () => {
    const foreign = await ask(
      'POST',
      '/sign-in',
      { origin: 'https://evil.example' },
      { name: 'viewer', password: TEST_PASSWORD },
    );
    expect(foreign.json()).toMatchObject({ status: 403, code: 'csrf_rejected' });
  });
});

describe('a change asked for with a cookie', () => {
  it('needs the token that belongs to that cookie, and no foreign origin', async () => {
    const own = await t.signedIn('admin');
    const other = await t.signedIn('admin');
    const change = (headers: Headers) =>
      ask('POST', '/tokens', headers, { name: 't', role: 'viewer' }).then((answer) => answer.statusCode);
    const cookie = own['cookie'] ?? '';
    expect(await change(own)).toBe(201);
    expect(await change({ ...own, origin: 'http://localhost:8080' })).toBe(201);
    expect(await change({ ...own, host: 'video.example', origin: 'http://video.example' })).toBe(201);
    expect(await change({ cookie })).toBe(403);
    expect(await change({ cookie, 'x-csrf-token': '' })).toBe(403);
    expect(await change({ cookie, 'x-csrf-token': other['x-csrf-token'] ?? '' })).toBe(403);
    expect(await change({ ...own, origin: 'https://evil.example' })).toBe(403);
    expect(await change({ ...own, origin: 'null' })).toBe(403);
  });

  it('needs none of that with an API token, which no foreign page can send', async () => {
    expect((await ask('POST', '/tokens', t.admin, { name: 't', role: 'viewer' })).statusCode).toBe(201);
  });

  it('is judged by the Authorization header when there is one', async () => {
    const own = await t.signedIn('admin');
    expect((await ask('GET', '/me', { ...own, authorization: 'Bearer vdt_wrong' })).statusCode).toBe(401);
    expect((await ask('GET', '/me', { ...own, authorization: 'Basic YTpi' })).statusCode).toBe(401);
  });
});

describe('my sign-ins', () => {
  it('are listed, and can be ended one by one', async () => {
    await newUser('many');
    const headers = async () => {
      const answer = await signIn('many', TEST_PASSWORD);
      const cookie = answer.cookies[0];
      return { cookie: `${cookie?.name}=${cookie?.value}`, 'x-csrf-token': answer.json().csrfToken };
    };
    const [here, there] = [await headers(), await headers()];
    const list = async () => (await ask('GET', '/me/sign-ins', here)).json().items;
    const both = await list();
    expect(both.map((item: { current: boolean }) => item.current).sort()).toEqual([false, true]);
    const elsewhere = both.find((item: { current: boolean }) => !item.current);
    // Another user's sign-in does not exist for me.
    const stranger = await t.signedIn('viewer');
    expect((await ask('DELETE', `/me/sign-ins/${elsewhere.id}`, stranger)).statusCode).toBe(404);
    expect((await ask('DELETE', `/me/sign-ins/${elsewhere.id}`, here)).statusCode).toBe(204);
    expect((await ask('GET', '/me', there)).statusCode).toBe(401);
    expect(await list()).toHaveLength(1);
  });

  it('end when I sign out', async () => {
    const own = await t.signedIn('viewer');
    const answer = await ask('POST', '/sign-out', own);
    expect(answer.statusCode).toBe(204);
    expect(answer.cookies[0]?.value).toBe('');
    expect((await ask('GET', '/me', own)).statusCode).toBe(401);
  });
});

describe('changing my password', () => {
  it('asks for the one I have, and signs my other browsers out', async () => {
    await newUser('changer');
    const headers = async () => {
      const answer = await signIn('changer', TEST_PASSWORD);
      const cookie = answer.cookies[0];
      return { cookie: `${cookie?.name}=${cookie?.value}`, 'x-csrf-token': answer.json().csrfToken };
    };
    const [here, there] = [await headers(), await headers()];
    const change = (currentPassword: string) =>
      ask('POST', '/me/password', here, { currentPassword, newPassword: NEW_PASSWORD });
    expect((await change('wrong')).json()).toMatchObject({
      status: 400,
      fields: [{ path: 'currentPassword' }],
    });
    expect((await change(TEST_PASSWORD)).statusCode).toBe(204);
    expect((await ask('GET', '/me', here)).statusCode).toBe(200);
    expect((await ask('GET', '/me', there)).statusCode).toBe(401);
    expect((await signIn('changer', TEST_PASSWORD)).statusCode).toBe(401);
    expect((await signIn('changer', NEW_PASSWORD)).statusCode).toBe(200);
  });
});

describe('users', () => {
  it('are added, listed page by page, changed and deleted; no answer holds a password or its hash', async () => {
    const id = await newUser('Zoe');
    const first = await ask('GET', '/users?limit=2', t.admin);
    expect(first.json().items).toHaveLength(2);
    const names: string[] = [];
    let cursor: string | null = '';
    let bodies = '';
    while (cursor !== null) {
      const page = await ask('GET', `/users?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`, t.admin);
      names.push(...page.json().items.map((user: { name: string }) => user.name));
      bodies += page.body;
      cursor = page.json().nextCursor;
    }
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(['admin', 'operator', 'viewer', 'Zoe']));
    expect(bodies).not.toMatch(/argon2|password/i);
    const renamed = await ask('PATCH', `/users/${id}`, t.admin, { name: 'Zoë', role: 'operator' });
    expect(renamed.json()).toMatchObject({ id, name: 'Zoë', role: 'operator' });
    expect(
      (await ask('POST', '/users', t.admin, { name: 'ZOË', role: 'viewer', password: TEST_PASSWORD })).json(),
    ).toMatchObject({
      status: 409,
      fields: [{ path: 'name' }],
    });
    expect((await ask('DELETE', `/users/${id}`, t.admin)).statusCode).toBe(204);
    expect((await ask('GET', `/users/${id}`, t.admin)).statusCode).toBe(404);
  });

  it.each([
    ['given another role', { role: 'operator' }],
    ['given another password', { password: NEW_PASSWORD }],
    ['disabled', { disabled: true }],
    ['deleted', undefined],
  ])(
    'lose every sign-in at once when they are %s, and whoever serves them hears of it',
    async (what, change) => {
      const name = `user ${what}`;
      const id = await newUser(name);
      const cookie = (await signIn(name, TEST_PASSWORD)).cookies[0];
      const headers = { cookie: `${cookie?.name}=${cookie?.value}` };
      expect((await ask('GET', '/me', headers)).statusCode).toBe(200);
      const revoked: string[] = [];
      const stop = t.access.accounts.onRevoked((each) => revoked.push(each));
      if (change === undefined) await ask('DELETE', `/users/${id}`, t.admin);
      else await ask('PATCH', `/users/${id}`, t.admin, change);
      stop();
      expect((await ask('GET', '/me', headers)).statusCode).toBe(401);
      expect(revoked).toEqual([id]);
    },
  );

  it('keep one enabled administrator', async () => {
    const { id } = (await t.access.users.byName('admin')) ?? { id: '' };
    for (const change of [{ role: 'viewer' }, { disabled: true }]) {
      const answer = await ask('PATCH', `/users/${id}`, t.admin, change);
      expect(answer.json()).toMatchObject({ status: 409, code: 'conflict' });
    }
    expect((await ask('DELETE', `/users/${id}`, t.admin)).statusCode).toBe(409);
  });
});

describe('API tokens', () => {
  it('work until they are revoked, with the rights of their role; the secret is shown once', async () => {
    const made = await ask('POST', '/tokens', t.admin, { name: 'wall', role: 'viewer', expiresInDays: 1 });
    const { id, secret, expiresAt } = made.json();
    expect(secret).toMatch(/^vdt_/);
    expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now());
    const headers = { authorization: `Bearer ${secret}` };
    expect((await ask('GET', '/me', headers)).json()).toMatchObject({ id, name: 'wall', csrfToken: '' });
    expect((await ask('GET', '/users', headers)).statusCode).toBe(403);
    expect((await ask('GET', '/tokens', t.admin)).body).not.toContain(secret);
    expect((await ask('DELETE', `/tokens/${id}`, t.admin)).statusCode).toBe(204);
    expect((await ask('GET', '/me', headers)).statusCode).toBe(401);
  });

  it('stop working when they expire', async () => {
    const { secret } = await t.access.apiTokens.create({
      name: 'old',
      role: 'admin',
      tenantId: HOME_TENANT,
      grants: ALL_CAMERAS,
      scopes: null,
      createdBy: 'x',
      createdAt: new Date(0),
      expiresAt: new Date(Date.now() - 1),
    });
    expect((await ask('GET', '/me', { authorization: `Bearer ${secret}` })).statusCode).toBe(401);
  });
});
