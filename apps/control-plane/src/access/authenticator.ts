// In: the secret of a cookie or an Authorization header. Out: who that is, or nothing.
// Remembers answers for a few seconds, so that starting fifty cameras asks the database once.
// Not its job: what the principal may do (permission.ts), and how a secret comes to be (sign-in.ts).
import { ALL_CAMERAS, HOME_TENANT, UserId } from '@vedette/contracts';
import { type Clock, sameSecret } from '@vedette/runtime';
import type { ApiToken, ApiTokenStore } from './api-token-store.ts';
import type { Principal } from './principal.ts';
import { secretHash } from './secret-hash.ts';
import type { SignInStore } from './sign-in-store.ts';
import type { UserStore } from './user-store.ts';

/** Also how long another control process may go on believing what this one has revoked. */
const REMEMBER_MS = 5_000;
const MAX_REMEMBERED = 10_000;
/** "Last seen" and "last used" are written no more often than this. */
const TOUCH_MS = 5 * 60_000;

interface AuthenticatorOptions {
  readonly users: Pick<UserStore, 'get'>;
  readonly signIns: Pick<SignInStore, 'bySecret' | 'touch'>;
  readonly apiTokens: Pick<ApiTokenStore, 'bySecret' | 'get' | 'touch'>;
  /** The administrator's token of the settings or of the data folder. */
  readonly adminToken: string;
  readonly idleMs: number;
  readonly clock: Pick<Clock, 'now' | 'wallNow'>;
}

interface Remembered {
  readonly principal: Principal | undefined;
  readonly until: number;
}

export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #remembered = new Map<string, Remembered>();
  /** Grows with every revocation: an answer that was asked for before one must not be remembered after it. */
  #revocations = 0;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  /** The person whose cookie this is. */
  async byCookie(secret: string): Promise<Principal | undefined> {
    return this.#remember(`cookie ${secretHash(secret)}`, async () => {
      const { signIns, users, clock, idleMs } = this.#options;
      const signIn = await signIns.bySecret(secret);
      const now = clock.wallNow();
      if (signIn === undefined || signIn.expiresAt.getTime() <= now) return undefined;
      if (signIn.lastSeenAt.getTime() + idleMs <= now) return undefined;
      const user = await users.get(signIn.userId);
      if (user === undefined || user.disabled) return undefined;
      if (now - signIn.lastSeenAt.getTime() > TOUCH_MS) await signIns.touch(signIn.id, new Date(now));
      return { ...principalOfUser(user), signInId: signIn.id };
    });
  }

  /** The program whose token this is. */
  async byBearer(secret: string): Promise<Principal | undefined> {
    if (sameSecret(secret, this.#options.adminToken)) {
      return {
        kind: 'token',
        id: UserId.parse('admintoken'),
        name: 'administrator token',
        role: 'admin',
        tenantId: HOME_TENANT,
        grants: ALL_CAMERAS,
      };
    }
    if (!secret.startsWith('vdt_')) return undefined;
    return this.#remember(`bearer ${secretHash(secret)}`, async () => {
      const { apiTokens, clock } = this.#options;
      const token = await apiTokens.bySecret(secret);
      const now = clock.wallNow();
      if (token === undefined) return undefined;
      if (token.expiresAt !== null && token.expiresAt.getTime() <= now) return undefined;
      if (now - (token.lastUsedAt?.getTime() ?? 0) > TOUCH_MS) await apiTokens.touch(token.id, new Date(now));
      return principalOfToken(token);
    });
  }

  /** Somebody who watches, by id: as they are now, also a token that has expired; undefined when there is none. */
  async byId(id: UserId): Promise<Principal | undefined> {
    return this.#remember(`id ${id}`, async () => {
      const { users, apiTokens } = this.#options;
      const user = await users.get(id);
      if (user !== undefined) return user.disabled ? undefined : principalOfUser(user);
      const token = await apiTokens.get(id);
      return token === undefined ? undefined : principalOfToken(token);
    });
  }

  /** Called whenever a user, a sign-in or a token was changed or removed; takes effect at once. */
  forget(): void {
    this.#revocations += 1;
    this.#remembered.clear();
  }

  async #remember(key: string, find: () => Promise<Principal | undefined>): Promise<Principal | undefined> {
    const now = this.#options.clock.now();
    const known = this.#remembered.get(key);
    if (known !== undefined && known.until > now) return known.principal;
    const revocations = this.#revocations;
    const principal = await find();
    if (revocations !== this.#revocations) return principal;
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(key, { principal, until: now + REMEMBER_MS });
    return principal;
  }
}

export function principalOfUser({ grants, id, name, role, tenantId }: Omit<Principal, 'kind'>): Principal {
  return { kind: 'user', id, name, role, tenantId, grants };
}

function principalOfToken({ expiresAt, scopes, ...token }: ApiToken): Principal {
  const { grants, id, name, role, tenantId } = token;
  return {
    kind: 'token',
    id,
    name,
    role,
    tenantId,
    grants,
    ...(scopes === null ? {} : { scopes }),
    ...(expiresAt === null ? {} : { expiresAtMs: expiresAt.getTime() }),
  };
}
