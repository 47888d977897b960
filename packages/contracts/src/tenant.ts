import { z } from 'zod';
import { TenantId } from './ids.ts';

/** POST /api/v1/tenants: an organisation with cameras and people of its own, and its first administrator. */
export const TenantInput = z.strictObject({
  /** Stands in addresses and logs; made when absent. */
  id: TenantId.optional(),
  name: z.string().trim().min(1).max(100),
});
export type TenantInput = z.infer<typeof TenantInput>;

/** PATCH /api/v1/tenants/{id}. */
export const TenantChange = z.strictObject({ name: z.string().trim().min(1).max(100) });
export type TenantChange = z.infer<typeof TenantChange>;

/** GET /api/v1/tenants item. */
export const TenantView = z.object({
  id: TenantId,
  name: z.string(),
  cameras: z.int(),
  users: z.int(),
  createdAt: z.iso.datetime(),
});
export type TenantView = z.infer<typeof TenantView>;
