import { type Grant, Grants, HOME_TENANT, Role, TenantId, UserId } from '@vedette/contracts';
import { newId, VedetteError } from '@vedette/runtime';
import { and, asc, count, eq, gt, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database, Orm } from '../database/database.ts';
import { DatabaseError } from '../database/database-error.ts';
import { users } from '../database/schema.ts';

const UserRow = z.object({
  id: UserId,
  name: z.string(),
  nameKey: z.string(),
  role: Role,
  tenantId: TenantId,
  grants: Grants,
  externalId: z.string().nullable(),
  passwordHash: z.string(),
  disabled: z.boolean(),
  createdAt: z.date(),
});
export type User = z.infer<typeof UserRow>;

export interface UserFields {
  readonly name: string;
  readonly role: Role;
  readonly tenantId: TenantId;
  readonly grants: readonly Grant[];
  readonly passwordHash: string;
  readonly disabled: boolean;
  /** Issuer and subject of whoever signs in through an identity provider. */
  readonly externalId?: string | null;
}

/** The form in which names are compared: Anna, anna and ANNA are one. */
export function nameKeyOf(name: string): string {
  return name.trim().normalize('NFKC').toLowerCase();
}

/** Users, of whom one enabled administrator of the first tenant always remains. */
export class UserStore {
  readonly #database: Database;
  constructor(options: { database: Database }) {
    this.#database = options.database;
  }

  /** Throws `conflict` when the name is taken. */
  create(fields: UserFields): Promise<User> {
    return this.#unique(() =>
      this.#database.run(async (orm) => {
        const now = new Date();
        const row = {
          ...fields,
          id: newId(),
          nameKey: nameKeyOf(fields.name),
          createdAt: now,
          updatedAt: now,
        };
        return one(await orm.insert(users).values(row).returning());
      }),
    );
  }

  /** Creates the user only while there is none at all; undefined when there is one already. */
  createFirst(fields: UserFields): Promise<User | undefined> {
    return this.#database.transaction(async (orm) => {
      await lockUsers(orm);
      const existing = await orm.select({ id: users.id }).from(users).limit(1);
      if (existing.length > 0) return undefined;
      const now = new Date();
      const row = { ...fields, id: newId(), nameKey: nameKeyOf(fields.name), createdAt: now, updatedAt: now };
      return one(await orm.insert(users).values(row).returning());
    });
  }

  async get(id: string): Promise<User | undefined> {
    const rows = await this.#database.run((orm) => orm.select().from(users).where(eq(users.id, id)));
    return rows.map((row) => UserRow.parse(row))[0];
  }

  async byExternalId(externalId: string): Promise<User | undefined> {
    const rows = await this.#database.run((orm) =>
      orm.select().from(users).where(eq(users.externalId, externalId)),
    );
    return rows.map((row) => UserRow.parse(row))[0];
  }

  async byName(name: string): Promise<User | undefined> {
    const key = nameKeyOf(name);
    const rows = await this.#database.run((orm) => orm.select().from(users).where(eq(users.nameKey, key)));
    return rows.map((row) => UserRow.parse(row))[0];
  }

  async count(tenantId: TenantId): Promise<number> {
    const rows = await this.#database.run((orm) =>
      orm.select({ n: count() }).from(users).where(eq(users.tenantId, tenantId)),
    );
    return rows[0]?.n ?? 0;
  }

  /** Of a tenant, by name; `after` is the name key of the last one seen. */
  async list(options: {
    tenantId: TenantId;
    limit: number;
    after?: string | undefined;
  }): Promise<readonly User[]> {
    const { limit, after, tenantId } = options;
    const rows = await this.#database.run((orm) =>
      orm
        .select()
        .from(users)
        .where(and(eq(users.tenantId, tenantId), after === undefined ? undefined : gt(users.nameKey, after)))
        .orderBy(asc(users.nameKey))
        .limit(limit),
    );
    return rows.map((row) => UserRow.parse(row));
  }

  /** Undefined when there is no such user; throws `conflict` when the name is taken or no administrator would remain. */
  update(id: string, change: Partial<UserFields>): Promise<User | undefined> {
    return this.#unique(() =>
      this.#database.transaction(async (orm) => {
        await lockUsers(orm);
        const rows = await orm
          .update(users)
          .set({
            ...change,
            ...(change.name === undefined ? {} : { nameKey: nameKeyOf(change.name) }),
            updatedAt: new Date(),
          })
          .where(eq(users.id, id))
          .returning();
        if (rows.length === 0) return undefined;
        await this.#requireAdministrator(orm);
        return one(rows);
      }),
    );
  }

  /** False when there was no such user; throws `conflict` when no administrator would remain. */
  remove(id: string): Promise<boolean> {
    return this.#database.transaction(async (orm) => {
      await lockUsers(orm);
      const rows = await orm.delete(users).where(eq(users.id, id)).returning({ id: users.id });
      if (rows.length > 0) await this.#requireAdministrator(orm);
      return rows.length > 0;
    });
  }

  async #requireAdministrator(orm: Orm): Promise<void> {
    const left = await orm
      .select({ id: users.id })
      .from(users)
      .where(and(eq(users.role, 'admin'), eq(users.disabled, false), eq(users.tenantId, HOME_TENANT)))
      .limit(1);
    if (left.length === 0)
      throw new VedetteError('conflict', {
        detail: 'This is the last enabled administrator; one must remain.',
      });
  }

  async #unique<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DatabaseError) || !error.isUniqueViolation) throw error;
      throw new VedetteError('conflict', {
        detail: 'A user of this name exists already.',
        fields: [{ path: 'name', message: 'is taken' }],
      });
    }
  }
}

/**
 * One change at a time: two processes that start on an empty database must not both find it empty, and
 * two administrators who remove each other at the same moment must not both succeed.
 */
async function lockUsers(orm: Orm): Promise<void> {
  await orm.execute(sql`lock table ${users} in share row exclusive mode`);
}

function one(rows: readonly unknown[]): User {
  return UserRow.parse(rows[0]);
}
