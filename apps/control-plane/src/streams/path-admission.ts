// Enters: somebody at a stable address of a node, who calls no API. Leaves: a view, granted as any start grants one.
// Not its job: the address itself, and media tokens that are presented there (the node knows them).
import { type PathAdmissionAnswer, PathAdmissionRequest } from '@vedette/contracts';
import { sameSecret, VedetteError } from '@vedette/runtime';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { authorize } from '../access/permission.ts';
import type { Principal } from '../access/principal.ts';
import { streamPath } from './camera-catalog.ts';
import { findNamedStream, type PathNames } from './path-names.ts';
import type { StreamService } from './stream-service.ts';

export interface PathAdmissionOptions {
  readonly streams: Pick<StreamService, 'start'>;
  readonly pathNames: PathNames;
  /** Secret that nodes present. */
  readonly nodeToken: string;
  /** Throws VedetteError `unauthenticated` or `rate_limited`. */
  readonly identify: (
    credentials: PathAdmissionRequest['credentials'],
    clientAddress: string,
  ) => Promise<Principal>;
}

/** `POST /internal/admit`, for nodes. */
export function pathAdmissionRoutes(options: PathAdmissionOptions): FastifyPluginAsyncZod {
  const { identify, nodeToken, pathNames, streams } = options;
  return async (app) => {
    app.post(
      '/internal/admit',
      { config: { access: 'own-check' }, schema: { hide: true, body: PathAdmissionRequest } },
      async (request): Promise<PathAdmissionAnswer> => {
        const given = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
        if (!sameSecret(given, nodeToken))
          throw new VedetteError('unauthenticated', { detail: 'A valid node token is needed.' });
        const { clientAddress, credentials, path, protocol } = request.body;
        const principal = await identify(credentials, clientAddress);
        const decision = authorize(principal, 'view.watch');
        if (!decision.allowed) throw new VedetteError(decision.code);
        const stream = await findNamedStream(path, pathNames);
        if (stream === undefined) throw new VedetteError('camera_not_found');
        const { cameraId, node, profile, token, url } = await streams.start({
          principal,
          cameraId: stream.cameraId,
          protocol,
          // What was asked for by its address is given, or nothing.
          request: {
            profile: stream.profile,
            ...(protocol === 'webrtc' ? { capabilities: { hls: false } } : {}),
          },
          idempotencyKey: undefined,
          requestId: request.id,
          clientAddress,
        });
        return { node, token, url, path: streamPath(cameraId, profile) };
      },
    );
  };
}
