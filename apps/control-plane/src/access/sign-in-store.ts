import { newId } from '@vedette/runtime';
import { and, desc, eq, gt, lt, ne } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../database/database.ts';
import { signIns } from '../database/schema.ts';
import { secretHash } from './secret-hash.ts';

const SignInRow = z.object({
  id: z.string(),
  userId: z.string(),
  createdAt: z.date(),
  lastSeenAt: z.date(),
  expiresAt: z.date(),
  address: z.string(),
  userAgent: z.string(),
});
export type SignIn = z.infer<typeof SignInRow>;

/** Browsers that are signed in. The secret of the cookie itself is never stored. */
export class SignInStore {
  readonly #database: Database;
  constructor(options: { database: Database }) {
    this.#database = options.database;
  }

  async create(signIn: Omit<SignIn, 'id'> & { readonly secret: string }): Promise<SignIn> {
    const { secret, ...fields } = signIn;
    const row = { ...fields, id: newId(), secretHash: secretHash(secret) };
    await this.#database.run((orm) => orm.insert(signIns).values(row));
    return SignInRow.parse(row);
  }

  async bySecret(secret: string): Promise<SignIn | undefined> {
    const hash = secretHash(secret);
    const rows = await this.#database.run((orm) =>
      orm.select().from(signIns).where(eq(signIns.secretHash, hash)),
    );
    return rows.map((row) => SignInRow.parse(row))[0];
  }

  async touch(id: string, at: Date): Promise<void> {
    await this.#database.run((orm) => orm.update(signIns).set({ lastSeenAt: at }).where(eq(signIns.id, id)));
  }

  /** Those still valid, newest first. */
  async ofUser(userId: string, now: Date): Promise<readonly SignIn[]> {
    const rows = await this.#database.run((orm) =>
      orm
        .select()
        .from(signIns)
        .where(and(eq(signIns.userId, userId), gt(signIns.expiresAt, now)))
        .orderBy(desc(signIns.createdAt))
        .limit(200),
    );
    return rows.map((row) => SignInRow.parse(row));
  }

  /** False when that user has no such sign-in. */
  async remove(userId: string, id: string): Promise<boolean> {
    const rows = await this.#database.run((orm) =>
      orm
        .delete(signIns)
        .where(and(eq(signIns.id, id), eq(signIns.userId, userId)))
        .returning({ id: signIns.id }),
    );
    return rows.length > 0;
  }

  /** All of a user, but the one that may stay. */
  async removeAllOf(userId: string, except?: string): Promise<void> {
    await this.#database.run((orm) =>
      orm
        .delete(signIns)
        .where(and(eq(signIns.userId, userId), except === undefined ? undefined : ne(signIns.id, except))),
    );
  }

  async removeExpired(now: Date): Promise<void> {
    await this.#database.run((orm) => orm.delete(signIns).where(lt(signIns.expiresAt, now)));
  }
}
