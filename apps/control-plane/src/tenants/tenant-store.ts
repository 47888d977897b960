import { HOME_TENANT, TenantId } from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import { asc, count, eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../database/database.ts';
import { DatabaseError } from '../database/database-error.ts';
import { cameras, sites, tenants, users } from '../database/schema.ts';

const TenantRow = z.object({ id: TenantId, name: z.string(), createdAt: z.date() });
export type Tenant = z.infer<typeof TenantRow>;
/** With how much belongs to it. */
export type TenantFacts = Tenant & { readonly cameras: number; readonly users: number };

/** Organisations; there are few of them. */
export class TenantStore {
  readonly #database: Database;
  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  /** Throws `conflict` when the id is taken. */
  async create(tenant: { readonly id: TenantId; readonly name: string }): Promise<Tenant> {
    const row = { ...tenant, createdAt: new Date() };
    try {
      await this.#database.run((orm) => orm.insert(tenants).values(row));
    } catch (error) {
      if (!(error instanceof DatabaseError) || !error.isUniqueViolation) throw error;
      throw new VedetteError('conflict', { fields: [{ path: 'id', message: 'is taken' }] });
    }
    return row;
  }

  async get(id: TenantId): Promise<Tenant | undefined> {
    const rows = await this.#database.run((orm) => orm.select().from(tenants).where(eq(tenants.id, id)));
    return rows.map((row) => TenantRow.parse(row))[0];
  }

  async has(id: TenantId): Promise<boolean> {
    return (await this.get(id)) !== undefined;
  }

  async list(): Promise<readonly TenantFacts[]> {
    const [rows, cameraCounts, userCounts] = await Promise.all([
      this.#database.run((orm) => orm.select().from(tenants).orderBy(asc(tenants.id))),
      this.#database.run((orm) =>
        orm.select({ id: cameras.tenantId, n: count() }).from(cameras).groupBy(cameras.tenantId),
      ),
      this.#database.run((orm) =>
        orm.select({ id: users.tenantId, n: count() }).from(users).groupBy(users.tenantId),
      ),
    ]);
    const of = (counts: readonly { id: string; n: number }[], id: string) =>
      counts.find((row) => row.id === id)?.n ?? 0;
    return rows.map((row) => ({
      ...TenantRow.parse(row),
      cameras: of(cameraCounts, row.id),
      users: of(userCounts, row.id),
    }));
  }

  async rename(id: TenantId, name: string): Promise<Tenant | undefined> {
    const rows = await this.#database.run((orm) =>
      orm.update(tenants).set({ name }).where(eq(tenants.id, id)).returning(),
    );
    return rows.map((row) => TenantRow.parse(row))[0];
  }

  /** False when there was no such tenant; throws `conflict` while anything belongs to it, and for the first one. */
  async remove(id: TenantId): Promise<boolean> {
    if (id === HOME_TENANT)
      throw new VedetteError('conflict', { detail: 'The first tenant runs the platform and stays.' });
    return this.#database.transaction(async (orm) => {
      for (const table of [cameras, users, sites]) {
        const [row] = await orm.select({ id: table.id }).from(table).where(eq(table.tenantId, id)).limit(1);
        if (row !== undefined)
          throw new VedetteError('conflict', {
            detail: 'Delete its cameras, sites and users first; nothing of them is lost by accident.',
          });
      }
      const rows = await orm.delete(tenants).where(eq(tenants.id, id)).returning({ id: tenants.id });
      return rows.length > 0;
    });
  }
}
