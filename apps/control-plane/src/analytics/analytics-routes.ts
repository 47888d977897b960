import { CameraUse, CameraUseQuery, WatchTime, WatchTimeQuery } from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { principalOf } from '../access/principal.ts';
import { cutPage, decodeCursor, PageQuery, pageOf } from '../http/page.ts';
import { invalidFields } from '../http/validation.ts';
import type { WatchCounts, WatchRange } from './watch-counts.ts';
import { KEPT_DAYS, type WatchLog } from './watch-log.ts';

const DAY_MS = 86_400_000;
const USUAL_DAYS = 7;
/** Hours of the day are the dearest to count. */
const HOUR_DAYS = 92;
const tags = ['analytics'];

/** How long cameras were watched, by whom and when, under /api/v1. */
export function analyticsRoutes({
  clock,
  counts,
  watchLog,
}: {
  readonly counts: Pick<WatchCounts, 'by' | 'total' | 'mostWatched' | 'neverWatched'>;
  readonly watchLog: Pick<WatchLog, 'settled'>;
  readonly clock: Pick<Clock, 'wallNow'>;
}): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/analytics/watch-time',
      {
        config: { access: 'analytics.read' },
        schema: {
          tags,
          summary: 'How long cameras were watched, by camera, user, hour of the day or protocol',
          querystring: WatchTimeQuery,
          response: { 200: WatchTime },
        },
      },
      async (request) => {
        const { by, limit, timeZone, ...query } = request.query;
        const range = {
          tenantId: principalOf(request).tenantId,
          ...rangeOf(query, clock.wallNow(), by === 'hour' ? HOUR_DAYS : KEPT_DAYS),
        };
        await watchLog.settled();
        const items = await counts.by(by, range, timeZone, limit);
        const total = await counts.total(range);
        return { from: range.from.toISOString(), to: range.to.toISOString(), items, total };
      },
    );
    app.get(
      '/analytics/cameras',
      {
        config: { access: 'analytics.read' },
        schema: {
          tags,
          summary: 'Cameras by how long they were watched, or those that nobody has watched',
          querystring: CameraUseQuery.extend(PageQuery.shape),
          response: { 200: pageOf(CameraUse) },
        },
      },
      async (request) => {
        const { cursor, limit, sort, ...query } = request.query;
        const range: WatchRange = {
          tenantId: principalOf(request).tenantId,
          ...rangeOf(query, clock.wallNow()),
        };
        await watchLog.settled();
        const after = cursor === undefined ? undefined : decodeCursor(cursor, 2);
        const found =
          sort === 'most'
            ? await counts.mostWatched(range, limit + 1, after && placeByTime(after))
            : await counts.neverWatched(range, limit + 1, after && placeByName(after));
        const page = cutPage(found, limit, ({ cameraId, name, seconds }) =>
          sort === 'most' ? [String(seconds), cameraId] : [name, cameraId],
        );
        return {
          items: page.items.map((item) => CameraUse.parse(item)),
          nextCursor: page.nextCursor,
        };
      },
    );
  };
}

/** Throws `invalid_request` for a range that ends before it begins, or is longer than anything is kept. */
function rangeOf(
  query: { readonly from?: string | undefined; readonly to?: string | undefined },
  nowMs: number,
  maxDays = KEPT_DAYS,
): { from: Date; to: Date } {
  const to = new Date(query.to ?? nowMs);
  const from = new Date(query.from ?? to.getTime() - USUAL_DAYS * DAY_MS);
  if (from >= to) throw invalidFields({ path: 'from', message: 'must be before `to`' });
  if (to.getTime() - from.getTime() > maxDays * DAY_MS)
    throw invalidFields({ path: 'from', message: `may be at most ${maxDays} days before \`to\`` });
  return { from, to };
}

function placeByTime([seconds = '', cameraId = '']: readonly string[]) {
  const parsed = Number(seconds);
  if (!Number.isSafeInteger(parsed)) throw invalidFields({ path: 'cursor', message: 'is of another list' });
  return { seconds: parsed, cameraId };
}

function placeByName([name = '', cameraId = '']: readonly string[]) {
  return { name, cameraId };
}
