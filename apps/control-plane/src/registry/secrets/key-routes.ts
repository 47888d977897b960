import { KeyRotation } from '@vedette/contracts';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { KeyRotator } from './rotation.ts';

const config = { access: 'key.manage' } as const;
const tags = ['keys'];

/** Keys that seal what is secret, for who runs the platform, under /api/v1. */
export function keyRoutes({
  rotator,
}: {
  readonly rotator: Pick<KeyRotator, 'rotate' | 'state'>;
}): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/keys',
      {
        config,
        schema: {
          tags,
          summary: 'Which keys seal what is secret, and how far a rotation is',
          response: { 200: KeyRotation },
        },
      },
      async () => rotator.state(),
    );
    app.post(
      '/keys/rotate',
      {
        config,
        schema: {
          tags,
          summary:
            'Seal everything by new keys; goes on in the background, and nothing stands still meanwhile',
          response: { 202: KeyRotation },
        },
      },
      async (request, reply) => {
        const state = await rotator.rotate();
        request.audit({ kind: 'keys-rotated', data: { tenants: state.tenants.length } });
        return reply.code(202).send(state);
      },
    );
  };
}
