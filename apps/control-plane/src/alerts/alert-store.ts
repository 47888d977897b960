import { AlertDestination, AlertKind, AlertMessage, DeliveryState, TenantId } from '@vedette/contracts';
import { newId } from '@vedette/runtime';
import { and, asc, desc, eq, lt, lte, ne, or } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../database/database.ts';
import { alertDeliveries, alertTargets } from '../database/schema.ts';

const TargetRow = z.object({
  id: z.string(),
  tenantId: TenantId,
  name: z.string(),
  destination: AlertDestination,
  sealedSecret: z.unknown().nullable(),
  events: z.array(AlertKind),
  enabled: z.boolean(),
  createdAt: z.date(),
});
export type AlertTarget = z.infer<typeof TargetRow>;

const DeliveryRow = z.object({
  id: z.string(),
  targetId: z.string(),
  tenantId: TenantId,
  event: AlertMessage,
  state: DeliveryState,
  attempts: z.int(),
  nextAt: z.date(),
  lastError: z.string().nullable(),
  createdAt: z.date(),
});
export type Delivery = z.infer<typeof DeliveryRow>;

/** Whom to tell, and what is on its way. */
export class AlertStore {
  readonly #database: Database;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  async targets(tenantId: TenantId): Promise<readonly AlertTarget[]> {
    const rows = await this.#database.run((orm) =>
      orm
        .select()
        .from(alertTargets)
        .where(eq(alertTargets.tenantId, tenantId))
        .orderBy(asc(alertTargets.createdAt), asc(alertTargets.id)),
    );
    return rows.map((row) => TargetRow.parse(row));
  }

  async target(tenantId: TenantId, id: string): Promise<AlertTarget | undefined> {
    return (await this.targets(tenantId)).find((target) => target.id === id);
  }

  async addTarget(target: Omit<AlertTarget, 'createdAt'>): Promise<AlertTarget> {
    const row = { ...target, createdAt: new Date() };
    await this.#database.run((orm) => orm.insert(alertTargets).values(row));
    return row;
  }

  async changeTarget(
    tenantId: TenantId,
    id: string,
    change: Partial<Pick<AlertTarget, 'name' | 'destination' | 'events' | 'enabled' | 'sealedSecret'>>,
  ): Promise<AlertTarget | undefined> {
    const rows = await this.#database.run((orm) =>
      orm
        .update(alertTargets)
        .set({ id, ...change })
        .where(and(eq(alertTargets.id, id), eq(alertTargets.tenantId, tenantId)))
        .returning(),
    );
    return rows.map((row) => TargetRow.parse(row))[0];
  }

  /** What is on its way to it goes with it. */
  async removeTarget(tenantId: TenantId, id: string): Promise<boolean> {
    const rows = await this.#database.run((orm) =>
      orm
        .delete(alertTargets)
        .where(and(eq(alertTargets.id, id), eq(alertTargets.tenantId, tenantId)))
        .returning({ id: alertTargets.id }),
    );
    return rows.length > 0;
  }

  async enqueue(targets: readonly AlertTarget[], event: AlertMessage, now: Date): Promise<void> {
    if (targets.length === 0) return;
    const rows = targets.map(({ id, tenantId }) => ({
      id: newId(),
      targetId: id,
      tenantId,
      event,
      state: 'pending',
      attempts: 0,
      nextAt: now,
      lastError: null,
      createdAt: now,
    }));
    await this.#database.run((orm) => orm.insert(alertDeliveries).values(rows));
  }

  /** Those that are to be tried now, the longest due first, with where they go. */
  async due(now: Date, limit: number): Promise<readonly { delivery: Delivery; target: AlertTarget }[]> {
    const rows = await this.#database.run((orm) =>
      orm
        .select({ delivery: alertDeliveries, target: alertTargets })
        .from(alertDeliveries)
        .innerJoin(alertTargets, eq(alertDeliveries.targetId, alertTargets.id))
        .where(and(eq(alertDeliveries.state, 'pending'), lte(alertDeliveries.nextAt, now)))
        .orderBy(asc(alertDeliveries.nextAt))
        .limit(limit),
    );
    return rows.map((row) => ({
      delivery: DeliveryRow.parse(row.delivery),
      target: TargetRow.parse(row.target),
    }));
  }

  /**
   * Takes an attempt for this process: another one that has seen the same delivery does not get it.
   * `nextAt` is when it is tried again should this process die over it.
   */
  async claim(delivery: Pick<Delivery, 'id' | 'attempts'>, nextAt: Date): Promise<boolean> {
    const rows = await this.#database.run((orm) =>
      orm
        .update(alertDeliveries)
        .set({ attempts: delivery.attempts + 1, nextAt })
        .where(
          and(
            eq(alertDeliveries.id, delivery.id),
            eq(alertDeliveries.attempts, delivery.attempts),
            eq(alertDeliveries.state, 'pending'),
          ),
        )
        .returning({ id: alertDeliveries.id }),
    );
    return rows.length > 0;
  }

  async finish(
    id: string,
    outcome: { readonly state: DeliveryState; readonly lastError: string | null; readonly nextAt?: Date },
  ): Promise<void> {
    await this.#database.run((orm) =>
      orm.update(alertDeliveries).set(outcome).where(eq(alertDeliveries.id, id)),
    );
  }

  /** Newest first, older than `before`. */
  async deliveries(
    tenantId: TenantId,
    query: {
      readonly state?: DeliveryState | undefined;
      readonly limit: number;
      readonly before?: { readonly at: Date; readonly id: string } | undefined;
    },
  ): Promise<readonly { delivery: Delivery; targetName: string }[]> {
    const { before, limit, state } = query;
    const { createdAt, id } = alertDeliveries;
    const rows = await this.#database.run((orm) =>
      orm
        .select({ delivery: alertDeliveries, targetName: alertTargets.name })
        .from(alertDeliveries)
        .innerJoin(alertTargets, eq(alertDeliveries.targetId, alertTargets.id))
        .where(
          and(
            eq(alertDeliveries.tenantId, tenantId),
            state === undefined ? undefined : eq(alertDeliveries.state, state),
            before === undefined
              ? undefined
              : or(lt(createdAt, before.at), and(eq(createdAt, before.at), lt(id, before.id))),
          ),
        )
        .orderBy(desc(createdAt), desc(id))
        .limit(limit),
    );
    return rows.map(({ delivery, targetName }) => ({ delivery: DeliveryRow.parse(delivery), targetName }));
  }

  /** Tries it again from the beginning. False when there is no such delivery, or it has arrived. */
  async retry(tenantId: TenantId, id: string, now: Date): Promise<boolean> {
    const rows = await this.#database.run((orm) =>
      orm
        .update(alertDeliveries)
        .set({ state: 'pending', attempts: 0, nextAt: now })
        .where(
          and(
            eq(alertDeliveries.id, id),
            eq(alertDeliveries.tenantId, tenantId),
            ne(alertDeliveries.state, 'done'),
          ),
        )
        .returning({ id: alertDeliveries.id }),
    );
    return rows.length > 0;
  }

  async removeBefore(moment: Date): Promise<void> {
    await this.#database.run((orm) =>
      orm
        .delete(alertDeliveries)
        .where(and(ne(alertDeliveries.state, 'pending'), lt(alertDeliveries.createdAt, moment))),
    );
  }

  /** Of all tenants, for whoever seals their secrets anew. */
  async sealed(tenantId: TenantId): Promise<readonly AlertTarget[]> {
    return (await this.targets(tenantId)).filter(({ sealedSecret }) => sealedSecret !== null);
  }
}
