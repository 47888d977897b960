// Enters: who asks, for which camera. Leaves: the camera, or "there is no such camera".
// Not its job: what may be done with it (the route's permission).
import type { GroupId, SiteId } from '@vedette/contracts';
import { type Clock, VedetteError } from '@vedette/runtime';
import { type CameraPlace, type CameraScope, cameraAccess, cameraScope } from '../access/camera-access.ts';
import type { LocalTimes } from '../access/local-time.ts';
import type { Principal } from '../access/principal.ts';
import { invalidFields } from '../http/validation.ts';
import type { CameraRecord } from './camera-record.ts';
import type { CameraStore } from './camera-store.ts';
import type { OrganisationStore } from './organisation/organisation-store.ts';

interface CameraGateOptions {
  readonly store: Pick<CameraStore, 'get'>;
  readonly organisation: Pick<OrganisationStore, 'missing'>;
  readonly times: LocalTimes;
  readonly clock: Pick<Clock, 'wallNow'>;
}

export class CameraGate {
  readonly #options: CameraGateOptions;

  constructor(options: CameraGateOptions) {
    this.#options = options;
  }

  /** For lists. */
  scope(principal: Principal): CameraScope {
    return cameraScope(principal, this.#now());
  }

  mayWorkWith(principal: Principal, place: CameraPlace): boolean {
    return cameraAccess(principal, place, this.#now()).allowed;
  }

  /** Throws `camera_not_found`, in the same words for one that is not there and one that is not theirs. */
  async camera(principal: Principal, id: string): Promise<CameraRecord> {
    const record = await this.#options.store.get(id);
    if (record === undefined || !this.mayWorkWith(principal, record))
      throw new VedetteError('camera_not_found');
    return record;
  }

  /** Throws `invalid_request` where a camera would belong to what is not there, or to what is not theirs. */
  async requirePlace(principal: Principal, place: CameraPlace): Promise<void> {
    const { siteId, groupIds } = place;
    const missing = await this.#options.organisation.missing(principal.tenantId, { siteId, groupIds });
    if (missing.length > 0) throw invalidFields(...missing);
    if (!this.mayWorkWith(principal, place))
      throw invalidFields({ path: 'siteId', message: 'choose a site that you look after' });
  }

  #now() {
    const { clock, times } = this.#options;
    return { nowMs: clock.wallNow(), times };
  }
}

/** Where a camera will belong after a change. */
export function placeAfter(
  before: CameraPlace,
  change: { readonly siteId?: SiteId | null | undefined; readonly groupIds?: readonly GroupId[] | undefined },
): CameraPlace {
  return {
    id: before.id,
    tenantId: before.tenantId,
    siteId: change.siteId === undefined ? before.siteId : change.siteId,
    groupIds: change.groupIds ?? before.groupIds,
  };
}
