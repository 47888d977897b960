import { HOME_TENANT, Role, UserId } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { authorize, type Permission } from '../../apps/control-plane/src/access/permission.ts';
import { SCOPES } from '../../apps/dashboard/src/features/tokens/token-scopes.ts';
import { ABILITIES } from '../../apps/dashboard/src/features/users/roles.ts';

const somebody = {
  kind: 'user',
  id: UserId.parse('u1'),
  name: 'u',
  tenantId: HOME_TENANT,
  grants: [],
} as const;
const allowed = (permission: Permission) =>
  Role.options.filter((role) => authorize({ ...somebody, role }, permission).allowed);

describe('what the dashboard says of roles', () => {
  it('is what control allows', () => {
    for (const { permissions, roles, words } of ABILITIES)
      for (const permission of permissions)
        expect([...roles].sort(), `${words}: ${permission}`).toEqual(allowed(permission).sort());
  });

  it('offers a token only what its role has', () => {
    for (const { name, roles } of SCOPES) expect([...roles].sort(), name).toEqual(allowed(name).sort());
  });
});
