import { and, eq, lt } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { idempotencyKeys } from '../database/schema.ts';

export interface Claim {
  readonly principalId: string;
  readonly key: string;
  /** Of what was asked for: the same key with another request is a mistake. */
  readonly requestHash: string;
  /** Of thing that is made. */
  readonly kind: string;
}

export type ClaimOutcome =
  | { readonly outcome: 'claimed' }
  /** `id` is empty while it is being made. */
  | { readonly outcome: 'repeated'; readonly id: string }
  | { readonly outcome: 'other-request' };

const KEY_LIFE_MS = 24 * 60 * 60_000;

/** What repeated requests have made already. */
export class IdempotencyStore {
  readonly #database: Database;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  /** Of two at once with one key, one claims it. */
  claim(claim: Claim): Promise<ClaimOutcome> {
    const { key, kind, principalId, requestHash } = claim;
    return this.#database.transaction(async (orm) => {
      const now = new Date();
      await orm
        .delete(idempotencyKeys)
        .where(lt(idempotencyKeys.createdAt, new Date(now.getTime() - KEY_LIFE_MS)));
      const claimed = await orm
        .insert(idempotencyKeys)
        .values({ principalId, key, requestHash, kind, cameraId: '', createdAt: now })
        .onConflictDoNothing()
        .returning({ key: idempotencyKeys.key });
      if (claimed.length > 0) return { outcome: 'claimed' };
      const [used] = await orm
        .select()
        .from(idempotencyKeys)
        .where(and(eq(idempotencyKeys.principalId, principalId), eq(idempotencyKeys.key, key)));
      if (used === undefined || used.kind !== kind || used.requestHash !== requestHash)
        return { outcome: 'other-request' };
      return { outcome: 'repeated', id: used.cameraId };
    });
  }

  async made({ key, principalId }: Claim, id: string): Promise<void> {
    await this.#database.run((orm) =>
      orm
        .update(idempotencyKeys)
        .set({ cameraId: id })
        .where(and(eq(idempotencyKeys.principalId, principalId), eq(idempotencyKeys.key, key))),
    );
  }

  /** Nothing was made: the key may be used again. */
  async release({ key, principalId }: Claim): Promise<void> {
    await this.#database.run((orm) =>
      orm
        .delete(idempotencyKeys)
        .where(and(eq(idempotencyKeys.principalId, principalId), eq(idempotencyKeys.key, key))),
    );
  }
}
