import { Camera, CameraChange, CameraCreated, CameraId, CameraInput } from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { authorize } from '../access/permission.ts';
import { principalOf } from '../access/principal.ts';
import { cutPage, decodeCursor, PageQuery, pageOf } from '../http/page.ts';
import { invalidFields } from '../http/validation.ts';
import type { CameraRecord } from './camera-record.ts';
import type { CameraService } from './camera-service.ts';
import type { CameraStatus } from './camera-status.ts';
import type { CameraStore } from './camera-store.ts';
import { viewOfCamera } from './camera-view.ts';

const params = z.object({ id: CameraId });
const tags = ['cameras'];
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,200}$/;

/** Cameras: list, add, read, change, delete. */
export function cameraRoutes(options: {
  readonly store: Pick<CameraStore, 'get' | 'list'>;
  readonly cameras: Pick<CameraService, 'create' | 'change' | 'remove'>;
  readonly status: (camera: CameraRecord) => CameraStatus;
}): FastifyPluginAsyncZod {
  const { store, cameras, status } = options;
  const view = (request: FastifyRequest, record: CameraRecord) =>
    viewOfCamera(record, status(record), {
      withUsername: authorize(principalOf(request), 'camera.write').allowed,
    });

  return async (app) => {
    app.get(
      '/cameras',
      {
        config: { access: 'camera.read' },
        schema: {
          tags,
          summary: 'List cameras by name; `q` searches name, id and address',
          querystring: PageQuery.extend({ q: z.string().trim().max(200).optional() }),
          response: { 200: pageOf(Camera) },
        },
      },
      async (request) => {
        const { limit, cursor, q } = request.query;
        const [nameKey, id] = cursor === undefined ? [] : decodeCursor(cursor, 2);
        const found = await store.list({
          limit: limit + 1,
          after: nameKey === undefined || id === undefined ? undefined : { nameKey, id },
          search: q === undefined || q === '' ? undefined : q,
        });
        const page = cutPage(found, limit, (entry) => [entry.nameKey, entry.camera.id]);
        return { items: page.items.map(({ camera }) => view(request, camera)), nextCursor: page.nextCursor };
      },
    );

    app.post(
      '/cameras',
      {
        config: { access: 'camera.write' },
        schema: {
          tags,
          summary: 'Add a camera; an Idempotency-Key makes repeating it harmless',
          headers: z.object({ 'idempotency-key': z.string().optional() }),
          body: CameraInput,
          response: { 201: CameraCreated },
        },
      },
      async (request, reply) => {
        const key = request.headers['idempotency-key'];
        if (key !== undefined && !IDEMPOTENCY_KEY.test(key))
          throw invalidFields({
            path: 'Idempotency-Key',
            message: 'must be 1 to 200 visible ASCII characters',
          });
        const { camera, publishPassword } = await cameras.create(
          request.body,
          key === undefined ? undefined : { principalId: principalOf(request).id, key },
        );
        request.audit({ kind: 'camera-created', cameraId: camera.id, data: { after: audited(camera) } });
        const created = {
          ...view(request, camera),
          ...(publishPassword === undefined ? {} : { publishPassword }),
        };
        return reply.code(201).header('location', `/api/v1/cameras/${camera.id}`).send(created);
      },
    );

    app.get(
      '/cameras/:id',
      {
        config: { access: 'camera.read' },
        schema: { tags, summary: 'Read a camera', params, response: { 200: Camera } },
      },
      async (request) => {
        const record = await store.get(request.params.id);
        if (record === undefined) throw new VedetteError('camera_not_found');
        return view(request, record);
      },
    );

    app.patch(
      '/cameras/:id',
      {
        config: { access: 'camera.write' },
        schema: {
          tags,
          summary: 'Change a camera; what is absent stays',
          params,
          body: CameraChange,
          response: { 200: Camera },
        },
      },
      async (request) => {
        const { id } = request.params;
        const before = await store.get(id);
        const after = await cameras.change(id, request.body);
        const source = request.body.source;
        const password =
          source !== undefined && 'password' in source && source.password !== undefined
            ? { password: 'changed' }
            : {};
        const data = { before: before && audited(before), after: audited(after), ...password };
        request.audit({ kind: 'camera-changed', cameraId: id, data });
        return view(request, after);
      },
    );

    app.delete(
      '/cameras/:id',
      {
        config: { access: 'camera.write' },
        schema: { tags, summary: 'Delete a camera; its views end', params, response: { 204: z.void() } },
      },
      async (request, reply) => {
        const { id } = request.params;
        const before = await store.get(id);
        await cameras.remove(id);
        request.audit({ kind: 'camera-deleted', cameraId: id, data: { before: before && audited(before) } });
        return reply.code(204).send();
      },
    );
  };
}

/** What is written down of a camera: how it is configured, without its password. */
function audited({ idleTtlSeconds, name, outputs, pull, renditions, source }: CameraRecord) {
  const sentTo = outputs.map(({ sealedSecret: _, ...output }) => output);
  return { name, source, pull, idleTtlSeconds, renditions, outputs: sentTo };
}
