import type { CameraId, UserId } from '@vedette/contracts';
import { type Clock, VedetteError } from '@vedette/runtime';
import { type CameraPlace, cameraAccess } from '../access/camera-access.ts';
import type { LocalTimes } from '../access/local-time.ts';
import type { AccessDecision } from '../access/permission.ts';
import type { Principal } from '../access/principal.ts';
import type { ViewAccess } from './view-access.ts';

interface Named {
  readonly name: string;
}

interface StoredViewAccessOptions {
  readonly users: { get(id: string): Promise<Named | undefined> };
  readonly apiTokens: { get(id: string): Promise<Named | undefined> };
  readonly authenticator: { byId(id: UserId): Promise<Principal | undefined> };
  /** Where cameras belong; asked at every start and every event, so it had better remember. */
  readonly catalog: { find(cameraId: CameraId): Promise<CameraPlace | undefined> };
  readonly times: LocalTimes;
  readonly clock: Pick<Clock, 'wallNow'>;
}

/** By tenant, role and grants. Names come from the stores of users and tokens, where they can be read. */
export class StoredViewAccess implements ViewAccess {
  readonly #options: StoredViewAccessOptions;

  constructor(options: StoredViewAccessOptions) {
    this.#options = options;
  }

  async decide(principal: Principal, cameraId: CameraId): Promise<AccessDecision> {
    const { catalog, clock, times } = this.#options;
    const place = await catalog.find(cameraId);
    if (place === undefined)
      return { allowed: false, code: 'forbidden', rule: 'no-camera', reason: 'there is no such camera' };
    return cameraAccess(principal, place, { nowMs: clock.wallNow(), times });
  }

  async mayView(principal: Principal, cameraId: CameraId): Promise<boolean> {
    return (await this.decide(principal, cameraId)).allowed;
  }

  who(id: UserId): Promise<Principal | undefined> {
    return this.#options.authenticator.byId(id);
  }

  async nameOf(id: UserId): Promise<string | undefined> {
    const { apiTokens, authenticator, users } = this.#options;
    try {
      const known = await authenticator.byId(id);
      return (known ?? (await users.get(id)) ?? (await apiTokens.get(id)))?.name;
    } catch (error) {
      // A name that cannot be read now is no reason to show nothing.
      if (error instanceof VedetteError && error.code === 'unavailable') return undefined;
      throw error;
    }
  }
}
