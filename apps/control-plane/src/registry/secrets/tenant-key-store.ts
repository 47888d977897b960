import { TenantId } from '@vedette/contracts';
import { and, asc, desc, eq, lt, ne } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../../database/database.ts';
import { tenantKeys } from '../../database/schema.ts';

const Row = z.object({
  tenantId: TenantId,
  version: z.int(),
  keyId: z.string(),
  wrapped: z.base64(),
  createdAt: z.date(),
});
/** A data key as it is kept: wrapped by the master key of that id. */
export type KeptKey = z.infer<typeof Row>;

/** Data keys of tenants; the newest of each seals, older ones stay while anything is sealed by them. */
export class TenantKeyStore {
  readonly #database: Database;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  async newest(tenantId: TenantId): Promise<KeptKey | undefined> {
    const rows = await this.#database.run((orm) =>
      orm
        .select()
        .from(tenantKeys)
        .where(eq(tenantKeys.tenantId, tenantId))
        .orderBy(desc(tenantKeys.version))
        .limit(1),
    );
    return rows.map((row) => Row.parse(row))[0];
  }

  async get(tenantId: TenantId, version: number): Promise<KeptKey | undefined> {
    const rows = await this.#database.run((orm) =>
      orm
        .select()
        .from(tenantKeys)
        .where(and(eq(tenantKeys.tenantId, tenantId), eq(tenantKeys.version, version))),
    );
    return rows.map((row) => Row.parse(row))[0];
  }

  async list(): Promise<readonly KeptKey[]> {
    const rows = await this.#database.run((orm) =>
      orm.select().from(tenantKeys).orderBy(asc(tenantKeys.tenantId), asc(tenantKeys.version)),
    );
    return rows.map((row) => Row.parse(row));
  }

  /** False when another process has made that version: then that one counts. */
  async add(key: Omit<KeptKey, 'createdAt'>): Promise<boolean> {
    const rows = await this.#database.run((orm) =>
      orm
        .insert(tenantKeys)
        .values({ ...key, createdAt: new Date() })
        .onConflictDoNothing()
        .returning({ version: tenantKeys.version }),
    );
    return rows.length > 0;
  }

  /** The same key under another master key. */
  async rewrap(key: Pick<KeptKey, 'tenantId' | 'version' | 'keyId' | 'wrapped'>): Promise<void> {
    const { keyId, tenantId, version, wrapped } = key;
    await this.#database.run((orm) =>
      orm
        .update(tenantKeys)
        .set({ keyId, wrapped })
        .where(
          and(
            eq(tenantKeys.tenantId, tenantId),
            eq(tenantKeys.version, version),
            ne(tenantKeys.keyId, keyId),
          ),
        ),
    );
  }

  /** For good: what was sealed by them cannot be opened any more. */
  async removeBefore(tenantId: TenantId, version: number): Promise<void> {
    await this.#database.run((orm) =>
      orm.delete(tenantKeys).where(and(eq(tenantKeys.tenantId, tenantId), lt(tenantKeys.version, version))),
    );
  }
}
