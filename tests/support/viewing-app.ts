import { tmpdir } from 'node:os';
import { createMetrics, type Metrics, silentLog } from '@vedette/runtime';
import type { FastifyInstance } from 'fastify';
import type { AuditPort } from '../../apps/control-plane/src/audit/audit-request.ts';
import { createApp } from '../../apps/control-plane/src/http/create-app.ts';
import { PRINCIPALS, type ViewingHarness } from './viewing-harness.ts';

/** The HTTP side of the deciding half, as control runs it; `Bearer alice` is Alice. */
export async function openViewingApp(
  harness: Pick<ViewingHarness, 'viewing'>,
  options: { readonly metrics?: Metrics; readonly audit?: AuditPort } = {},
): Promise<FastifyInstance> {
  return createApp({
    log: silentLog(),
    version: '0.0.0',
    tls: undefined,
    publicUrl: 'http://control.test',
    mediaOrigins: () => harness.viewing.mediaOrigins(),
    authenticator: {
      byCookie: async () => undefined,
      byBearer: async (secret) => PRINCIPALS.find(({ id }) => id === secret),
    },
    cookieName: 'vedette-test',
    checks: [{ name: 'a media node', ready: () => harness.viewing.hasNode() }],
    metrics: options.metrics ?? createMetrics(),
    audit: options.audit ?? { append: () => undefined },
    dashboardFolder: tmpdir(),
    api: harness.viewing.api,
    root: harness.viewing.root,
  });
}
