import {
  type AuditEvent,
  AuditHead,
  AuditRecord,
  AuditSeal,
  type SessionId,
  type TenantId,
} from '@vedette/contracts';
import { and, asc, desc, eq, gt, gte, lt, lte, or, type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../database/database.ts';
import { auditRecords, auditSeals } from '../database/schema.ts';
import { eventOf } from './audit-event.ts';

/** What is looked for; everything that is given must fit. */
export interface AuditQuery {
  readonly tenantId: TenantId;
  readonly from?: Date | undefined;
  /** Exclusive. */
  readonly to?: Date | undefined;
  readonly kind?: string | undefined;
  readonly actorId?: string | undefined;
  readonly cameraId?: string | undefined;
  readonly sessionId?: string | undefined;
}

/** Where a page ended. */
export interface AuditPlace {
  readonly at: Date;
  readonly writer: string;
  readonly seq: number;
}

const VERIFY_PAGE = 1000;

export class AuditStore {
  readonly #database: Database;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  /** Records that are there already stay as they are. */
  async add(records: readonly AuditRecord[]): Promise<void> {
    if (records.length === 0) return;
    const rows = records.map(({ event, hash, previous, seq, writer }) => {
      const { actor, at, cameraId, kind, sessionId, tenantId } = eventOf({ event });
      const searched = { at: new Date(at), kind, tenant_id: tenantId, actor_id: actor?.id ?? null };
      return { writer, seq, event, previous, hash, ...searched, camera_id: cameraId, session_id: sessionId };
    });
    // One value instead of a dozen a record takes a quarter of the time, in which PGlite keeps this process busy.
    await this.#database.transaction((orm) =>
      orm.execute(sql`insert into audit_records
          (writer, seq, event, previous, hash, at, kind, tenant_id, actor_id, camera_id, session_id)
        select writer, seq, event, previous, hash, at, kind, tenant_id, actor_id, camera_id, session_id
        from json_to_recordset(${JSON.stringify(rows)}::json) as r (writer text, seq int, event text,
          previous text, hash text, at timestamptz, kind text, tenant_id text, actor_id text, camera_id text,
          session_id text)
        on conflict do nothing`),
    );
  }

  /** Newest first. */
  async find(
    query: AuditQuery,
    page: { limit: number; before?: AuditPlace | undefined },
  ): Promise<AuditRecord[]> {
    const { actorId, cameraId, from, kind, sessionId, tenantId, to } = query;
    const { at, seq, writer } = auditRecords;
    const conditions: (SQL | undefined)[] = [
      eq(auditRecords.tenantId, tenantId),
      from && gte(at, from),
      to && lt(at, to),
      kind === undefined ? undefined : eq(auditRecords.kind, kind),
      actorId === undefined ? undefined : eq(auditRecords.actorId, actorId),
      cameraId === undefined ? undefined : eq(auditRecords.cameraId, cameraId),
      sessionId === undefined ? undefined : eq(auditRecords.sessionId, sessionId),
      page.before && olderThan(page.before),
    ];
    const rows = await this.#database.run((orm) =>
      orm
        .select()
        .from(auditRecords)
        .where(and(...conditions))
        .orderBy(desc(at), desc(writer), desc(seq))
        .limit(page.limit),
    );
    return rows.map((row) => AuditRecord.parse(row));
  }

  /** All, by writer and number, a page at a time. */
  async *all(): AsyncGenerator<AuditRecord> {
    let last: AuditRecord | undefined;
    for (;;) {
      const after = last;
      const rows = await this.#database.run((orm) =>
        orm
          .select()
          .from(auditRecords)
          .where(after && followers(after))
          .orderBy(asc(auditRecords.writer), asc(auditRecords.seq))
          .limit(VERIFY_PAGE),
      );
      for (const row of rows) {
        last = AuditRecord.parse(row);
        yield last;
      }
      if (rows.length < VERIFY_PAGE) return;
    }
  }

  /** The last record of every chain. */
  async heads(): Promise<AuditHead[]> {
    const result: unknown = await this.#database.run((orm) =>
      // One look at the index a chain, however long it is.
      orm.execute(sql`with recursive w as (
          select min(writer) as writer from audit_records
          union all select (select min(writer) from audit_records r where r.writer > w.writer)
            from w where w.writer is not null)
        select w.writer, r.seq, r.hash from w cross join lateral
          (select seq, hash from audit_records r where r.writer = w.writer order by seq desc limit 1) r`),
    );
    return z.object({ rows: z.array(AuditHead) }).parse(result).rows;
  }

  /** Ends of views of all tenants, the oldest first. */
  async *ends(from: Date): AsyncGenerator<AuditEvent> {
    let last: AuditPlace | undefined;
    for (;;) {
      const after = last;
      const rows = await this.#database.run((orm) =>
        orm
          .select()
          .from(auditRecords)
          .where(
            and(
              gte(auditRecords.at, after?.at ?? from),
              eq(auditRecords.kind, 'view-ended'),
              after && youngerThan(after),
            ),
          )
          .orderBy(asc(auditRecords.at), asc(auditRecords.writer), asc(auditRecords.seq))
          .limit(VERIFY_PAGE),
      );
      for (const row of rows) yield eventOf(row);
      last = rows.at(-1);
      if (rows.length < VERIFY_PAGE) return;
    }
  }

  /** Whether the end of a view has been written down. */
  async hasEnd(sessionId: SessionId): Promise<boolean> {
    const rows = await this.#database.run((orm) =>
      orm
        .select({ seq: auditRecords.seq })
        .from(auditRecords)
        .where(and(eq(auditRecords.sessionId, sessionId), eq(auditRecords.kind, 'view-ended')))
        .limit(1),
    );
    return rows.length > 0;
  }

  /** By number, a page at a time. */
  async *seals(): AsyncGenerator<AuditSeal> {
    let last = 0;
    for (;;) {
      const after = last;
      const rows = await this.#database.run((orm) =>
        orm
          .select()
          .from(auditSeals)
          .where(gt(auditSeals.seq, after))
          .orderBy(asc(auditSeals.seq))
          .limit(VERIFY_PAGE),
      );
      for (const row of rows) yield AuditSeal.parse(row);
      last = rows.at(-1)?.seq ?? last;
      if (rows.length < VERIFY_PAGE) return;
    }
  }

  async newestSeal(): Promise<AuditSeal | undefined> {
    const rows = await this.#database.run((orm) =>
      orm.select().from(auditSeals).orderBy(desc(auditSeals.seq)).limit(1),
    );
    return rows.map((row) => AuditSeal.parse(row))[0];
  }

  /** False when another process has made the seal of this number. */
  async addSeal(seal: AuditSeal): Promise<boolean> {
    const rows = await this.#database.run((orm) =>
      orm.insert(auditSeals).values(seal).onConflictDoNothing().returning({ seq: auditSeals.seq }),
    );
    return rows.length > 0;
  }
}

function olderThan({ at, seq, writer }: AuditPlace): SQL | undefined {
  // The first condition says nothing new, but lets the database begin at the place instead of at the newest.
  return and(
    lte(auditRecords.at, at),
    or(
      lt(auditRecords.at, at),
      lt(auditRecords.writer, writer),
      and(eq(auditRecords.writer, writer), lt(auditRecords.seq, seq)),
    ),
  );
}

function youngerThan({ at, seq, writer }: AuditPlace): SQL | undefined {
  return or(
    gt(auditRecords.at, at),
    gt(auditRecords.writer, writer),
    and(eq(auditRecords.writer, writer), gt(auditRecords.seq, seq)),
  );
}

function followers({ seq, writer }: AuditRecord): SQL | undefined {
  return or(gt(auditRecords.writer, writer), and(eq(auditRecords.writer, writer), gt(auditRecords.seq, seq)));
}
