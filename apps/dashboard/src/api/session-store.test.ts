import { HOME_TENANT, type Me, type Problem, type UserId } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import type { ApiResult } from './api-result.ts';
import { SessionStore } from './session-store.ts';

const me: Me = {
  id: 'u1' as UserId,
  name: 'vera',
  role: 'viewer',
  tenantId: HOME_TENANT,
  tenantName: 'Home',
  permissions: ['camera.read'],
  csrfToken: 't1',
};
const failed = (status: number): ApiResult<Me> => ({
  ok: false,
  problem: { type: '', title: '', detail: '', status, code: 'unavailable' } satisfies Problem,
});

function open(answers: readonly ApiResult<Me>[], kept = new Map<string, string>()) {
  let asked = 0;
  const store = new SessionStore({
    storage: {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    },
    fetchMe: async () => {
      const answer = answers[Math.min(asked, answers.length - 1)] ?? failed(0);
      asked += 1;
      return answer;
    },
  });
  return { store, kept, asked: () => asked };
}

describe('who is signed in', () => {
  it('is remembered, and shown before control has answered', async () => {
    const { store, kept } = open([{ ok: true, value: me }]);
    await store.refresh();
    const again = open([failed(0)], kept).store;
    const { csrfToken, ...person } = me;
    expect(again.state).toEqual({ status: 'unknown', person });
    expect(kept.get('vedette.person')).not.toContain(csrfToken);
  });

  it('stays so while control is away, and is forgotten when control says no', async () => {
    const { store, kept } = open([{ ok: true, value: me }, failed(0), failed(503), failed(401)]);
    await store.refresh();
    await store.refresh();
    await store.refresh();
    expect(store.state.status).toBe('signed-in');
    await store.refresh();
    expect(store.state.status).toBe('signed-out');
    expect(kept.size).toBe(0);
  });

  it('is asked once, however many wait for the token', async () => {
    const { store, asked } = open([{ ok: true, value: me }]);
    expect(await Promise.all([store.csrfToken(false), store.csrfToken(false)])).toEqual(['t1', 't1']);
    expect(asked()).toBe(1);
    await store.csrfToken(false);
    expect(asked()).toBe(1);
    await store.csrfToken(true);
    expect(asked()).toBe(2);
  });

  it('is the same object when merely confirmed, so that nothing is drawn again', async () => {
    const { store } = open([{ ok: true, value: me }]);
    await store.refresh();
    const before = store.state;
    store.signedIn({ ...me, csrfToken: 't2' });
    expect(store.state.status === 'signed-in' && before.status === 'signed-in').toBe(true);
    if (store.state.status === 'signed-in' && before.status === 'signed-in')
      expect(store.state.person).toBe(before.person);
  });

  it('is nobody when what was remembered cannot be read and control is away', async () => {
    const { store } = open([failed(0)], new Map([['vedette.person', '{"id":7}']]));
    expect(store.state).toEqual({ status: 'unknown', person: null });
    await store.refresh();
    expect(store.state.status).toBe('signed-out');
  });
});
