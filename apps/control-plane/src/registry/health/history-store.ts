import { type CameraId, HistoryState, ReasonCode } from '@vedette/contracts';
import { and, asc, desc, eq, gte, lt } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../../database/database.ts';
import { cameraHistory } from '../../database/schema.ts';

const Row = z.object({ at: z.date(), state: HistoryState, reason: ReasonCode });
export type KeptState = z.infer<typeof Row>;

/** What cameras have been; one row a change. */
export class HistoryStore {
  readonly #database: Database;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  async add(cameraId: CameraId, entry: KeptState): Promise<void> {
    await this.#database.run((orm) =>
      orm
        .insert(cameraHistory)
        .values({ cameraId, ...entry })
        .onConflictDoNothing(),
    );
  }

  /** Newest first. */
  async newest(cameraId: CameraId, limit: number): Promise<readonly KeptState[]> {
    const rows = await this.#database.run((orm) =>
      orm
        .select()
        .from(cameraHistory)
        .where(eq(cameraHistory.cameraId, cameraId))
        .orderBy(desc(cameraHistory.at))
        .limit(limit),
    );
    return rows.map((row) => Row.parse(row));
  }

  /** From a moment on, oldest first, with what it was at that moment in front. */
  async since(cameraId: CameraId, from: Date): Promise<readonly KeptState[]> {
    const [before, after] = await Promise.all([
      this.#database.run((orm) =>
        orm
          .select()
          .from(cameraHistory)
          .where(and(eq(cameraHistory.cameraId, cameraId), lt(cameraHistory.at, from)))
          .orderBy(desc(cameraHistory.at))
          .limit(1),
      ),
      this.#database.run((orm) =>
        orm
          .select()
          .from(cameraHistory)
          .where(and(eq(cameraHistory.cameraId, cameraId), gte(cameraHistory.at, from)))
          .orderBy(asc(cameraHistory.at)),
      ),
    ]);
    return [...before, ...after].map((row) => Row.parse(row));
  }

  /** The last state of every camera. */
  async last(): Promise<ReadonlyMap<string, KeptState>> {
    const rows = await this.#database.run((orm) =>
      orm
        .selectDistinctOn([cameraHistory.cameraId])
        .from(cameraHistory)
        .orderBy(cameraHistory.cameraId, desc(cameraHistory.at)),
    );
    return new Map(rows.map((row) => [row.cameraId, Row.parse(row)]));
  }

  async removeBefore(moment: Date): Promise<void> {
    await this.#database.run((orm) => orm.delete(cameraHistory).where(lt(cameraHistory.at, moment)));
  }
}
