import { type PolicyRule, PolicyRules, type TenantId } from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import { and, desc, eq, lt } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../database/database.ts';
import { policyVersions } from '../database/schema.ts';

const Row = z.object({
  version: z.int(),
  rules: z.unknown(),
  author: z.string(),
  note: z.string(),
  createdAt: z.date(),
});

/** A version as it is kept; rules are undefined where they cannot be read any more. */
export interface KeptPolicy extends Omit<z.infer<typeof Row>, 'rules'> {
  readonly rules: readonly PolicyRule[] | undefined;
}

/** Versions are added and never changed; the newest one is in force. */
export class PolicyStore {
  readonly #database: Database;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  async newest(tenantId: TenantId): Promise<KeptPolicy | undefined> {
    const [first] = await this.versions(tenantId, { limit: 1 });
    return first;
  }

  async get(tenantId: TenantId, version: number): Promise<KeptPolicy | undefined> {
    const rows = await this.#database.run((orm) =>
      orm
        .select()
        .from(policyVersions)
        .where(and(eq(policyVersions.tenantId, tenantId), eq(policyVersions.version, version))),
    );
    return rows.map(keptOf)[0];
  }

  /** Newest first. */
  async versions(
    tenantId: TenantId,
    page: { readonly limit: number; readonly before?: number | undefined },
  ): Promise<readonly KeptPolicy[]> {
    const rows = await this.#database.run((orm) =>
      orm
        .select()
        .from(policyVersions)
        .where(
          and(
            eq(policyVersions.tenantId, tenantId),
            page.before === undefined ? undefined : lt(policyVersions.version, page.before),
          ),
        )
        .orderBy(desc(policyVersions.version))
        .limit(page.limit),
    );
    return rows.map(keptOf);
  }

  /** Throws `conflict` when `basedOn` is not the newest version. */
  async add(
    tenantId: TenantId,
    policy: {
      readonly basedOn: number;
      readonly rules: readonly PolicyRule[];
      readonly author: string;
      readonly note: string;
    },
  ): Promise<KeptPolicy> {
    const { author, basedOn, note, rules } = policy;
    const row = { version: basedOn + 1, rules, author, note, createdAt: new Date() };
    const added = await this.#database.transaction(async (orm) => {
      const [newest] = await orm
        .select({ version: policyVersions.version })
        .from(policyVersions)
        .where(eq(policyVersions.tenantId, tenantId))
        .orderBy(desc(policyVersions.version))
        .limit(1);
      if ((newest?.version ?? 0) !== basedOn) return [];
      // Of two at once with the same base, the second finds its number taken.
      return orm
        .insert(policyVersions)
        .values({ ...row, tenantId })
        .onConflictDoNothing()
        .returning({ version: policyVersions.version });
    });
    if (added.length === 0)
      throw new VedetteError('conflict', {
        detail: 'Somebody has changed the rules meanwhile. Look at them again.',
        fields: [{ path: 'basedOn', message: 'is not the newest version' }],
      });
    return row;
  }
}

function keptOf(row: unknown): KeptPolicy {
  const { rules, ...kept } = Row.parse(row);
  const parsed = PolicyRules.safeParse(rules);
  return { ...kept, rules: parsed.success ? parsed.data : undefined };
}
