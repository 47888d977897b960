import { asc, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../database/database.ts';
import { auditWriters } from '../database/schema.ts';

const Row = z.object({
  writer: z.string(),
  host: z.string(),
  seq: z.int(),
  seenAt: z.date(),
  closedAt: z.date().nullable(),
});
/** Where a writer said that it stood; what is stored of its chain may be less. */
export type AuditWriter = z.infer<typeof Row>;

export class AuditWriterStore {
  readonly #database: Database;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  /** What was said before and says more stays: a number never shrinks, who has closed has closed. */
  async say(writer: AuditWriter): Promise<void> {
    await this.#database.run((orm) =>
      orm
        .insert(auditWriters)
        .values(writer)
        .onConflictDoUpdate({
          target: auditWriters.writer,
          set: {
            seq: sql`greatest(${auditWriters.seq}, excluded.seq)`,
            seenAt: sql`excluded.seen_at`,
            closedAt: sql`coalesce(${auditWriters.closedAt}, excluded.closed_at)`,
          },
        }),
    );
  }

  /** One a life of a control process; those from before there was this table are not among them. */
  async list(): Promise<readonly AuditWriter[]> {
    const rows = await this.#database.run((orm) =>
      orm.select().from(auditWriters).orderBy(asc(auditWriters.writer)),
    );
    return rows.map((row) => Row.parse(row));
  }
}
