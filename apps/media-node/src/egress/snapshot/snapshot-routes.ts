// Enters: GET /snapshot/{path}?width=320 with a token or credentials. Leaves: a JPEG that tells how old it is.
// Not its job: making it (snapshots.ts), who may look (snapshot-access.ts).
import { type Clock, VedetteError } from '@vedette/runtime';
import type { FastifyInstance } from 'fastify';
import { clientAddress } from '../../http/client-address.ts';
import { BASIC_CHALLENGE, givenCredentials } from '../../http/given-credentials.ts';
import type { SnapshotAccess } from './snapshot-access.ts';
import { type Snapshots, snapshotWidth } from './snapshots.ts';

export interface SnapshotRoutesOptions {
  readonly snapshots: Pick<Snapshots, 'take'>;
  readonly access: Pick<SnapshotAccess, 'admit'>;
  readonly clock: Pick<Clock, 'wallNow'>;
}

interface SnapshotRoute {
  readonly Params: { readonly path: string };
  readonly Querystring: { readonly width?: unknown };
}

const DEFAULT_WIDTH = 640;

export async function snapshotRoutes(app: FastifyInstance, options: SnapshotRoutesOptions): Promise<void> {
  const { snapshots, access, clock } = options;
  app.get<SnapshotRoute>('/snapshot/:path', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const { path } = request.params;
    const width = widthOf(request.query.width);
    let stream: string;
    try {
      const credentials = givenCredentials(request);
      const answer = await access.admit({ path, credentials, clientAddress: clientAddress(request) });
      if (answer.kind === 'elsewhere') return reply.redirect(besides(answer.url, path), 302);
      stream = answer.path;
    } catch (error) {
      if (error instanceof VedetteError && error.code === 'unauthenticated')
        reply.header('www-authenticate', BASIC_CHALLENGE);
      throw error;
    }
    const { jpeg, etag, takenAtMs } = await snapshots.take(stream, width);
    reply.headers({
      // Kept by a browser, but never shown again without asking whether it is still the last one.
      'cache-control': 'private, no-cache',
      etag,
      'last-modified': new Date(takenAtMs).toUTCString(),
      age: String(Math.max(0, Math.floor((clock.wallNow() - takenAtMs) / 1000))),
    });
    if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send();
    return reply.type('image/jpeg').send(jpeg);
  });
}

function widthOf(given: unknown): number {
  if (given === undefined) return DEFAULT_WIDTH;
  if (typeof given === 'string' && /^[1-9][0-9]{0,4}$/.test(given)) return snapshotWidth(Number(given));
  throw new VedetteError('invalid_request', {
    fields: [{ path: 'width', message: 'must be a whole number of pixels, once' }],
  });
}

/** RFC 9110 section 13.1.2. */
function matches(header: string | undefined, etag: string): boolean {
  const tags = header?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags?.some((tag) => tag === etag || tag === '*') === true;
}

/** The same on the node whose HLS address this is. */
function besides(url: string, path: string): string {
  return url.replace(/\/hls\/.*$/, `/snapshot/${path}`);
}
