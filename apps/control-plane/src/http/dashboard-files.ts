import { existsSync } from 'node:fs';
import { join } from 'node:path';
import staticFiles from '@fastify/static';
import { VedetteError } from '@vedette/runtime';
import type { FastifyInstance } from 'fastify';

const YEAR_SECONDS = 31_536_000;

/** The dashboard's built files; any other address that a person may have typed or kept gets its page. */
export async function addDashboardFiles(app: FastifyInstance, options: { folder: string }): Promise<void> {
  const { folder } = options;
  await app.register(staticFiles, {
    root: folder,
    serve: false,
    cacheControl: false,
    dotfiles: 'ignore',
    preCompressed: true,
  });
  app.get('/*', { config: { access: 'public' }, schema: { hide: true } }, async (request, reply) => {
    const path = (request.params as { '*': string })['*'];
    // Looked at each time: a first start builds the dashboard while control is running already.
    if (!existsSync(join(folder, 'index.html')))
      throw new VedetteError('unavailable', { detail: 'The dashboard is not built yet.' });
    if (path.startsWith('assets/')) {
      // Their names carry a hash of their content.
      return reply.header('cache-control', `public, max-age=${YEAR_SECONDS}, immutable`).sendFile(path);
    }
    reply.header('cache-control', 'no-cache');
    const isFile = /\.[a-z0-9]+$/i.test(path);
    return reply.sendFile(isFile ? path : 'index.html');
  });
}
