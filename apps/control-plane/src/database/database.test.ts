import { inspect } from 'node:util';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from './database.ts';
import { DatabaseError } from './database-error.ts';
import { users } from './schema.ts';
import { openTestDatabase } from './test-database.ts';

let db: Database;
beforeAll(async () => {
  db = await openTestDatabase();
}, 30_000);
afterAll(() => db.close());

const user = (id: string, name = id) => ({
  id,
  name,
  nameKey: name,
  role: 'viewer',
  passwordHash: 'secret-hash',
  createdAt: new Date(0),
  updatedAt: new Date(0),
});

describe('the database', () => {
  it('keeps nothing of a transaction that fails', async () => {
    await expect(
      db.transaction(async (orm) => {
        await orm.insert(users).values(user('half'));
        throw new Error('half way');
      }),
    ).rejects.toThrow('half way');
    expect(await db.run((orm) => orm.select().from(users).where(eq(users.id, 'half')))).toEqual([]);
  });

  it('names a broken uniqueness and says nothing of the values', async () => {
    await db.run((orm) => orm.insert(users).values(user('one', 'same')));
    const thrown = await db
      .run((orm) => orm.insert(users).values(user('two', 'same')))
      .catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(DatabaseError);
    expect(thrown).toMatchObject({ isUniqueViolation: true, constraint: 'users_name_key' });
    expect(inspect(thrown, { depth: 9, showHidden: true })).not.toContain('secret-hash');
  });
});
