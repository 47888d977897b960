// Wires the audit room: the chain of this process, where it is kept, who signs. Nothing here listens or speaks HTTP.
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Clock, type Log, newId } from '@vedette/runtime';
import type { FastifyPluginAsync } from 'fastify';
import type { Database } from '../database/database.ts';
import type { KeptSecrets } from '../secrets/kept-secrets.ts';
import { openAuditKey } from './audit-key.ts';
import { AuditLog } from './audit-log.ts';
import { AuditPresence } from './audit-presence.ts';
import { auditRoutes } from './audit-routes.ts';
import { AuditSpool } from './audit-spool.ts';
import { AuditStore } from './audit-store.ts';
import { AuditWriterStore } from './audit-writer-store.ts';
import { KeptHeads } from './kept-heads.ts';

export interface Audit {
  readonly log: AuditLog;
  readonly store: AuditStore;
  /** Under /api/v1. */
  readonly routes: FastifyPluginAsync;
  close(): Promise<void>;
}

export async function openAudit(options: {
  readonly database: Database;
  readonly dataDir: string;
  /** Of all processes that sign. */
  readonly secrets: Pick<KeptSecrets, 'signingKey'>;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<Audit> {
  const { clock, dataDir, database, log } = options;
  const key = await openAuditKey(options.secrets);
  const writer = newId();
  const spool = new AuditSpool({ folder: join(dataDir, 'audit'), writer });
  const store = new AuditStore({ database });
  const kept = new KeptHeads({ file: join(dataDir, 'audit', 'heads.json') });
  const audit = new AuditLog({ writer, store, spool, kept, sealingKey: key.privateKey, clock, log });
  const writers = new AuditWriterStore({ database });
  const presence = new AuditPresence({
    writer,
    host: hostname(),
    store: writers,
    made: () => audit.made,
    clock,
    log,
  });
  await presence.start();
  await presence.closed(await audit.start());
  return {
    log: audit,
    store,
    routes: auditRoutes({ store, writers, audit, kept, publicKey: key.publicKey, clock }),
    async close() {
      await audit.close();
      await presence.close(audit.waiting === 0);
      spool[Symbol.dispose]();
    },
  };
}
