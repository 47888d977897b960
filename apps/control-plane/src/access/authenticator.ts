// In: the secret of a cookie or an Authorization header. Out: who that is, or nothing.
// Remembers answers for a few seconds, so that starting fifty cameras asks the database once, and for a while longer
// where the database is away: whoever was known then goes on with the rights that he had.
// Not its job: what the principal may do (permission.ts), and how a secret comes to be (sign-in.ts).
import { ALL_CAMERAS, HOME_TENANT, UserId } from '@vedette/contracts';
import { type Clock, sameSecret } from '@vedette/runtime';
import { LastKnown } from '../database/last-known.ts';
import type { ApiToken, ApiTokenStore } from './api-token-store.ts';
import type { Principal } from './principal.ts';
import { secretHash } from './secret-hash.ts';
import type { SignInStore } from './sign-in-store.ts';
import type { UserStore } from './user-store.ts';

/** Also how long another control process may go on believing what this one has revoked. */
const REMEMBER_MS = 5_000;
/** How long somebody may go on with what he last had while the database is away. */
const STAND_IN_MS = 15 * 60_000;
/** A start waits no longer for a database that hangs. */
const PATIENCE_MS = 300;
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
  readonly clock: Pick<Clock, 'after' | 'now' | 'wallNow'>;
}

interface Recognised {
  readonly principal: Principal;
  /** Ms since the Unix epoch; over then, whatever the database says or does not say. */
  readonly endsAtMs: number;
}

export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #recognised: LastKnown<Recognised>;
  readonly #people: LastKnown<Principal>;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    const bounds = {
      freshMs: REMEMBER_MS,
      patienceMs: PATIENCE_MS,
      max: MAX_REMEMBERED,
      clock: options.clock,
    };
    this.#recognised = new LastKnown({ ...bounds, usableMs: STAND_IN_MS });
    // Who watches is looked at again and again to end what is not allowed any more: this must not end with the database.
    this.#people = new LastKnown({ ...bounds, usableMs: Number.POSITIVE_INFINITY });
  }

  /** The person whose cookie this is. Throws `unavailable` when it cannot be known. */
  async byCookie(secret: string): Promise<Principal | undefined> {
    return this.#recognise(`cookie ${secretHash(secret)}`, async () => {
      const { signIns, users, clock, idleMs } = this.#options;
      const signIn = await signIns.bySecret(secret);
      const now = clock.wallNow();
      if (signIn === undefined || signIn.expiresAt.getTime() <= now) return undefined;
      if (signIn.lastSeenAt.getTime() + idleMs <= now) return undefined;
      const user = await users.get(signIn.userId);
      if (user === undefined || user.disabled) return undefined;
      if (now - signIn.lastSeenAt.getTime() > TOUCH_MS)
        await quietly(signIns.touch(signIn.id, new Date(now)));
      return {
        principal: { ...principalOfUser(user), signInId: signIn.id },
        endsAtMs: signIn.expiresAt.getTime(),
      };
    });
  }

  /** The program whose token this is. Throws `unavailable` when it cannot be known. */
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
    return this.#recognise(`bearer ${secretHash(secret)}`, async () => {
      const { apiTokens, clock } = this.#options;
      const token = await apiTokens.bySecret(secret);
      const now = clock.wallNow();
      if (token === undefined) return undefined;
      const endsAtMs = token.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
      if (endsAtMs <= now) return undefined;
      if (now - (token.lastUsedAt?.getTime() ?? 0) > TOUCH_MS)
        await quietly(apiTokens.touch(token.id, new Date(now)));
      return { principal: principalOfToken(token), endsAtMs };
    });
  }

  /**
   * Somebody who watches, by id: as they are now, also a token that has expired; undefined when there is none. With the
   * database away as they were, however long ago. Throws `unavailable` when nothing was known.
   */
  async byId(id: UserId): Promise<Principal | undefined> {
    return this.#people.get(id, async () => {
      const { users, apiTokens } = this.#options;
      const user = await users.get(id);
      if (user !== undefined) return user.disabled ? undefined : principalOfUser(user);
      const token = await apiTokens.get(id);
      return token === undefined ? undefined : principalOfToken(token);
    });
  }

  /**
   * Called whenever a user, a sign-in or a token was changed or removed; takes effect at once. Everybody is asked for
   * again, and this one is not known until the database has said who he is now. Without an id it is not known who.
   */
  forget(id?: string): void {
    this.#recognised.expire(({ principal }) => principal.id === id);
    this.#people.expire((principal) => principal.id === id);
  }

  async #recognise(key: string, find: () => Promise<Recognised | undefined>): Promise<Principal | undefined> {
    const found = await this.#recognised.get(key, find);
    return found === undefined || found.endsAtMs <= this.#options.clock.wallNow()
      ? undefined
      : found.principal;
  }
}

/** When somebody was last seen is not worth refusing him. */
function quietly(touching: Promise<void>): Promise<void> {
  return touching.catch(() => undefined);
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
