import { HOME_TENANT } from '@vedette/contracts';

/** A camera of the first tenant that belongs nowhere in particular. */
export const AT_HOME = {
  tenantId: HOME_TENANT,
  siteId: null,
  groupIds: [],
  tags: [],
  tier: 5,
  pathName: null,
  maxConnections: null,
  watched: true,
};

/** Every camera of the first tenant. */
export const ALL_AT_HOME = { kind: 'all', tenantId: HOME_TENANT } as const;
