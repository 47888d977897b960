import { z } from 'zod';
import { TenantId } from './ids.ts';

/** GET /api/v1/keys, and the answer of POST /api/v1/keys/rotate: how far nothing is sealed by old keys any more. */
export const KeyRotation = z.object({
  isRunning: z.boolean(),
  /** Why the last one stopped before its end. */
  failure: z.string().nullable(),
  tenants: z.array(
    z.object({
      tenantId: TenantId,
      /** Number of the data key that seals now. */
      version: z.int(),
      /** Data keys that are kept because something is still sealed by them. */
      oldVersions: z.int(),
      /** Secrets that an older key has sealed. */
      left: z.int(),
    }),
  ),
});
export type KeyRotation = z.infer<typeof KeyRotation>;
