import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApp, TEST_PASSWORD, type TestApp } from '../http/test-app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await openTestApp();
}, 30_000);
afterAll(() => t[Symbol.asyncDispose]());

const signIn = (name: string, password: string) =>
  t.app.inject({ method: 'POST', url: '/api/v1/sign-in', payload: { name, password } });

describe('signing in', () => {
  it('answers who I am and sets a cookie that scripts cannot read and other sites do not send', async () => {
    const answer = await signIn('Operator', TEST_PASSWORD);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ name: 'operator', role: 'operator' });
    const cookie = answer.cookies[0];
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' });
    const me = await t.app.inject({
      url: '/api/v1/me',
      cookies: { [cookie?.name ?? '']: cookie?.value ?? '' },
    });
    expect(me.json()).toEqual(answer.json());
  });

  it('says the same of an unknown name, a wrong password and a disabled user', async () => {
    const passwordHash = await t.access.hasher.hash(TEST_PASSWORD);
    await t.access.users.create({ name: 'gone', role: 'viewer', passwordHash, disabled: true });
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
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 11; attempt++) statuses.push((await signIn('guessed', 'x')).statusCode);
    expect(statuses).toEqual([...Array(10).fill(401), 429]);
    const refused = await signIn('guessed', 'x');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  });
});
