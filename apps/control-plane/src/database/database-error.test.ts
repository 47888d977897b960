import { VedetteError } from '@vedette/runtime';
import { describe, expect, it } from 'vitest';
import { fromDriver } from './database-error.ts';

const driver = (message: string, code?: string) => Object.assign(new Error(message), { code });

describe('what a database driver throws', () => {
  it.each([
    driver('connect ECONNREFUSED 127.0.0.1:5432', 'ECONNREFUSED'),
    driver('terminating connection due to administrator command', '57P01'),
    driver('the database system is starting up', '57P03'),
    driver('sorry, too many clients already', '53300'),
    driver('Connection terminated unexpectedly'),
    driver('timeout exceeded when trying to connect'),
  ])('is "unavailable" when it cannot be reached: %s', (error) => {
    const wrapped = Object.assign(new Error('Failed query: select $1\nparams: secret', { cause: error }), {
      name: 'DrizzleQueryError',
    });
    for (const thrown of [error, wrapped]) expect(fromDriver(thrown)).toMatchObject({ code: 'unavailable' });
  });

  it('is passed on when it is not from a database', () => {
    for (const error of [new VedetteError('conflict'), new TypeError('x'), 'text', undefined])
      expect(fromDriver(error)).toBe(error);
  });
});
