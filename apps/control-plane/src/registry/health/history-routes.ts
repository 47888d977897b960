import { CameraHistory, CameraId } from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { principalOf } from '../../access/principal.ts';
import type { CameraGate } from '../camera-gate.ts';
import type { CameraRecord } from '../camera-record.ts';
import type { CameraStatus } from '../camera-status.ts';
import type { HealthChecker } from './health-checker.ts';
import type { HistoryStore } from './history-store.ts';
import { uptimeOf } from './uptime.ts';

const DAY_MS = 24 * 60 * 60_000;
const MOST = 200;

/** What a camera has been, under /api/v1. */
export function historyRoutes(options: {
  readonly gate: Pick<CameraGate, 'camera'>;
  readonly history: Pick<HistoryStore, 'newest' | 'since'>;
  readonly checker: Pick<HealthChecker, 'asked'>;
  readonly status: (camera: CameraRecord) => CameraStatus;
  readonly clock: Pick<Clock, 'wallNow'>;
}): FastifyPluginAsyncZod {
  const { checker, clock, gate, history, status } = options;
  return async (app) => {
    app.get(
      '/cameras/:id/history',
      {
        config: { access: 'camera.read' },
        schema: {
          tags: ['cameras'],
          summary: 'When a camera was there and when not, newest first, and how much of the time',
          params: z.object({ id: CameraId }),
          response: { 200: CameraHistory },
        },
      },
      async (request): Promise<CameraHistory> => {
        const camera = await gate.camera(principalOf(request), request.params.id);
        const now = clock.wallNow();
        const share = async (ms: number) =>
          uptimeOf(await history.since(camera.id, new Date(now - ms)), now - ms, now);
        const { reason, state } = status(camera);
        const asked = checker.asked(camera.id);
        const entries = await history.newest(camera.id, MOST);
        return {
          state,
          reason,
          checkedAt: asked === undefined ? null : new Date(asked.atMs).toISOString(),
          uptime: { lastDay: await share(DAY_MS), lastWeek: await share(7 * DAY_MS) },
          entries: entries.map((entry) => ({ ...entry, at: entry.at.toISOString() })),
        };
      },
    );
  };
}
