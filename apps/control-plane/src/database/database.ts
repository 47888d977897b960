// The control plane's one database: PGlite inside the data folder, or PostgreSQL when a URL is given.
// In: work against the schema. Out: its result, or an error without the values of the query.
// Not its job: what is stored (the stores of registry/ and access/), and who may touch the folder (data-folder.ts).
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import type * as schema from './schema.ts';

/** The query builder as both drivers share it; inside `transaction` it is bound to that transaction. */
export type Orm = PgDatabase<PgQueryResultHKT, typeof schema>;

export interface Database {
  /** A server that may be away, and that other processes may work on. */
  readonly isRemote: boolean;
  /** It does not answer now: whatever is asked of it is refused at once, until it does again. */
  readonly isAway: boolean;
  /** One statement, or several that need not stand or fall together. Throws DatabaseError or `unavailable`. */
  run<T>(work: (orm: Orm) => Promise<T>): Promise<T>;
  /** All or nothing; once it resolved, kill -9 loses nothing of it. */
  transaction<T>(work: (orm: Orm) => Promise<T>): Promise<T>;
  /** Waits for running work; may be called again. */
  close(): Promise<void>;
}
