import { CameraId, CameraProfiles, ProfileChoice } from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { principalOf } from '../access/principal.ts';
import { invalidFields } from '../http/validation.ts';
import type { CameraGate } from './camera-gate.ts';
import type { CameraRecord, OnvifFacts } from './camera-record.ts';
import type { CameraStore } from './camera-store.ts';

const params = z.object({ id: CameraId });
const tags = ['cameras'];

/** What a device offers, and which of it is main and sub, under /api/v1. */
export function profileRoutes(options: {
  readonly store: Pick<CameraStore, 'update'>;
  readonly gate: Pick<CameraGate, 'camera'>;
  /** Begins to ask the device again; returns at once. */
  readonly read: (camera: CameraRecord) => void;
}): FastifyPluginAsyncZod {
  const { gate, read, store } = options;
  return async (app) => {
    app.get(
      '/cameras/:id/profiles',
      {
        config: { access: 'camera.write' },
        schema: {
          tags,
          summary: 'All streams that an ONVIF camera offers, and which are main and sub',
          params,
          response: { 200: CameraProfiles },
        },
      },
      async (request) => viewOf(await gate.camera(principalOf(request), request.params.id)),
    );
    app.put(
      '/cameras/:id/profiles',
      {
        config: { access: 'camera.write' },
        schema: {
          tags,
          summary:
            'Choose main and sub by hand; with null, leave it to Vedette again. The camera is asked anew',
          params,
          body: ProfileChoice,
          response: { 200: CameraProfiles },
        },
      },
      async (request) => {
        const before = await gate.camera(principalOf(request), request.params.id);
        if (before.source.kind !== 'onvif')
          throw new VedetteError('conflict', { detail: 'Only an ONVIF camera lists what it offers.' });
        const choice = choiceOf(request.body, before.onvif?.offered ?? []);
        const after = await store.update(before.id, async ({ onvif }) => ({
          onvif: { ...(onvif ?? NOTHING), choice },
        }));
        if (after === undefined) throw new VedetteError('camera_not_found');
        request.audit({
          kind: 'camera-changed',
          cameraId: after.id,
          data: {
            before: { name: before.name, choice: before.onvif?.choice ?? null },
            after: { name: after.name, choice },
          },
        });
        read(after);
        return viewOf(after);
      },
    );
  };
}

const NOTHING: OnvifFacts = {
  offered: [],
  capabilities: null,
  clockSkewSeconds: null,
  readAt: null,
  choice: null,
};

/** Throws `invalid_request` naming what the device does not offer. */
function choiceOf({ main, sub }: ProfileChoice, offered: OnvifFacts['offered']): OnvifFacts['choice'] {
  if (main === null) return null;
  const wrong = [
    { path: 'main', token: main },
    ...(sub === null ? [] : [{ path: 'sub', token: sub }]),
  ].filter(({ token }) => !offered.some((profile) => profile.token === token));
  if (wrong.length > 0)
    throw invalidFields(
      ...wrong.map(({ path }) => ({ path, message: 'is not among what the camera offers' })),
    );
  if (main === sub) throw invalidFields({ path: 'sub', message: 'is the same as main' });
  return { main, sub };
}

function viewOf({ onvif, profiles }: CameraRecord): CameraProfiles {
  const used = new Map(profiles.map(({ name, token }) => [token, name]));
  return {
    offered: (onvif?.offered ?? []).map((profile) => {
      const use = used.get(profile.token);
      return { ...profile, use: use === 'main' || use === 'sub' ? use : null };
    }),
    isByHand: onvif?.choice != null,
    capabilities: onvif?.capabilities ?? null,
    clockSkewSeconds: onvif?.clockSkewSeconds ?? null,
    readAt: onvif?.readAt ?? null,
  };
}
