// What keeping records costs: how fast watch time is counted over many views, and how fast and in how much memory
// the audit is exported. Both databases; PostgreSQL where Debian's packages have installed it.
// node bench/records.ts [--views 1000000] [--records 100000]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type AuditEvent, HOME_TENANT } from '@vedette/contracts';
import { silentLog } from '@vedette/runtime';
import { sql } from 'drizzle-orm';
import { WatchCounts } from '../apps/control-plane/src/analytics/watch-counts.ts';
import { AuditChain } from '../apps/control-plane/src/audit/audit-chain.ts';
import { exportedAudit } from '../apps/control-plane/src/audit/audit-export.ts';
import { AuditStore } from '../apps/control-plane/src/audit/audit-store.ts';
import type { Database } from '../apps/control-plane/src/database/database.ts';
import { openDatabase } from '../apps/control-plane/src/database/open-database.ts';
import { Postgres, postgresPrograms } from '../tests/support/postgres.ts';

const { values } = parseArgs({
  options: {
    views: { type: 'string', default: '1000000' },
    records: { type: 'string', default: '100000' },
  },
});
const VIEWS = Number(values.views);
const RECORDS = Number(values.records);
const DAYS = 365;

/** Views of 1000 cameras and 200 people over a year, one in ten of another tenant, half a minute to an hour long. */
async function fillViews(database: Database): Promise<void> {
  const at = 20_000;
  for (let from = 0; from < VIEWS; from += at)
    await database.run((orm) =>
      orm.execute(sql`insert into watch_log
        select 's' || i, case when i % 10 = 0 then 'other' else 'home' end, 'u' || (i % 200),
          'c' || (i::bigint * 7919 % 1000), begun, begun + make_interval(secs => long),
          case when i % 5 = 0 then 'hls' else 'webrtc' end, 'main', long, long::bigint * 250000
        from (select i, now() - make_interval(secs => (i::bigint * 7907 % (${DAYS} * 86400))) as begun,
            30 + (i::bigint * 7877 % 3570)::int as long
          from generate_series(${from}::int, ${Math.min(VIEWS, from + at) - 1}::int) i) v`),
    );
  await database.run((orm) =>
    orm.execute(sql`insert into cameras (id, name, source, source_revision, pull, idle_ttl_seconds, profiles,
        created_at, updated_at)
      select 'c' || i, 'Camera ' || i, '{}', 1, 'on-demand', 15, '[]', now(), now()
      from generate_series(0, 1099) i`),
  );
  await database.run((orm) => orm.execute(sql`analyze watch_log`));
}

async function fillAudit(store: AuditStore): Promise<void> {
  const chain = new AuditChain({ writer: 'bench' });
  const event = (i: number): AuditEvent => ({
    kind: i % 2 === 0 ? 'view-started' : 'view-ended',
    at: 1_700_000_000_000 + Math.floor(i / 3),
    tenantId: HOME_TENANT,
    actor: { kind: 'user', id: `u${i % 200}`, name: `Operator ${i % 200}` },
    clientAddress: '10.0.0.7',
    requestId: `r${i}`,
    cameraId: `c${i % 1000}`,
    sessionId: `s${Math.floor(i / 2)}`,
    data: { cameraName: `Camera ${i % 1000}`, protocol: 'webrtc', profile: 'main', node: 'node-1' },
  });
  for (let from = 0; from < RECORDS; from += 500)
    await store.add(
      Array.from({ length: Math.min(500, RECORDS - from) }, (_, i) => chain.append(event(from + i))),
    );
}

async function timed(work: () => Promise<unknown>): Promise<string> {
  const times: number[] = [];
  for (let i = 0; i < 5; i += 1) {
    const at = performance.now();
    await work();
    times.push(performance.now() - at);
  }
  times.sort((a, b) => a - b);
  return `${(times[2] ?? Number.NaN).toFixed(0)} ms`;
}

async function measure(name: string, database: Database): Promise<void> {
  await fillViews(database);
  const counts = new WatchCounts({ database });
  const range = (days: number) => ({
    tenantId: HOME_TENANT,
    from: new Date(Date.now() - days * 86_400_000),
    to: new Date(Date.now() + 86_400_000),
  });
  const rows = [];
  for (const days of [7, 30, DAYS + 1])
    rows.push({
      days,
      camera: await timed(() => counts.by('camera', range(days), 'UTC', 50)),
      user: await timed(() => counts.by('user', range(days), 'UTC', 50)),
      protocol: await timed(() => counts.by('protocol', range(days), 'UTC', 50)),
      hour: await timed(() => counts.by('hour', range(days), 'Europe/Berlin', 50)),
      total: await timed(() => counts.total(range(days))),
      most: await timed(() => counts.mostWatched(range(days), 100, undefined)),
      never: await timed(() => counts.neverWatched(range(days), 100, undefined)),
    });
  console.log(`${name}: ${VIEWS} views, counted (middle of five)`);
  console.table(rows);

  const store = new AuditStore({ database });
  await fillAudit(store);
  await database.run((orm) => orm.execute(sql`analyze audit_records`));
  for (const format of ['jsonl', 'csv'] as const) {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    let most = 0;
    let bytes = 0;
    let lines = 0;
    const at = performance.now();
    for await (const line of exportedAudit(store, { tenantId: HOME_TENANT }, format)) {
      bytes += Buffer.byteLength(line);
      lines += 1;
      if (lines % 1000 === 0) {
        globalThis.gc?.();
        most = Math.max(most, process.memoryUsage().heapUsed - before);
      }
    }
    const seconds = (performance.now() - at) / 1000;
    console.log(
      `${name}: ${lines} lines as ${format}, ${(bytes / 1e6).toFixed(0)} MB in ${seconds.toFixed(1)} s, ` +
        `${Math.round(lines / seconds)} a second, heap at most ${(most / 1e6).toFixed(1)} MB above the start`,
    );
  }
}

const folder = mkdtempSync(join(tmpdir(), 'vedette-records-'));
try {
  {
    const database = await openDatabase({ dataDir: folder, databaseUrl: undefined, log: silentLog() });
    await measure('PGlite', database);
    await database.close();
  }
  const programs = postgresPrograms();
  if (programs !== undefined) {
    await using server = await Postgres.start(programs);
    const databaseUrl = await server.create('records');
    const database = await openDatabase({ dataDir: folder, databaseUrl, log: silentLog() });
    await measure('PostgreSQL', database);
    await database.close();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
