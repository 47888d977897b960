import type { Grant } from '@vedette/contracts';

/** What somebody is given who sees all of the tenant. As a constant here, so that no page loads schemas for it. */
export const EVERY_CAMERA: readonly Grant[] = [{ scope: { kind: 'all' } }];
