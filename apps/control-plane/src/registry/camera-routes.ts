import {
  Camera,
  CameraChange,
  CameraCreated,
  CameraId,
  CameraInput,
  GroupId,
  SiteId,
} from '@vedette/contracts';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { authorize } from '../access/permission.ts';
import { principalOf } from '../access/principal.ts';
import { IdempotencyHeaders } from '../http/create-once.ts';
import { cutPage, decodeCursor, PageQuery, pageOf } from '../http/page.ts';
import { type CameraGate, placeAfter } from './camera-gate.ts';
import type { CameraRecord } from './camera-record.ts';
import type { CameraService } from './camera-service.ts';
import type { CameraStatus } from './camera-status.ts';
import type { CameraStore } from './camera-store.ts';
import { viewOfCamera } from './camera-view.ts';

const params = z.object({ id: CameraId });
const tags = ['cameras'];
/** Of a camera that is to be made. */
const NOT_YET = CameraId.parse('0');

/** Cameras: list, add, read, change, delete. */
export function cameraRoutes(options: {
  readonly store: Pick<CameraStore, 'list'>;
  readonly gate: CameraGate;
  readonly cameras: Pick<CameraService, 'create' | 'change' | 'remove'>;
  readonly status: (camera: CameraRecord) => CameraStatus;
}): FastifyPluginAsyncZod {
  const { store, cameras, gate, status } = options;
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
          querystring: PageQuery.extend({
            q: z.string().trim().max(200).optional(),
            site: SiteId.optional(),
            group: GroupId.optional(),
            tag: z.string().trim().toLowerCase().min(1).max(40).optional(),
          }),
          response: { 200: pageOf(Camera) },
        },
      },
      async (request) => {
        const { limit, cursor, q, ...filter } = request.query;
        const [nameKey, id] = cursor === undefined ? [] : decodeCursor(cursor, 2);
        const found = await store.list({
          scope: gate.scope(principalOf(request)),
          limit: limit + 1,
          after: nameKey === undefined || id === undefined ? undefined : { nameKey, id },
          search: q === undefined || q === '' ? undefined : q,
          filter,
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
          headers: IdempotencyHeaders,
          body: CameraInput,
          response: { 201: CameraCreated },
        },
      },
      async (request, reply) => {
        const key = request.headers['idempotency-key'];
        const principal = principalOf(request);
        const { tenantId } = principal;
        const { groupIds, siteId } = request.body;
        await gate.requirePlace(principal, { id: NOT_YET, tenantId, siteId, groupIds });
        const { camera, publishPassword } = await cameras.create(
          tenantId,
          request.body,
          key === undefined ? undefined : { principalId: principal.id, key },
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
        return view(request, await gate.camera(principalOf(request), request.params.id));
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
        const principal = principalOf(request);
        const before = await gate.camera(principal, id);
        await gate.requirePlace(principal, placeAfter(before, request.body));
        const after = await cameras.change(id, request.body);
        const source = request.body.source;
        const password =
          source !== undefined && 'password' in source && source.password !== undefined
            ? { password: 'changed' }
            : {};
        const data = { before: audited(before), after: audited(after), ...password };
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
        const before = await gate.camera(principalOf(request), id);
        await cameras.remove(before);
        request.audit({ kind: 'camera-deleted', cameraId: id, data: { before: audited(before) } });
        return reply.code(204).send();
      },
    );
  };
}

/** What is written down of a camera: how it is configured, without its password. */
function audited(camera: CameraRecord) {
  const { groupIds, idleTtlSeconds, maxConnections, name, pathName, pull, renditions } = camera;
  const { siteId, source, tags: labels, tier, watched } = camera;
  const outputs = camera.outputs.map(({ sealedSecret: _, ...output }) => output);
  const organisation = { siteId, groupIds, tags: labels, tier, pathName, maxConnections, watched };
  return { name, source, pull, idleTtlSeconds, renditions, outputs, ...organisation };
}
