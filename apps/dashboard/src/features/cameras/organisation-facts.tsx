import type { Camera } from '@vedette/contracts';
import { useGroups, useSites } from '../../api/organisation-queries.ts';
import { Fact, Facts } from './facts.tsx';

/** Where a camera belongs and how much it matters; nothing is said of what was never set. */
export function OrganisationFacts({ camera }: { readonly camera: Camera }) {
  const { groupIds, maxConnections, pathName, siteId, tags, tier, watched } = camera;
  const site = useSites().data?.items.find(({ id }) => id === siteId)?.name;
  const groups = useGroups().data?.items.filter(({ id }) => groupIds.includes(id));
  return (
    <Facts title="Organisation and limits">
      <Fact name="Site">{siteId === null ? 'none' : (site ?? siteId)}</Fact>
      {groupIds.length > 0 && <Fact name="Groups">{groups?.map(({ name }) => name).join(', ')}</Fact>}
      {tags.length > 0 && <Fact name="Tags">{tags.join(', ')}</Fact>}
      <Fact name="Importance">
        {tier === 0 ? '0, the most important' : tier === 9 ? '9, the least' : String(tier)}
      </Fact>
      {pathName !== null && (
        <Fact name="Path name">
          <span className="font-mono text-xs select-text">{pathName}</span>
        </Fact>
      )}
      {maxConnections !== null && (
        <Fact name="Connections">{maxConnections} at once, and never one more</Fact>
      )}
      <Fact name="Checked">{watched ? 'every few minutes, while nobody watches' : 'only when watched'}</Fact>
    </Facts>
  );
}
