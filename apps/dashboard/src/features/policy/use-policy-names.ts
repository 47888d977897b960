import type { PolicyRule } from '@vedette/contracts';
import { useGroups, useSites } from '../../api/organisation-queries.ts';
import { useEveryCamera, useUsers } from '../../api/queries.ts';
import { useMay } from '../../shell/use-may.ts';
import { CAMERA_KINDS } from '../cameras/camera-kinds.ts';
import { ROLES } from '../users/roles.ts';
import type { PolicyNames } from './policy-words.ts';

/** Names of what rules speak of. Cameras and people are asked for only where a rule names one. */
export function usePolicyNames(rules: readonly PolicyRule[]): PolicyNames {
  const text = JSON.stringify(rules.map(({ when }) => when));
  const mayUsers = useMay('user.manage');
  const sites = useSites().data?.items;
  const groups = useGroups().data?.items;
  const cameras = useEveryCamera(text.includes('"camera.id"'));
  const users = useUsers(mayUsers && text.includes('"viewer.id"')).data?.items;
  return (fact, id) => {
    switch (fact) {
      case 'camera.site':
        return sites?.find((site) => site.id === id)?.name;
      case 'camera.group':
        return groups?.find((group) => group.id === id)?.name;
      case 'camera.id':
        return [...(cameras?.values() ?? [])].find((camera) => camera.id === id)?.name;
      case 'viewer.id':
        return users?.find((user) => user.id === id)?.name;
      case 'viewer.role':
        return ROLES.find(({ value }) => value === id)?.label;
      case 'camera.kind':
        return CAMERA_KINDS.find(({ kind }) => kind === id)?.label;
      default:
        return undefined;
    }
  };
}
