import type { KeyObject } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  AuditEntry,
  AuditKind,
  type AuditRecord,
  AuditVerdict,
  CameraId,
  type AuditEntry as Entry,
  SessionId,
  type TenantId,
  UserId,
} from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { principalOf } from '../access/principal.ts';
import { cutPage, decodeCursor, PageQuery, pageOf } from '../http/page.ts';
import { eventOf } from './audit-event.ts';
import { exportedAudit } from './audit-export.ts';
import type { AuditLog } from './audit-log.ts';
import type { AuditPlace, AuditQuery, AuditStore } from './audit-store.ts';
import type { AuditWriterStore } from './audit-writer-store.ts';
import type { KeptHeads } from './kept-heads.ts';
import { verifyAudit } from './verify-audit.ts';

export interface AuditRoutesOptions {
  readonly store: Pick<AuditStore, 'find' | 'all' | 'seals'>;
  readonly audit: Pick<AuditLog, 'append' | 'settled' | 'storedHead'>;
  readonly kept: Pick<KeptHeads, 'kept'>;
  readonly writers: Pick<AuditWriterStore, 'list'>;
  readonly publicKey: KeyObject;
  readonly clock: Pick<Clock, 'wallNow'>;
}

const Search = z.strictObject({
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  kind: AuditKind.optional(),
  actor: UserId.optional(),
  camera: CameraId.optional(),
  session: SessionId.optional(),
});
const tags = ['audit'];

/** Search, export and verification, under /api/v1. */
export function auditRoutes(options: AuditRoutesOptions): FastifyPluginAsyncZod {
  const { audit, clock, kept, publicKey, store, writers } = options;
  return async (app) => {
    app.get(
      '/audit',
      {
        config: { access: 'audit.read' },
        schema: {
          tags,
          summary: 'What was done, newest first',
          querystring: Search.extend(PageQuery.shape),
          response: { 200: pageOf(AuditEntry) },
        },
      },
      async (request) => {
        const { cursor, limit, ...search } = request.query;
        await audit.settled();
        const before = cursor === undefined ? undefined : placeOf(decodeCursor(cursor, 3));
        const { tenantId } = principalOf(request);
        const found = await store.find(queryOf(tenantId, search), { limit: limit + 1, before });
        const page = cutPage(found, limit, keyOf);
        return { items: page.items.map(entryOf), nextCursor: page.nextCursor };
      },
    );
    app.get(
      '/audit/export',
      {
        config: { access: 'audit.read', produces: ['application/x-ndjson', 'text/csv'] },
        schema: {
          tags,
          summary:
            'All that a search finds, as JSON lines with their hashes or as CSV; the export is written down as well',
          querystring: Search.extend({ format: z.enum(['jsonl', 'csv']).default('jsonl') }),
        },
      },
      async (request, reply) => {
        const { format, ...search } = request.query;
        const { id, kind, name, tenantId } = principalOf(request);
        audit.append({
          kind: 'audit-exported',
          tenantId,
          actor: { kind, id, name },
          clientAddress: request.clientAddress,
          requestId: request.id,
          cameraId: search.camera ?? null,
          sessionId: search.session ?? null,
          data: { format, ...search },
        });
        await audit.settled();
        const lines = Readable.from(exportedAudit(store, queryOf(tenantId, search), format));
        return reply
          .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson')
          .header('content-disposition', `attachment; filename="vedette-audit.${format}"`)
          .send(lines);
      },
    );
    app.get(
      '/audit/verify',
      {
        config: { access: 'audit.read' },
        schema: {
          tags,
          summary: 'Prove that nothing was altered or removed',
          response: { 200: AuditVerdict },
        },
      },
      async () => {
        await audit.settled();
        const { heads, seal } = kept.kept;
        const own = audit.storedHead;
        // Before the records: what comes while they are read is no gap.
        const said = await writers.list();
        return verifyAudit({
          records: store.all(),
          seals: store.seals(),
          publicKey,
          keptHeads: own === undefined ? heads : [...heads, own],
          keptSeal: seal,
          writers: said,
          nowMs: clock.wallNow(),
        });
      },
    );
  };
}

function queryOf(
  tenantId: TenantId,
  { actor, camera, from, kind, session, to }: z.infer<typeof Search>,
): AuditQuery {
  return {
    tenantId,
    from: from === undefined ? undefined : new Date(from),
    to: to === undefined ? undefined : new Date(to),
    kind,
    actorId: actor,
    cameraId: camera,
    sessionId: session,
  };
}

function entryOf(record: AuditRecord): Entry {
  const { hash, seq, writer } = record;
  return { ...eventOf(record), writer, seq, hash };
}

function keyOf(record: AuditRecord): string[] {
  return [new Date(eventOf(record).at).toISOString(), record.writer, String(record.seq)];
}

function placeOf([at = '', writer = '', seq = '']: readonly string[]): AuditPlace {
  return { at: new Date(at), writer, seq: Number(seq) };
}
