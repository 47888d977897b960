import type { TenantId, WatchTimeBy, WatchTimeItem } from '@vedette/contracts';
import { type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../database/database.ts';
import { cameras, watchLog } from '../database/schema.ts';

/** Views of one tenant that ended from `from` on and before `to`. */
export interface WatchRange {
  readonly tenantId: TenantId;
  readonly from: Date;
  readonly to: Date;
}

export interface Watched {
  readonly seconds: number;
  readonly views: number;
  readonly bytes: number;
}

export interface CameraWatched extends Watched {
  readonly cameraId: string;
  readonly name: string;
}

/** Sums come as text from both drivers, where they do not fit into 32 bits. */
const number = z.coerce.number();
const Sums = z.object({ seconds: number, views: number, bytes: number });
const Item = Sums.extend({ key: z.coerce.string(), name: z.string().nullable() });
const Camera = Sums.extend({ cameraId: z.string(), name: z.string() });

const SUMS = sql`coalesce(sum(seconds), 0) as seconds, count(*) as views, coalesce(sum(bytes_sent), 0) as bytes`;

/** Sums over the watch log, made by the database. */
export class WatchCounts {
  readonly #database: Database;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  async total(range: WatchRange): Promise<Watched> {
    const [sums] = await this.#rows(sql`select ${SUMS} from ${watchLog} where ${within(range)}`, Sums);
    return sums ?? { seconds: 0, views: 0, bytes: 0 };
  }

  /** The most watched first, hours of the day in their order. `timeZone`: an IANA name. */
  by(by: WatchTimeBy, range: WatchRange, timeZone: string, limit: number): Promise<WatchTimeItem[]> {
    switch (by) {
      case 'hour':
        return this.#byHour(range, timeZone);
      case 'protocol':
        return this.#rows(
          sql`select protocol as key, null as name, ${SUMS} from ${watchLog} where ${within(range)}
            group by protocol order by seconds desc, key limit ${limit}`,
          Item,
        );
      case 'camera':
        return this.#rows(
          sql`select w.*, c.name from (${grouped(sql`camera_id`, range, limit)}) w
            left join cameras c on c.id = w.key and c.tenant_id = ${range.tenantId}
            order by w.seconds desc, w.key`,
          Item,
        );
      case 'user':
        return this.#rows(
          sql`select w.*, coalesce(u.name, t.name) as name from (${grouped(sql`user_id`, range, limit)}) w
            left join users u on u.id = w.key left join api_tokens t on t.id = w.key
            order by w.seconds desc, w.key`,
          Item,
        );
    }
  }

  /** Cameras that there are, the most watched first; `after` is where the page before ended. */
  mostWatched(
    range: WatchRange,
    limit: number,
    after: { readonly seconds: number; readonly cameraId: string } | undefined,
  ): Promise<CameraWatched[]> {
    const beyond =
      after === undefined
        ? sql`true`
        : sql`(w.seconds < ${after.seconds} or (w.seconds = ${after.seconds} and c.id > ${after.cameraId}))`;
    return this.#rows(
      sql`select c.id as "cameraId", c.name, w.seconds, w.views, w.bytes
        from (select camera_id, ${SUMS} from ${watchLog} where ${within(range)} group by camera_id) w
        join ${cameras} c on c.id = w.camera_id and c.tenant_id = ${range.tenantId}
        where ${beyond} order by w.seconds desc, c.id limit ${limit}`,
      Camera,
    );
  }

  /** Cameras that nobody has watched, by name and id. */
  neverWatched(
    range: WatchRange,
    limit: number,
    after: { readonly name: string; readonly cameraId: string } | undefined,
  ): Promise<CameraWatched[]> {
    const order = sql`lower(c.name) collate "C"`;
    const beyond =
      after === undefined
        ? sql`true`
        : sql`(${order}, c.id) > (lower(${after.name}) collate "C", ${after.cameraId})`;
    return this.#rows(
      sql`select c.id as "cameraId", c.name, 0 as seconds, 0 as views, 0 as bytes from ${cameras} c
        where c.tenant_id = ${range.tenantId} and ${beyond} and not exists (
          select 1 from ${watchLog} where camera_id = c.id and ${within(range)})
        order by ${order}, c.id limit ${limit}`,
      Camera,
    );
  }

  /** A view that ran over several hours counts in each, with its share. All 24, also empty ones. */
  async #byHour(range: WatchRange, timeZone: string): Promise<WatchTimeItem[]> {
    // In doubles, and one look at the time zone a view (`offset 0` keeps it at one): this runs over all of the range.
    const share = sql`(least(e, (h + 1) * 3600) - greatest(s, h * 3600)) / greatest(e - s, 0.001)`;
    const found = await this.#rows(
      sql`select h % 24 as key, null as name, round(sum(seconds * ${share})) as seconds, count(*) as views,
          round(sum(bytes_sent * ${share})) as bytes
        from (select *, s + date_part('epoch', ended_at - started_at) as e
          from (select seconds, bytes_sent, started_at, ended_at,
              date_part('epoch', started_at at time zone ${timeZone}) as s
            from ${watchLog} where ${within(range)} offset 0) v offset 0) v
        cross join lateral
          generate_series(floor(s / 3600)::bigint, floor(greatest(e - 0.001, s) / 3600)::bigint) h
        group by 1`,
      Item,
    );
    const byHour = new Map(found.map((item) => [item.key, item]));
    return Array.from({ length: 24 }, (_, hour) => {
      const key = String(hour);
      return byHour.get(key) ?? { key, name: null, seconds: 0, views: 0, bytes: 0 };
    });
  }

  async #rows<T>(query: SQL, row: z.ZodType<T>): Promise<T[]> {
    const result: unknown = await this.#database.run((orm) => orm.execute(query));
    return z.object({ rows: z.array(row) }).parse(result).rows;
  }
}

function grouped(key: SQL, range: WatchRange, limit: number): SQL {
  return sql`select ${key} as key, ${SUMS} from ${watchLog} where ${within(range)}
    group by 1 order by seconds desc, 1 limit ${limit}`;
}

function within({ from, tenantId, to }: WatchRange): SQL {
  return sql`${watchLog.tenantId} = ${tenantId} and ${watchLog.endedAt} >= ${from.toISOString()}
    and ${watchLog.endedAt} < ${to.toISOString()}`;
}
