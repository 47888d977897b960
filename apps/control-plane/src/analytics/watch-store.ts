import { asc, desc, inArray, lt, sql } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { auditRecords, watchLog } from '../database/schema.ts';
import type { WatchRow } from './watch-row.ts';

/** Lines of the watch log. */
export class WatchStore {
  readonly #database: Database;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  /** Views that are there already stay as they are. */
  async add(rows: readonly WatchRow[]): Promise<void> {
    if (rows.length === 0) return;
    const values = rows.map((row) => ({
      session_id: row.sessionId,
      tenant_id: row.tenantId,
      user_id: row.userId,
      camera_id: row.cameraId,
      started_at: row.startedAt,
      ended_at: row.endedAt,
      protocol: row.protocol,
      profile: row.profile,
      seconds: row.seconds,
      bytes_sent: row.bytesSent,
    }));
    const columns = sql.raw(Object.keys(values[0] ?? {}).join(', '));
    // One value for all, as the audit does it: it keeps this process busy for a quarter of the time.
    await this.#database.run((orm) =>
      orm.execute(sql`insert into watch_log (${columns}) select ${columns}
        from json_to_recordset(${JSON.stringify(values)}::json) as r (session_id text, tenant_id text,
          user_id text, camera_id text, started_at timestamptz, ended_at timestamptz, protocol text,
          profile text, seconds int, bytes_sent bigint)
        on conflict do nothing`),
    );
  }

  /** When the view ended that ended last; undefined when there is none. */
  async newest(): Promise<Date | undefined> {
    const rows = await this.#database.run((orm) =>
      orm.select({ at: watchLog.endedAt }).from(watchLog).orderBy(desc(watchLog.endedAt)).limit(1),
    );
    return rows[0]?.at;
  }

  /** How rows are spread, for choosing indexes: PGlite learns it only when told. */
  async refreshStatistics(): Promise<void> {
    for (const table of [watchLog, auditRecords])
      await this.#database.run((orm) => orm.execute(sql`analyze ${table}`));
  }

  /** Forgets at most `limit` views that ended before; answers how many. */
  async forget(before: Date, limit: number): Promise<number> {
    const gone = await this.#database.run((orm) =>
      orm
        .delete(watchLog)
        .where(
          inArray(
            watchLog.sessionId,
            orm
              .select({ id: watchLog.sessionId })
              .from(watchLog)
              .where(lt(watchLog.endedAt, before))
              .orderBy(asc(watchLog.endedAt))
              .limit(limit),
          ),
        )
        .returning({ id: watchLog.sessionId }),
    );
    return gone.length;
  }
}
