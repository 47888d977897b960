// Wires the analytics room: lines of ended views, and what is counted of them. Nothing here listens.
import type { Clock, Log } from '@vedette/runtime';
import type { FastifyPluginAsync } from 'fastify';
import type { AuditStore } from '../audit/audit-store.ts';
import type { Database } from '../database/database.ts';
import type { ViewLog } from '../sessions/view-audit.ts';
import { analyticsRoutes } from './analytics-routes.ts';
import { WatchCounts } from './watch-counts.ts';
import { WatchLog } from './watch-log.ts';
import { WatchStore } from './watch-store.ts';

export interface Analytics {
  readonly viewLog: ViewLog;
  readonly watchLog: WatchLog;
  /** Under /api/v1. */
  readonly routes: FastifyPluginAsync;
  close(): Promise<void>;
}

export function openAnalytics(options: {
  readonly database: Database;
  readonly audit: Pick<AuditStore, 'ends' | 'hasEnd'>;
  readonly clock: Clock;
  readonly log: Log;
}): Analytics {
  const { audit, clock, database, log } = options;
  const store = new WatchStore({ database });
  const watchLog = new WatchLog({ store, ends: (from) => audit.ends(from), clock, log });
  return {
    watchLog,
    viewLog: {
      ended: (event) => watchLog.add(event),
      wasWritten: (sessionId) => audit.hasEnd(sessionId),
    },
    routes: analyticsRoutes({ counts: new WatchCounts({ database }), watchLog, clock }),
    close: () => watchLog.close(),
  };
}
