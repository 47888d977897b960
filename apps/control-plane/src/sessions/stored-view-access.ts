import type { CameraId, UserId } from '@vedette/contracts';
import { authorize } from '../access/permission.ts';
import type { Principal } from '../access/principal.ts';
import type { ViewAccess } from './view-access.ts';

interface Named {
  readonly name: string;
}

/** By role: who may read cameras may see every one. Names come from the stores of users and tokens. */
export class StoredViewAccess implements ViewAccess {
  readonly #users: { get(id: string): Promise<Named | undefined> };
  readonly #apiTokens: { get(id: string): Promise<Named | undefined> };

  constructor(options: {
    readonly users: { get(id: string): Promise<Named | undefined> };
    readonly apiTokens: { get(id: string): Promise<Named | undefined> };
  }) {
    this.#users = options.users;
    this.#apiTokens = options.apiTokens;
  }

  async mayView(principal: Principal, _cameraId: CameraId): Promise<boolean> {
    return authorize(principal, 'camera.read').allowed;
  }

  async nameOf(id: UserId): Promise<string | undefined> {
    return ((await this.#users.get(id)) ?? (await this.#apiTokens.get(id)))?.name;
  }
}
