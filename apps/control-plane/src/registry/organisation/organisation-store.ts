import { GroupId, RecorderId, SiteId, TenantId } from '@vedette/contracts';
import { newId, VedetteError } from '@vedette/runtime';
import { and, asc, count, eq, inArray, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database, Orm } from '../../database/database.ts';
import { DatabaseError } from '../../database/database-error.ts';
import { cameraGroups, cameras, recorders, sites } from '../../database/schema.ts';

const named = { tenantId: TenantId, name: z.string(), createdAt: z.date() };
const Site = z.object({ id: SiteId, ...named, timeZone: z.string(), maxPulls: z.int().nullable() });
export type Site = z.infer<typeof Site>;
const Group = z.object({ id: GroupId, ...named });
export type Group = z.infer<typeof Group>;
const Recorder = z.object({ id: RecorderId, ...named, host: z.string(), maxConnections: z.int() });
export type Recorder = z.infer<typeof Recorder>;

export type SiteFields = Pick<Site, 'name' | 'timeZone' | 'maxPulls'>;
export type GroupFields = Pick<Group, 'name'>;
export type RecorderFields = Pick<Recorder, 'name' | 'host' | 'maxConnections'>;

/** Sites, groups and recorders of all tenants; there are few of each. */
export class OrganisationStore {
  readonly #database: Database;
  readonly #listeners = new Set<() => void>();

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  /** Calls back when a site or a recorder bears another number of streams, changed by this process. */
  onBudgets(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** By name. */
  async sites(tenantId?: TenantId): Promise<readonly Site[]> {
    const rows = await this.#database.run((orm) =>
      orm
        .select()
        .from(sites)
        .where(tenantId === undefined ? undefined : eq(sites.tenantId, tenantId))
        .orderBy(asc(sites.name)),
    );
    return rows.map((row) => Site.parse(row));
  }

  async groups(tenantId: TenantId): Promise<readonly Group[]> {
    const rows = await this.#database.run((orm) =>
      orm
        .select()
        .from(cameraGroups)
        .where(eq(cameraGroups.tenantId, tenantId))
        .orderBy(asc(cameraGroups.name)),
    );
    return rows.map((row) => Group.parse(row));
  }

  async recorders(tenantId?: TenantId): Promise<readonly Recorder[]> {
    const rows = await this.#database.run((orm) =>
      orm
        .select()
        .from(recorders)
        .where(tenantId === undefined ? undefined : eq(recorders.tenantId, tenantId))
        .orderBy(asc(recorders.name)),
    );
    return rows.map((row) => Recorder.parse(row));
  }

  /** Throws `conflict` when the name is taken; so do the others that make or change. */
  createSite(tenantId: TenantId, fields: SiteFields): Promise<Site> {
    return unique('name', async () => {
      const row = { ...fields, id: newId(), tenantId, createdAt: new Date() };
      await this.#database.run((orm) => orm.insert(sites).values(row));
      return Site.parse(row);
    });
  }

  createGroup(tenantId: TenantId, fields: GroupFields): Promise<Group> {
    return unique('name', async () => {
      const row = { ...fields, id: newId(), tenantId, createdAt: new Date() };
      await this.#database.run((orm) => orm.insert(cameraGroups).values(row));
      return Group.parse(row);
    });
  }

  createRecorder(tenantId: TenantId, fields: RecorderFields): Promise<Recorder> {
    return unique('host', async () => {
      const row = { ...fields, id: newId(), tenantId, createdAt: new Date() };
      await this.#database.run((orm) => orm.insert(recorders).values(row));
      this.#tell();
      return Recorder.parse(row);
    });
  }

  /** Undefined when the tenant has no such site; so do the others. */
  changeSite(tenantId: TenantId, id: SiteId, change: Partial<SiteFields>): Promise<Site | undefined> {
    return unique('name', async () => {
      const rows = await this.#database.run((orm) =>
        orm
          .update(sites)
          .set({ id, ...change })
          .where(and(eq(sites.id, id), eq(sites.tenantId, tenantId)))
          .returning(),
      );
      this.#tell();
      return rows.map((row) => Site.parse(row))[0];
    });
  }

  changeGroup(tenantId: TenantId, id: GroupId, change: Partial<GroupFields>): Promise<Group | undefined> {
    return unique('name', async () => {
      const rows = await this.#database.run((orm) =>
        orm
          .update(cameraGroups)
          .set({ id, ...change })
          .where(and(eq(cameraGroups.id, id), eq(cameraGroups.tenantId, tenantId)))
          .returning(),
      );
      return rows.map((row) => Group.parse(row))[0];
    });
  }

  changeRecorder(
    tenantId: TenantId,
    id: RecorderId,
    change: Partial<RecorderFields>,
  ): Promise<Recorder | undefined> {
    return unique('host', async () => {
      const rows = await this.#database.run((orm) =>
        orm
          .update(recorders)
          .set({ id, ...change })
          .where(and(eq(recorders.id, id), eq(recorders.tenantId, tenantId)))
          .returning(),
      );
      this.#tell();
      return rows.map((row) => Recorder.parse(row))[0];
    });
  }

  /** Its cameras stay, and belong to no site; answers which those were. */
  removeSite(tenantId: TenantId, id: SiteId): Promise<{ readonly cameraIds: readonly string[] } | undefined> {
    return this.#database.transaction(async (orm) => {
      const gone = await orm
        .delete(sites)
        .where(and(eq(sites.id, id), eq(sites.tenantId, tenantId)))
        .returning({ id: sites.id });
      if (gone.length === 0) return undefined;
      const changed = await orm
        .update(cameras)
        .set({ siteId: null })
        .where(eq(cameras.siteId, id))
        .returning({ id: cameras.id });
      return { cameraIds: changed.map((camera) => camera.id) };
    });
  }

  /** Its cameras stay; answers which those were. */
  removeGroup(
    tenantId: TenantId,
    id: GroupId,
  ): Promise<{ readonly cameraIds: readonly string[] } | undefined> {
    return this.#database.transaction(async (orm) => {
      const gone = await orm
        .delete(cameraGroups)
        .where(and(eq(cameraGroups.id, id), eq(cameraGroups.tenantId, tenantId)))
        .returning({ id: cameraGroups.id });
      if (gone.length === 0) return undefined;
      const changed = await orm
        .update(cameras)
        .set({ groupIds: sql`${cameras.groupIds} - ${id}::text` })
        .where(inGroup(id))
        .returning({ id: cameras.id });
      return { cameraIds: changed.map((camera) => camera.id) };
    });
  }

  async removeRecorder(tenantId: TenantId, id: RecorderId): Promise<boolean> {
    const rows = await this.#database.run((orm) =>
      orm
        .delete(recorders)
        .where(and(eq(recorders.id, id), eq(recorders.tenantId, tenantId)))
        .returning({ id: recorders.id }),
    );
    this.#tell();
    return rows.length > 0;
  }

  /** What a camera of this tenant names and is not there, as fields of a request. */
  async missing(
    tenantId: TenantId,
    named: { readonly siteId: SiteId | null; readonly groupIds: readonly GroupId[] },
  ): Promise<{ path: string; message: string }[]> {
    const { groupIds, siteId } = named;
    return this.#database.run(async (orm) => {
      const problems: { path: string; message: string }[] = [];
      if (siteId !== null && !(await isThere(orm, sites, tenantId, [siteId])))
        problems.push({ path: 'siteId', message: 'there is no such site' });
      if (groupIds.length > 0 && !(await isThere(orm, cameraGroups, tenantId, [...groupIds])))
        problems.push({ path: 'groupIds', message: 'names a group that is not there' });
      return problems;
    });
  }

  async camerasOfSites(tenantId: TenantId): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#database.run((orm) =>
      orm
        .select({ id: cameras.siteId, n: count() })
        .from(cameras)
        .where(eq(cameras.tenantId, tenantId))
        .groupBy(cameras.siteId),
    );
    return new Map(rows.flatMap(({ id, n }) => (id === null ? [] : [[id, n] as const])));
  }

  async camerasOfGroup(id: GroupId): Promise<number> {
    const [row] = await this.#database.run((orm) =>
      orm.select({ n: count() }).from(cameras).where(inGroup(id)),
    );
    return row?.n ?? 0;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function inGroup(id: GroupId) {
  return sql`${cameras.groupIds} @> ${JSON.stringify([id])}::jsonb`;
}

async function isThere(
  orm: Orm,
  table: typeof sites | typeof cameraGroups,
  tenantId: TenantId,
  ids: readonly string[],
): Promise<boolean> {
  const wanted = new Set(ids);
  const rows = await orm
    .select({ id: table.id })
    .from(table)
    .where(and(eq(table.tenantId, tenantId), inArray(table.id, [...wanted])));
  return rows.length === wanted.size;
}

async function unique<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DatabaseError) || !error.isUniqueViolation) throw error;
    throw new VedetteError('conflict', { fields: [{ path, message: 'is taken' }] });
  }
}
