import { type Grant, Grants, Role, TenantId, UserId } from '@vedette/contracts';
import { newId, newSecret } from '@vedette/runtime';
import { and, asc, eq, gt } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../database/database.ts';
import { apiTokens } from '../database/schema.ts';
import { secretHash } from './secret-hash.ts';

const ApiTokenRow = z.object({
  id: UserId,
  name: z.string(),
  role: Role,
  tenantId: TenantId,
  grants: Grants,
  scopes: z.array(z.string()).nullable(),
  createdBy: z.string(),
  createdAt: z.date(),
  expiresAt: z.date().nullable(),
  lastUsedAt: z.date().nullable(),
});
export type ApiToken = z.infer<typeof ApiTokenRow>;

/** Keys of programs. The secret is answered once and kept as its hash only. */
export class ApiTokenStore {
  readonly #database: Database;
  constructor(options: { database: Database }) {
    this.#database = options.database;
  }

  async create(fields: {
    readonly name: string;
    readonly role: Role;
    readonly tenantId: TenantId;
    readonly grants: readonly Grant[];
    readonly scopes: readonly string[] | null;
    readonly createdBy: string;
    readonly createdAt: Date;
    readonly expiresAt: Date | null;
  }): Promise<{ readonly token: ApiToken; readonly secret: string }> {
    const secret = `vdt_${newSecret()}`;
    const row = { ...fields, id: newId(), lastUsedAt: null, secretHash: secretHash(secret) };
    await this.#database.run((orm) => orm.insert(apiTokens).values(row));
    return { token: ApiTokenRow.parse(row), secret };
  }

  async bySecret(secret: string): Promise<ApiToken | undefined> {
    const hash = secretHash(secret);
    const rows = await this.#database.run((orm) =>
      orm.select().from(apiTokens).where(eq(apiTokens.secretHash, hash)),
    );
    return rows.map((row) => ApiTokenRow.parse(row))[0];
  }

  async get(id: string): Promise<ApiToken | undefined> {
    const rows = await this.#database.run((orm) => orm.select().from(apiTokens).where(eq(apiTokens.id, id)));
    return rows.map((row) => ApiTokenRow.parse(row))[0];
  }

  async touch(id: string, at: Date): Promise<void> {
    await this.#database.run((orm) =>
      orm.update(apiTokens).set({ lastUsedAt: at }).where(eq(apiTokens.id, id)),
    );
  }

  /** Of a tenant, by id; `after` is the id of the last one seen. */
  async list(options: {
    tenantId: TenantId;
    limit: number;
    after?: string | undefined;
  }): Promise<readonly ApiToken[]> {
    const { limit, after, tenantId } = options;
    const rows = await this.#database.run((orm) =>
      orm
        .select()
        .from(apiTokens)
        .where(
          and(eq(apiTokens.tenantId, tenantId), after === undefined ? undefined : gt(apiTokens.id, after)),
        )
        .orderBy(asc(apiTokens.id))
        .limit(limit),
    );
    return rows.map((row) => ApiTokenRow.parse(row));
  }

  /** False when there was no such token. */
  async remove(id: string): Promise<boolean> {
    const rows = await this.#database.run((orm) =>
      orm.delete(apiTokens).where(eq(apiTokens.id, id)).returning({ id: apiTokens.id }),
    );
    return rows.length > 0;
  }
}
