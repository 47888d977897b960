import type { GrantScope } from '@vedette/contracts';
import { useGroups, useSites } from '../../api/organisation-queries.ts';
import { useCamera } from '../../api/queries.ts';
import { scopeWords } from './grant-words.ts';

/** What a grant covers, by name; a mere `…` until the names have come. */
export function useScopeName(scope: GrantScope): string {
  const sites = useSites();
  const groups = useGroups();
  const camera = useCamera(scope.kind === 'camera' ? scope.id : undefined);
  if (scope.kind === 'all') return scopeWords(scope, () => undefined);
  const query = { site: sites, group: groups, camera }[scope.kind];
  if (query.isPending) return '…';
  return scopeWords(scope, ({ kind, id }) => {
    if (kind === 'camera') return camera.data?.name;
    return (kind === 'site' ? sites.data : groups.data)?.items.find((item) => item.id === id)?.name;
  });
}
