import { Limits, type TenantId } from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import { and, eq } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { tenantLimits } from '../database/schema.ts';

/** Limits as they are kept, with the number of their version. */
export interface KeptLimits {
  /** 0: never set. */
  readonly version: number;
  readonly limits: Limits;
}

export const DEFAULT_TENANT_LIMITS: Limits = Limits.parse({});

export class LimitsStore {
  readonly #database: Database;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  async get(tenantId: TenantId): Promise<KeptLimits> {
    const [row] = await this.#database.run((orm) =>
      orm.select().from(tenantLimits).where(eq(tenantLimits.tenantId, tenantId)),
    );
    if (row === undefined) return { version: 0, limits: DEFAULT_TENANT_LIMITS };
    return { version: row.version, limits: Limits.parse(row.limits) };
  }

  /** Throws `conflict` when `basedOn` is not the newest version. */
  set(tenantId: TenantId, basedOn: number, limits: Limits): Promise<KeptLimits> {
    return this.#database.transaction(async (orm) => {
      const row = { tenantId, version: basedOn + 1, limits, updatedAt: new Date() };
      const rows =
        basedOn === 0
          ? await orm.insert(tenantLimits).values(row).onConflictDoNothing().returning()
          : await orm
              .update(tenantLimits)
              .set(row)
              .where(and(eq(tenantLimits.tenantId, tenantId), eq(tenantLimits.version, basedOn)))
              .returning();
      if (rows.length === 0)
        throw new VedetteError('conflict', {
          detail: 'Somebody has changed the limits meanwhile. Look at them again.',
          fields: [{ path: 'basedOn', message: 'is not the newest version' }],
        });
      return { version: row.version, limits };
    });
  }
}
