import { CameraId, TenantId } from '@vedette/contracts';
import { and, desc, eq, gt, isNull } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../database/database.ts';
import { incidents } from '../database/schema.ts';

const Row = z.object({
  id: z.string(),
  tenantId: TenantId,
  name: z.string(),
  cameraIds: z.array(CameraId),
  begunBy: z.string(),
  begunAt: z.date(),
  endsAt: z.date(),
  endedAt: z.date().nullable(),
});
export type Incident = z.infer<typeof Row>;

const MOST = 200;

export class IncidentStore {
  readonly #database: Database;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  async add(incident: Incident): Promise<void> {
    await this.#database.run((orm) => orm.insert(incidents).values(incident));
  }

  /** Of all tenants, those that go on at this moment. */
  async going(now: Date): Promise<readonly Incident[]> {
    const rows = await this.#database.run((orm) =>
      orm
        .select()
        .from(incidents)
        .where(and(isNull(incidents.endedAt), gt(incidents.endsAt, now))),
    );
    return rows.map((row) => Row.parse(row));
  }

  /** The newest first. */
  async list(tenantId: TenantId): Promise<readonly Incident[]> {
    const rows = await this.#database.run((orm) =>
      orm
        .select()
        .from(incidents)
        .where(eq(incidents.tenantId, tenantId))
        .orderBy(desc(incidents.begunAt))
        .limit(MOST),
    );
    return rows.map((row) => Row.parse(row));
  }

  /** Undefined when the tenant has none such that goes on. */
  async end(tenantId: TenantId, id: string, now: Date): Promise<Incident | undefined> {
    const rows = await this.#database.run((orm) =>
      orm
        .update(incidents)
        .set({ endedAt: now })
        .where(
          and(
            eq(incidents.id, id),
            eq(incidents.tenantId, tenantId),
            isNull(incidents.endedAt),
            gt(incidents.endsAt, now),
          ),
        )
        .returning(),
    );
    return rows.map((row) => Row.parse(row))[0];
  }
}
