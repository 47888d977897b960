import type { AuditEntry, AuditVerdict } from '@vedette/contracts';
import type { ClusterWorld } from '../../tests/support/cluster-world.ts';

/** What of the record of views is missing or altered, in words; empty when all is there. */
export async function missingRecords(world: ClusterWorld): Promise<string[]> {
  const written = new Set<string | null>();
  let cursor: string | null = null;
  do {
    const after: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: { items: AuditEntry[]; nextCursor: string | null } = await world.api(
      'GET',
      `/audit?kind=view-started&limit=500${after}`,
    );
    for (const { sessionId } of page.items) written.add(sessionId);
    cursor = page.nextCursor;
  } while (cursor !== null);
  const lost = [...world.crowd.sessionIds].filter((id) => !written.has(id));
  const { faults } = await world.api<AuditVerdict>('GET', '/audit/verify');
  return [
    ...(lost.length === 0
      ? []
      : [`${lost.length} of ${world.crowd.sessionIds.size} views are not in the audit`]),
    ...faults.map(({ what, where }) => `audit: ${where}: ${what}`),
  ];
}
