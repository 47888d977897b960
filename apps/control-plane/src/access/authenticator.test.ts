import { ALL_CAMERAS, HOME_TENANT, Role, UserId } from '@vedette/contracts';
import { systemClock, VedetteError } from '@vedette/runtime';
import { describe, expect, it } from 'vitest';
import { Authenticator } from './authenticator.ts';
import type { SignIn } from './sign-in-store.ts';
import type { User } from './user-store.ts';

const HOUR = 3_600_000;

function world() {
  const time = { ms: 1_000_000 };
  const user: User = {
    id: UserId.parse('u1'),
    name: 'anna',
    nameKey: 'anna',
    role: Role.parse('viewer'),
    tenantId: HOME_TENANT,
    grants: [...ALL_CAMERAS],
    externalId: null,
    passwordHash: '',
    disabled: false,
    createdAt: new Date(0),
  };
  const signIn: SignIn = {
    id: 's1',
    userId: user.id,
    createdAt: new Date(time.ms),
    lastSeenAt: new Date(time.ms),
    expiresAt: new Date(time.ms + 24 * HOUR),
    address: '',
    userAgent: '',
  };
  const state = {
    user: user as User | undefined,
    signIn: signIn as SignIn | undefined,
    isAway: false,
    reads: 0,
    touches: 0,
  };
  const authenticator = new Authenticator({
    users: { get: async () => state.user },
    signIns: {
      bySecret: async () => {
        state.reads++;
        if (state.isAway) throw new VedetteError('unavailable');
        return state.signIn;
      },
      touch: async (_id, at) => {
        state.touches++;
        if (state.signIn !== undefined) state.signIn = { ...state.signIn, lastSeenAt: at };
      },
    },
    apiTokens: { bySecret: async () => undefined, get: async () => undefined, touch: async () => undefined },
    adminToken: 'the-administrators-token',
    idleMs: 12 * HOUR,
    clock: { now: () => time.ms, wallNow: () => time.ms, after: systemClock.after },
  });
  return { authenticator, state, time };
}

describe('recognising a cookie', () => {
  it('asks the database once for a hundred starts at once, and again after some seconds', async () => {
    const { authenticator, state, time } = world();
    await authenticator.byCookie('x');
    await Promise.all(Array.from({ length: 100 }, () => authenticator.byCookie('x')));
    expect(state.reads).toBe(1);
    time.ms += 5_001;
    await authenticator.byCookie('x');
    expect(state.reads).toBe(2);
  });

  it('forgets at once when told to, also what was being looked up at that moment', async () => {
    const { authenticator, state } = world();
    const underWay = authenticator.byCookie('x');
    state.signIn = undefined;
    authenticator.forget();
    await underWay;
    expect(await authenticator.byCookie('x')).toBeUndefined();
  });

  it('ends after the idle time, and not before while it is used', async () => {
    const { authenticator, time } = world();
    time.ms += 11 * HOUR;
    expect(await authenticator.byCookie('x')).toMatchObject({ name: 'anna' });
    time.ms += 11 * HOUR;
    expect(await authenticator.byCookie('x')).toMatchObject({ name: 'anna' });
    time.ms += 12 * HOUR;
    expect(await authenticator.byCookie('x')).toBeUndefined();
  });

  it('ends when its time is over, however busy', async () => {
    const { authenticator, time } = world();
    for (let hour = 0; hour < 23; hour++) {
      time.ms += HOUR;
      expect(await authenticator.byCookie('x')).toBeDefined();
    }
    time.ms += HOUR;
    expect(await authenticator.byCookie('x')).toBeUndefined();
  });

  it('writes down that it was seen no more often than every five minutes', async () => {
    const { authenticator, state, time } = world();
    for (let second = 0; second < 600; second += 6) {
      time.ms += 6_000;
      await authenticator.byCookie('x');
    }
    expect(state.touches).toBe(1);
  });

  it('goes on while the database is away, a quarter of an hour and never beyond its own end', async () => {
    const { authenticator, state, time } = world();
    await authenticator.byCookie('x');
    state.isAway = true;
    time.ms += 14 * 60_000;
    expect(await authenticator.byCookie('x')).toMatchObject({ name: 'anna' });
    await expect(authenticator.byCookie('y')).rejects.toMatchObject({ code: 'unavailable' });
    time.ms += 60_000;
    await expect(authenticator.byCookie('x')).rejects.toMatchObject({ code: 'unavailable' });

    const ending = world();
    ending.state.signIn = ending.state.signIn && {
      ...ending.state.signIn,
      expiresAt: new Date(ending.time.ms + 60_000),
    };
    await ending.authenticator.byCookie('x');
    ending.state.isAway = true;
    ending.time.ms += 60_000;
    expect(await ending.authenticator.byCookie('x')).toBeUndefined();
  });

  it('does not stand in for who has just lost a right, though the database is gone at that moment', async () => {
    const { authenticator, state } = world();
    await authenticator.byCookie('x');
    state.isAway = true;
    authenticator.forget('somebody-else');
    expect(await authenticator.byCookie('x')).toMatchObject({ name: 'anna' });
    authenticator.forget('u1');
    await expect(authenticator.byCookie('x')).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('ends with its user', async () => {
    const { authenticator, state } = world();
    state.user = undefined;
    expect(await authenticator.byCookie('x')).toBeUndefined();
  });
});

describe('recognising a bearer token', () => {
  it('knows the administrator token, and nothing like it', async () => {
    const { authenticator } = world();
    expect(await authenticator.byBearer('the-administrators-token')).toMatchObject({ role: 'admin' });
    for (const wrong of ['', 'the-administrators-toke', 'the-administrators-tokens', 'vdt_x'])
      expect(await authenticator.byBearer(wrong)).toBeUndefined();
  });
});
