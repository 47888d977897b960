import type { CameraId, GroupId, ProfileName, SiteId, TenantId } from '@vedette/contracts';
import { newId, VedetteError } from '@vedette/runtime';
import { and, asc, count, eq, inArray, isNotNull, lt, or, type SQL, sql } from 'drizzle-orm';
import type { CameraScope } from '../access/camera-access.ts';
import type { Database } from '../database/database.ts';
import { DatabaseError } from '../database/database-error.ts';
import { cameras, idempotencyKeys } from '../database/schema.ts';
import {
  CameraRecord,
  type Device,
  type OnvifFacts,
  type ResolvedProfile,
  StoredSource,
} from './camera-record.ts';
import { knownHostsOf } from './discovery/discovery-service.ts';
import type { KnownHosts } from './discovery/found-devices.ts';
import { hostsOf } from './source-hosts.ts';

const KEY_LIFE_MS = 24 * 60 * 60_000;
/** Compared byte by byte, so that PGlite and every PostgreSQL page alike. */
const NAME_KEY = sql`lower(${cameras.name}) collate "C"`;

export type NewCamera = Omit<CameraRecord, 'createdAt' | 'updatedAt' | 'sourceRevision'>;
export type CameraFields = Partial<Omit<CameraRecord, 'id' | 'createdAt' | 'updatedAt'>>;

export interface IdempotencyKey {
  readonly principalId: string;
  readonly key: string;
  /** Of what was asked for: the same key with another request is a mistake. */
  readonly requestHash: string;
}

/** Only those that belong there and bear that tag. */
export interface CameraFilter {
  readonly site?: SiteId | undefined;
  readonly group?: GroupId | undefined;
  readonly tag?: string | undefined;
}

export type CreateOutcome =
  | { readonly kind: 'created' | 'repeated'; readonly camera: CameraRecord }
  /** The key was used for another request, or its camera is gone. */
  | { readonly kind: 'key_used' };

export class CameraStore {
  readonly #database: Database;
  constructor(options: { database: Database }) {
    this.#database = options.database;
  }

  static newId(): CameraId {
    return CameraRecord.shape.id.parse(newId());
  }

  /** Of two at once with one key, one creates and the other gets that camera. */
  create(camera: NewCamera, idempotency?: IdempotencyKey): Promise<CreateOutcome> {
    return uniquePath(() => this.#create(camera, idempotency));
  }

  #create(camera: NewCamera, idempotency?: IdempotencyKey): Promise<CreateOutcome> {
    return this.#database.transaction(async (orm) => {
      const now = new Date();
      if (idempotency !== undefined) {
        const { principalId, key } = idempotency;
        await orm
          .delete(idempotencyKeys)
          .where(lt(idempotencyKeys.createdAt, new Date(now.getTime() - KEY_LIFE_MS)));
        const claimed = await orm
          .insert(idempotencyKeys)
          .values({ ...idempotency, cameraId: camera.id, createdAt: now })
          .onConflictDoNothing()
          .returning({ key: idempotencyKeys.key });
        if (claimed.length === 0) {
          const [used] = await orm
            .select()
            .from(idempotencyKeys)
            .where(and(eq(idempotencyKeys.principalId, principalId), eq(idempotencyKeys.key, key)));
          if (used === undefined || used.requestHash !== idempotency.requestHash) return { kind: 'key_used' };
          const [existing] = await orm.select().from(cameras).where(eq(cameras.id, used.cameraId));
          if (existing === undefined) return { kind: 'key_used' };
          return { kind: 'repeated', camera: CameraRecord.parse(existing) };
        }
      }
      const row = { ...camera, sourceRevision: 1, createdAt: now, updatedAt: now };
      await orm.insert(cameras).values(row);
      return { kind: 'created', camera: CameraRecord.parse(row) };
    });
  }

  async get(id: string): Promise<CameraRecord | undefined> {
    const rows = await this.#database.run((orm) => orm.select().from(cameras).where(eq(cameras.id, id)));
    return rows.map((row) => CameraRecord.parse(row))[0];
  }

  async idNamed(pathName: string): Promise<CameraId | undefined> {
    const rows = await this.#database.run((orm) =>
      orm.select({ id: cameras.id }).from(cameras).where(eq(cameras.pathName, pathName)),
    );
    return rows.map(({ id }) => CameraRecord.shape.id.parse(id))[0];
  }

  /** By name, then id; `after` is that pair of the last one seen. `search` looks in name, id and address. */
  async list(options: {
    readonly scope: CameraScope;
    readonly limit: number;
    readonly after?: { readonly nameKey: string; readonly id: string } | undefined;
    readonly search?: string | undefined;
    readonly filter?: CameraFilter | undefined;
  }): Promise<readonly { readonly camera: CameraRecord; readonly nameKey: string }[]> {
    const { limit, after, filter = {}, scope, search } = options;
    const conditions: (SQL | undefined)[] = [within(scope), fitting(filter)];
    if (after !== undefined)
      conditions.push(sql`(${NAME_KEY}, ${cameras.id}) > (${after.nameKey} collate "C", ${after.id})`);
    if (search !== undefined) {
      const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`;
      conditions.push(
        or(
          sql`${cameras.name} ilike ${pattern}`,
          eq(cameras.id, search),
          sql`${cameras.source}->>'url' ilike ${pattern}`,
          sql`${cameras.source}->>'host' ilike ${pattern}`,
          sql`${cameras.source}->>'file' ilike ${pattern}`,
          sql`${cameras.tags} @> ${JSON.stringify([search.toLowerCase()])}::jsonb`,
          eq(cameras.pathName, search),
        ),
      );
    }
    const rows = await this.#database.run((orm) =>
      orm
        .select({ camera: cameras, nameKey: sql<string>`lower(${cameras.name})` })
        .from(cameras)
        .where(and(...conditions))
        .orderBy(asc(NAME_KEY), asc(cameras.id))
        .limit(limit),
    );
    return rows.map((row) => ({ camera: CameraRecord.parse(row.camera), nameKey: row.nameKey }));
  }

  /** And those that encoders send to at any time, or that are sent elsewhere. */
  async alwaysOn(): Promise<readonly CameraRecord[]> {
    const rows = await this.#database.run((orm) =>
      orm
        .select()
        .from(cameras)
        .where(
          or(
            eq(cameras.pull, 'always-on'),
            sql`${cameras.source}->>'kind' = 'publish'`,
            sql`jsonb_array_length(${cameras.outputs}) > 0`,
          ),
        ),
    );
    return rows.map((row) => CameraRecord.parse(row));
  }

  /** ONVIF cameras that nobody has been able to ask yet, or that were asked before profiles had tokens. */
  async unread(): Promise<readonly CameraRecord[]> {
    const rows = await this.#database.run((orm) =>
      orm
        .select()
        .from(cameras)
        .where(and(sql`${cameras.source}->>'kind' = 'onvif'`, sql`${cameras.profiles}->0->>'token' is null`)),
    );
    return rows.map((row) => CameraRecord.parse(row));
  }

  /** Where cameras are, for matching what is found on the network. */
  async hosts(tenantId: TenantId): Promise<KnownHosts> {
    const rows = await this.#database.run((orm) =>
      orm
        .select({ id: cameras.id, source: cameras.source })
        .from(cameras)
        .where(eq(cameras.tenantId, tenantId)),
    );
    return knownHostsOf(
      rows.map(({ id, source }) => ({
        id: CameraRecord.shape.id.parse(id),
        hosts: hostsOf(StoredSource.parse(source)),
      })),
    );
  }

  /** Of a tenant, on a host. */
  async countOn(tenantId: TenantId, host: string): Promise<number> {
    return (await this.hosts(tenantId)).get(host)?.length ?? 0;
  }

  /** Of all tenants. */
  async all(): Promise<readonly CameraRecord[]> {
    const rows = await this.#database.run((orm) => orm.select().from(cameras));
    return rows.map((row) => CameraRecord.parse(row));
  }

  /** Those of a tenant that keep a secret. */
  async sealed(tenantId: TenantId): Promise<readonly CameraRecord[]> {
    const rows = await this.#database.run((orm) =>
      orm
        .select()
        .from(cameras)
        .where(
          and(
            eq(cameras.tenantId, tenantId),
            or(isNotNull(cameras.sealedPassword), sql`jsonb_array_length(${cameras.outputs}) > 0`),
          ),
        ),
    );
    return rows.map((row) => CameraRecord.parse(row));
  }

  async count(): Promise<number> {
    const [row] = await this.#database.run((orm) => orm.select({ n: count() }).from(cameras));
    return row?.n ?? 0;
  }

  /**
   * Changes what `decide` answers for the camera as it is now; nobody else changes it meanwhile.
   * Undefined when there is no such camera. Throws `conflict` when its path name is taken, as `create` does.
   */
  update(
    id: string,
    decide: (current: CameraRecord) => Promise<CameraFields>,
  ): Promise<CameraRecord | undefined> {
    return uniquePath(() => this.#update(id, decide));
  }

  #update(
    id: string,
    decide: (current: CameraRecord) => Promise<CameraFields>,
  ): Promise<CameraRecord | undefined> {
    return this.#database.transaction(async (orm) => {
      const [row] = await orm.select().from(cameras).where(eq(cameras.id, id)).for('update');
      if (row === undefined) return undefined;
      const fields = await decide(CameraRecord.parse(row));
      const [changed] = await orm
        .update(cameras)
        .set({ ...fields, updatedAt: new Date() })
        .where(eq(cameras.id, id))
        .returning();
      return CameraRecord.parse(changed);
    });
  }

  /** Keeps what was read from the camera, unless its source has changed since. Undefined: not kept. */
  async saveReading(
    id: string,
    sourceRevision: number,
    reading: {
      readonly profiles: readonly ResolvedProfile[];
      readonly device: Device | null;
      readonly onvif?: Omit<OnvifFacts, 'choice'> | undefined;
    },
  ): Promise<CameraRecord | undefined> {
    const rows = await this.#database.run((orm) =>
      orm
        .update(cameras)
        .set({
          profiles: reading.profiles,
          device: reading.device,
          // What somebody has chosen meanwhile stays chosen.
          ...(reading.onvif === undefined
            ? {}
            : {
                onvif: sql`jsonb_build_object('choice', ${cameras.onvif}->'choice') || ${JSON.stringify(reading.onvif)}::jsonb`,
              }),
        })
        .where(and(eq(cameras.id, id), eq(cameras.sourceRevision, sourceRevision)))
        .returning(),
    );
    return rows.map((row) => CameraRecord.parse(row))[0];
  }

  /** False when there was no such camera. */
  async remove(id: string): Promise<boolean> {
    const rows = await this.#database.run((orm) =>
      orm.delete(cameras).where(eq(cameras.id, id)).returning({ id: cameras.id }),
    );
    return rows.length > 0;
  }
}

async function uniquePath<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DatabaseError) || !error.isUniqueViolation) throw error;
    throw new VedetteError('conflict', {
      detail: 'Another camera has this path name.',
      fields: [{ path: 'pathName', message: 'is taken' }],
    });
  }
}

function within(scope: CameraScope): SQL | undefined {
  const own = eq(cameras.tenantId, scope.tenantId);
  if (scope.kind === 'all') return own;
  const { cameraIds, groupIds, siteIds } = scope;
  const some = [
    siteIds.length === 0 ? undefined : inArray(cameras.siteId, [...siteIds]),
    cameraIds.length === 0 ? undefined : inArray(cameras.id, [...cameraIds]),
    ...groupIds.map((id) => sql`${cameras.groupIds} @> ${JSON.stringify([id])}::jsonb`),
  ].filter((condition) => condition !== undefined);
  return some.length === 0 ? sql`false` : and(own, or(...some));
}

function fitting({ group, site, tag }: CameraFilter): SQL | undefined {
  return and(
    site === undefined ? undefined : eq(cameras.siteId, site),
    group === undefined ? undefined : sql`${cameras.groupIds} @> ${JSON.stringify([group])}::jsonb`,
    tag === undefined ? undefined : sql`${cameras.tags} @> ${JSON.stringify([tag])}::jsonb`,
  );
}

/** main or sub of a record. */
export function profileOf(camera: CameraRecord, name: ProfileName): ResolvedProfile | undefined {
  return camera.profiles.find((profile) => profile.name === name);
}
