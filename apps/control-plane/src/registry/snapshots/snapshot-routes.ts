// Enters: GET /cameras/{id}/snapshot from somebody who may watch. Leaves: the camera's own JPEG, and how old it is.
import { CameraId, type UserId } from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { principalOf } from '../../access/principal.ts';
import type { CameraGate } from '../camera-gate.ts';
import type { CameraSnapshots } from './camera-snapshots.ts';

/** Who looks again and again is written down once in this time. */
const AUDIT_EVERY_MS = 10 * 60_000;
const MAX_LOOKS = 10_000;

export function snapshotRoutes(options: {
  readonly gate: Pick<CameraGate, 'camera'>;
  readonly snapshots: Pick<CameraSnapshots, 'take'>;
  readonly clock: Pick<Clock, 'now' | 'wallNow'>;
}): FastifyPluginAsyncZod {
  const { clock, gate, snapshots } = options;
  const lookedAt = new Map<string, number>();
  const isNews = (who: UserId, camera: CameraId) => {
    const key = `${who} ${camera}`;
    const before = lookedAt.get(key);
    if (before !== undefined && clock.now() - before < AUDIT_EVERY_MS) return false;
    if (lookedAt.size >= MAX_LOOKS) lookedAt.clear();
    lookedAt.set(key, clock.now());
    return true;
  };
  return async (app) => {
    app.get(
      '/cameras/:id/snapshot',
      {
        config: { access: 'view.watch', produces: ['image/jpeg'] },
        schema: {
          tags: ['cameras'],
          summary: 'JPEG that the camera makes itself, in its own size; its stream is not pulled for it',
          params: z.object({ id: CameraId }),
        },
      },
      async (request, reply) => {
        reply.header('cache-control', 'no-store');
        const principal = principalOf(request);
        const camera = await gate.camera(principal, request.params.id);
        const { etag, jpeg, takenAtMs } = await snapshots.take(camera);
        if (isNews(principal.id, camera.id))
          request.audit({ kind: 'view-started', cameraId: camera.id, data: { protocol: 'snapshot' } });
        reply.headers({
          // Kept by a browser, but never shown again without asking whether it is still the last one.
          'cache-control': 'private, no-cache',
          etag,
          'last-modified': new Date(takenAtMs).toUTCString(),
          age: String(Math.max(0, Math.floor((clock.wallNow() - takenAtMs) / 1000))),
        });
        if (request.headers['if-none-match'] === etag) return reply.code(304).send();
        return reply.type('image/jpeg').send(jpeg);
      },
    );
  };
}
