import { ALL_CAMERAS, HOME_TENANT, Role, UserId } from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import { describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../tests/support/held-clock.ts';
import { PathIdentity } from './path-identity.ts';

const MINUTE = 60_000;
const anna = {
  id: UserId.parse('anna'),
  name: 'anna',
  role: Role.parse('viewer'),
  tenantId: HOME_TENANT,
  grants: ALL_CAMERAS,
};

function world() {
  const clock = new HeldClock();
  const database = { isAway: false, password: 'right' };
  const identity = new PathIdentity({
    authenticator: { byBearer: async () => undefined },
    signIns: {
      check: async ({ password }) => {
        if (database.isAway) throw new VedetteError('unavailable');
        if (password !== database.password) throw new VedetteError('unauthenticated');
        return anna;
      },
    },
    clock,
  });
  const ask = (password: string, address = '10.0.0.7') =>
    identity.identify({ kind: 'basic', username: 'anna', password }, address);
  return { ask, clock, database, identity };
}

describe('a person who speaks to a node by password', () => {
  it('is checked every time while the database is there', async () => {
    const { ask, database } = world();
    expect(await ask('right')).toMatchObject({ name: 'anna' });
    database.password = 'changed';
    await expect(ask('right')).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('goes on for a quarter of an hour while it is away, from the same place with the same password', async () => {
    const { ask, clock, database } = world();
    await ask('right');
    database.isAway = true;
    await clock.pass(14 * MINUTE);
    expect(await ask('right')).toMatchObject({ name: 'anna' });
    await expect(ask('guessed')).rejects.toMatchObject({ code: 'unavailable' });
    await expect(ask('right', '10.0.0.8')).rejects.toMatchObject({ code: 'unavailable' });
    await clock.pass(MINUTE);
    await expect(ask('right')).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('does not go on with a password that was found wrong since, or with rights that were changed', async () => {
    const { ask, database } = world();
    await ask('right');
    database.password = 'changed';
    await ask('right').catch(() => undefined);
    database.isAway = true;
    await expect(ask('right')).rejects.toMatchObject({ code: 'unavailable' });

    const changed = world();
    await changed.ask('right');
    changed.identity.forget('anna');
    changed.database.isAway = true;
    await expect(changed.ask('right')).rejects.toMatchObject({ code: 'unavailable' });
  });
});
