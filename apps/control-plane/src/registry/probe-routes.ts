import { CameraId, CameraSourceInput, ProbeResult } from '@vedette/contracts';
import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { principalOf } from '../access/principal.ts';
import type { EventBus } from '../events/event-bus.ts';
import type { CameraCredentials } from './camera-credentials.ts';
import type { CameraGate } from './camera-gate.ts';
import type { CameraProber } from './camera-prober.ts';
import { splitSource } from './camera-service.ts';
import type { CameraStore } from './camera-store.ts';
import type { SourceCheck } from './source-check.ts';
import { hostsOf } from './source-hosts.ts';

const TOTAL_MS = 30_000;
const tags = ['cameras'];

/** Does this address play? Asked before a camera is saved, or of a saved one. */
export function probeRoutes(options: {
  readonly store: Pick<CameraStore, 'saveReading'>;
  readonly gate: Pick<CameraGate, 'camera'>;
  readonly credentials: Pick<CameraCredentials, 'open'>;
  readonly sourceCheck: Pick<SourceCheck, 'check'>;
  readonly prober: Pick<CameraProber, 'probe'>;
  readonly bus: Pick<EventBus, 'publish'>;
}): FastifyPluginAsyncZod {
  const { store, gate, credentials, sourceCheck, prober, bus } = options;
  return async (app) => {
    app.post(
      '/cameras/probe',
      {
        config: { access: 'camera.probe' },
        schema: {
          tags,
          summary: 'Try a source that is not saved: what it offers, or which step failed',
          body: CameraSourceInput,
          response: { 200: ProbeResult },
        },
      },
      async (request, reply) => {
        await sourceCheck.check(request.body);
        const { stored: source, password } = splitSource(request.body);
        const { result } = await prober.probe({ source, password }, untilGone(reply));
        const [host] = hostsOf(source);
        request.audit({ kind: 'camera-probed', data: { source: source.kind, host, ...outcomeOf(result) } });
        return result;
      },
    );

    app.post(
      '/cameras/:id/probe',
      {
        config: { access: 'camera.probe' },
        schema: {
          tags,
          summary: 'Try a saved camera, and keep what it offers',
          params: z.object({ id: CameraId }),
          response: { 200: ProbeResult },
        },
      },
      async (request, reply) => {
        const camera = await gate.camera(principalOf(request), request.params.id);
        const password = await credentials.open(camera);
        const asked = { source: camera.source, password, choice: camera.onvif?.choice };
        const { result, reading } = await prober.probe(asked, untilGone(reply));
        const saved = reading && (await store.saveReading(camera.id, camera.sourceRevision, reading));
        request.audit({ kind: 'camera-probed', cameraId: camera.id, data: outcomeOf(result) });
        if (saved !== undefined) bus.publish({ type: 'camera.changed', cameraId: camera.id });
        return result;
      },
    );
  };
}

function outcomeOf(result: ProbeResult): Record<string, unknown> {
  return result.ok ? { ok: true } : { ok: false, reason: result.code, step: result.step };
}

/** Nobody waits for the answer any more, or it takes too long. */
function untilGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return AbortSignal.any([gone.signal, AbortSignal.timeout(TOTAL_MS)]);
}
