import { asc, eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../database/database.ts';
import { sharedSecrets } from '../database/schema.ts';

const Row = z.object({ name: z.string(), sealed: z.unknown() });
/** `sealed` is in its envelope. */
export type SharedSecret = z.infer<typeof Row>;

/** What all control processes on one database share; there are a handful. */
export class SharedSecretStore {
  readonly #database: Database;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  async list(): Promise<readonly SharedSecret[]> {
    const rows = await this.#database.run((orm) =>
      orm.select().from(sharedSecrets).orderBy(asc(sharedSecrets.name)),
    );
    return rows.map((row) => Row.parse(row));
  }

  async get(name: string): Promise<SharedSecret | undefined> {
    const rows = await this.#database.run((orm) =>
      orm.select().from(sharedSecrets).where(eq(sharedSecrets.name, name)),
    );
    return rows.map((row) => Row.parse(row))[0];
  }

  /** Does nothing where there is one of that name: then that one counts. */
  async add(secret: SharedSecret): Promise<void> {
    await this.#database.run((orm) =>
      orm
        .insert(sharedSecrets)
        .values({ ...secret, createdAt: new Date() })
        .onConflictDoNothing(),
    );
  }

  /** The same secret under another key. */
  async reseal({ name, sealed }: SharedSecret): Promise<void> {
    await this.#database.run((orm) =>
      orm.update(sharedSecrets).set({ sealed }).where(eq(sharedSecrets.name, name)),
    );
  }
}
