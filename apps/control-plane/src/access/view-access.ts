import type { CameraId, UserId } from '@vedette/contracts';
import type { ApiTokenStore } from './api-token-store.ts';
import { authorize } from './permission.ts';
import type { Principal } from './principal.ts';
import type { UserStore } from './user-store.ts';

/** What streams and sessions ask about people and programs; the shape is sessions/view-access.ts. */
export class RoleViewAccess {
  readonly #users: Pick<UserStore, 'get'>;
  readonly #apiTokens: Pick<ApiTokenStore, 'get'>;

  constructor(options: { users: Pick<UserStore, 'get'>; apiTokens: Pick<ApiTokenStore, 'get'> }) {
    this.#users = options.users;
    this.#apiTokens = options.apiTokens;
  }

  /** By role alone so far: whoever may watch may watch every camera. */
  async mayView(principal: Principal, _cameraId: CameraId): Promise<boolean> {
    return authorize(principal, 'view.watch').allowed;
  }

  /** Of a user or a token; undefined when there is none any more. */
  async nameOf(id: UserId): Promise<string | undefined> {
    return (await this.#users.get(id))?.name ?? (await this.#apiTokens.get(id))?.name;
  }
}
