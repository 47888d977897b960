// Enters: a request that makes something, perhaps with an Idempotency-Key. Leaves: what it made, once.
// Not its job: cameras, whose store claims the key in the same step that makes the camera.
import { createHash } from 'node:crypto';
import { VedetteError } from '@vedette/runtime';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { principalOf } from '../access/principal.ts';
import type { IdempotencyStore } from './idempotency-store.ts';

/** For the `headers` of a route whose requests may be repeated. */
export const IdempotencyHeaders = z.looseObject({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters')
    .optional()
    .describe('Repeating the request under the same key makes nothing twice; kept for a day'),
});

type RepeatableRequest = FastifyRequest & {
  readonly headers: { readonly 'idempotency-key'?: string | undefined };
};

export interface CreateOnceOptions<T> {
  readonly store: Pick<IdempotencyStore, 'claim' | 'made' | 'release'>;
  readonly kind: string;
  readonly create: () => Promise<T>;
  readonly idOf: (made: T) => string;
  /** What was made before; undefined when it is gone. Secrets are told once, so that it may have to refuse. */
  readonly read: (id: string) => Promise<T | undefined>;
}

/**
 * Throws `conflict` when the key was used for something else, what it made is gone, or it is being made right now.
 * A process that dies while it makes something leaves its key taken for a day: rather refused than made twice.
 */
export async function createOnce<T>(request: RepeatableRequest, options: CreateOnceOptions<T>): Promise<T> {
  const { create, idOf, kind, read, store } = options;
  const key = request.headers['idempotency-key'];
  if (key === undefined) return create();
  const claim = {
    principalId: principalOf(request).id,
    key,
    requestHash: createHash('sha256').update(JSON.stringify(request.body, withoutSecrets)).digest('hex'),
    kind,
  };
  const claimed = await store.claim(claim);
  switch (claimed.outcome) {
    case 'claimed': {
      let made: T;
      try {
        made = await create();
      } catch (error) {
        await store.release(claim);
        throw error;
      }
      await store.made(claim, idOf(made));
      return made;
    }
    case 'repeated': {
      if (claimed.id === '')
        throw new VedetteError('conflict', { detail: 'The same request is under way. Ask again shortly.' });
      const made = await read(claimed.id);
      if (made === undefined) throw used();
      return made;
    }
    case 'other-request':
      throw used();
  }
}

/** A quick hash of a password would be guessed where it is kept. */
function withoutSecrets(key: string, value: unknown): unknown {
  return key === 'password' ? undefined : value;
}

function used(): VedetteError {
  return new VedetteError('conflict', {
    detail: 'This Idempotency-Key was used for another request. Use a new one.',
  });
}
