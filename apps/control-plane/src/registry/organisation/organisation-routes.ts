import {
  GroupId,
  GroupInput,
  GroupView,
  RecorderChange,
  RecorderId,
  RecorderInput,
  RecorderView,
  SiteChange,
  SiteId,
  SiteInput,
  SiteView,
  type TenantId,
} from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { principalOf } from '../../access/principal.ts';
import { createOnce, IdempotencyHeaders } from '../../http/create-once.ts';
import type { IdempotencyStore } from '../../http/idempotency-store.ts';
import { pageOf } from '../../http/page.ts';
import { given } from './given.ts';
import type { Group, OrganisationStore, Recorder, Site } from './organisation-store.ts';

const tags = ['cameras'];
const read = { access: 'site.read' } as const;
const manage = { access: 'site.manage' } as const;

export interface OrganisationRoutesOptions {
  readonly organisation: OrganisationStore;
  readonly idempotency: IdempotencyStore;
  /** Cameras on a host, of a tenant. */
  readonly camerasOn: (tenantId: TenantId, host: string) => Promise<number>;
  /** Cameras that belong elsewhere now. */
  readonly onMoved: (cameraIds: readonly string[]) => void;
}

/** Sites, groups and recorders, under /api/v1. */
export function organisationRoutes(options: OrganisationRoutesOptions): FastifyPluginAsyncZod {
  const { camerasOn, idempotency: store, onMoved, organisation } = options;
  const siteView = async (site: Site): Promise<SiteView> => {
    const { id, maxPulls, name, timeZone } = site;
    const cameras = (await organisation.camerasOfSites(site.tenantId)).get(id) ?? 0;
    return { id, name, timeZone, maxPulls, cameras };
  };
  const groupView = async ({ id, name }: Group): Promise<GroupView> => ({
    id,
    name,
    cameras: await organisation.camerasOfGroup(id),
  });
  const recorderView = async (recorder: Recorder): Promise<RecorderView> => {
    const { host, id, maxConnections, name, tenantId } = recorder;
    return { id, name, host, maxConnections, cameras: await camerasOn(tenantId, host) };
  };
  const sites = z.object({ id: SiteId });
  const groups = z.object({ id: GroupId });
  const recorders = z.object({ id: RecorderId });
  return async (app) => {
    app.get(
      '/sites',
      { config: read, schema: { tags, summary: 'List sites', response: { 200: pageOf(SiteView) } } },
      async (request) => {
        const found = await organisation.sites(principalOf(request).tenantId);
        return { items: await Promise.all(found.map(siteView)), nextCursor: null };
      },
    );
    app.post(
      '/sites',
      {
        config: manage,
        schema: {
          tags,
          summary: 'Add a site',
          headers: IdempotencyHeaders,
          body: SiteInput,
          response: { 201: SiteView },
        },
      },
      async (request, reply) => {
        const { tenantId } = principalOf(request);
        const made = await createOnce(request, {
          store,
          kind: 'site',
          idOf: ({ id }) => id,
          read: async (id) => (await organisation.sites(tenantId)).find((site) => site.id === id),
          async create() {
            const after = await organisation.createSite(tenantId, request.body);
            request.audit({ kind: 'site-created', data: { after } });
            return after;
          },
        });
        return reply.code(201).send(await siteView(made));
      },
    );
    app.patch(
      '/sites/:id',
      {
        config: manage,
        schema: {
          tags,
          summary: 'Change a site',
          params: sites,
          body: SiteChange,
          response: { 200: SiteView },
        },
      },
      async (request) => {
        const { tenantId } = principalOf(request);
        const { id } = request.params;
        const before = (await organisation.sites(tenantId)).find((site) => site.id === id);
        const after = await organisation.changeSite(tenantId, id, given(request.body));
        if (after === undefined) throw new VedetteError('not_found');
        request.audit({ kind: 'site-changed', data: { before, after } });
        return siteView(after);
      },
    );
    app.delete(
      '/sites/:id',
      {
        config: manage,
        schema: {
          tags,
          summary: 'Delete a site; its cameras stay',
          params: sites,
          response: { 204: z.void() },
        },
      },
      async (request, reply) => {
        const { id } = request.params;
        const gone = await organisation.removeSite(principalOf(request).tenantId, id);
        if (gone === undefined) throw new VedetteError('not_found');
        request.audit({ kind: 'site-deleted', data: { id, ...gone } });
        onMoved(gone.cameraIds);
        return reply.code(204).send();
      },
    );

    app.get(
      '/groups',
      { config: read, schema: { tags, summary: 'List groups', response: { 200: pageOf(GroupView) } } },
      async (request) => {
        const found = await organisation.groups(principalOf(request).tenantId);
        return { items: await Promise.all(found.map(groupView)), nextCursor: null };
      },
    );
    app.post(
      '/groups',
      {
        config: manage,
        schema: {
          tags,
          summary: 'Add a group of cameras',
          headers: IdempotencyHeaders,
          body: GroupInput,
          response: { 201: GroupView },
        },
      },
      async (request, reply) => {
        const { tenantId } = principalOf(request);
        const made = await createOnce(request, {
          store,
          kind: 'group',
          idOf: ({ id }) => id,
          read: async (id) => (await organisation.groups(tenantId)).find((group) => group.id === id),
          async create() {
            const after = await organisation.createGroup(tenantId, request.body);
            request.audit({ kind: 'group-created', data: { after } });
            return after;
          },
        });
        return reply.code(201).send(await groupView(made));
      },
    );
    app.patch(
      '/groups/:id',
      {
        config: manage,
        schema: {
          tags,
          summary: 'Rename a group',
          params: groups,
          body: GroupInput,
          response: { 200: GroupView },
        },
      },
      async (request) => {
        const { tenantId } = principalOf(request);
        const after = await organisation.changeGroup(tenantId, request.params.id, request.body);
        if (after === undefined) throw new VedetteError('not_found');
        request.audit({ kind: 'group-changed', data: { after } });
        return groupView(after);
      },
    );
    app.delete(
      '/groups/:id',
      {
        config: manage,
        schema: {
          tags,
          summary: 'Delete a group; its cameras stay',
          params: groups,
          response: { 204: z.void() },
        },
      },
      async (request, reply) => {
        const { id } = request.params;
        const gone = await organisation.removeGroup(principalOf(request).tenantId, id);
        if (gone === undefined) throw new VedetteError('not_found');
        request.audit({ kind: 'group-deleted', data: { id, ...gone } });
        onMoved(gone.cameraIds);
        return reply.code(204).send();
      },
    );

    app.get(
      '/recorders',
      { config: read, schema: { tags, summary: 'List recorders', response: { 200: pageOf(RecorderView) } } },
      async (request) => {
        const found = await organisation.recorders(principalOf(request).tenantId);
        return { items: await Promise.all(found.map(recorderView)), nextCursor: null };
      },
    );
    app.post(
      '/recorders',
      {
        config: manage,
        schema: {
          tags,
          summary: 'Add a device that carries several cameras and bears so many connections',
          headers: IdempotencyHeaders,
          body: RecorderInput,
          response: { 201: RecorderView },
        },
      },
      async (request, reply) => {
        const { tenantId } = principalOf(request);
        const made = await createOnce(request, {
          store,
          kind: 'recorder',
          idOf: ({ id }) => id,
          read: async (id) => (await organisation.recorders(tenantId)).find((recorder) => recorder.id === id),
          async create() {
            const after = await organisation.createRecorder(tenantId, request.body);
            request.audit({ kind: 'recorder-created', data: { after } });
            return after;
          },
        });
        return reply.code(201).send(await recorderView(made));
      },
    );
    app.patch(
      '/recorders/:id',
      {
        config: manage,
        schema: {
          tags,
          summary: 'Change a recorder',
          params: recorders,
          body: RecorderChange,
          response: { 200: RecorderView },
        },
      },
      async (request) => {
        const { tenantId } = principalOf(request);
        const after = await organisation.changeRecorder(tenantId, request.params.id, given(request.body));
        if (after === undefined) throw new VedetteError('not_found');
        request.audit({ kind: 'recorder-changed', data: { after } });
        return recorderView(after);
      },
    );
    app.delete(
      '/recorders/:id',
      {
        config: manage,
        schema: {
          tags,
          summary: 'Delete a recorder; its cameras stay',
          params: recorders,
          response: { 204: z.void() },
        },
      },
      async (request, reply) => {
        const { id } = request.params;
        if (!(await organisation.removeRecorder(principalOf(request).tenantId, id)))
          throw new VedetteError('not_found');
        request.audit({ kind: 'recorder-deleted', data: { id } });
        return reply.code(204).send();
      },
    );
  };
}
