import {
  ALL_CAMERAS,
  type PasswordChange,
  type TenantId,
  type UserChange,
  type UserId,
  type UserInput,
} from '@vedette/contracts';
import { type Clock, VedetteError } from '@vedette/runtime';
import type { ApiTokenStore } from './api-token-store.ts';
import { AttemptLimiter } from './attempt-limiter.ts';
import type { PasswordHasher } from './password-hasher.ts';
import type { Principal } from './principal.ts';
import type { SignInStore } from './sign-in-store.ts';
import type { User, UserStore } from './user-store.ts';

const PASSWORD_ATTEMPTS = 10;
const PASSWORD_WINDOW_MS = 5 * 60_000;

interface AccountServiceOptions {
  readonly users: Pick<UserStore, 'get' | 'create' | 'update' | 'remove'>;
  readonly signIns: Pick<SignInStore, 'remove' | 'removeAllOf'>;
  readonly apiTokens: Pick<ApiTokenStore, 'get' | 'remove'>;
  readonly hasher: Pick<PasswordHasher, 'hash' | 'verify'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Drops what is remembered of a principal; called after every change. */
  readonly forget: (id: string) => void;
}

/** Changes to who may sign in. Whoever loses a right loses it at once, in every browser. */
export class AccountService {
  readonly #options: AccountServiceOptions;
  /** Whoever found an open browser must not guess the password from there either. */
  readonly #passwordAttempts: AttemptLimiter;
  readonly #listeners = new Set<(id: UserId) => void>();
  readonly #narrowed = new Set<(id: UserId) => void>();

  constructor(options: AccountServiceOptions) {
    this.#options = options;
    this.#passwordAttempts = new AttemptLimiter({
      clock: options.clock,
      attempts: PASSWORD_ATTEMPTS,
      windowMs: PASSWORD_WINDOW_MS,
    });
  }

  /** Hears the id of every user or token that was removed, disabled or given another role or password. */
  onRevoked(listener: (id: UserId) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Hears the id of every user whose grants were changed: some of what they watch may not be theirs any more. */
  onNarrowed(listener: (id: UserId) => void): () => void {
    this.#narrowed.add(listener);
    return () => this.#narrowed.delete(listener);
  }

  /** Throws `conflict` when the name is taken. */
  async create(tenantId: TenantId, input: UserInput): Promise<User> {
    const { users, hasher } = this.#options;
    const { grants = ALL_CAMERAS, name, password, role } = input;
    const passwordHash = await hasher.hash(password);
    return users.create({ name, role, tenantId, grants, passwordHash, disabled: false });
  }

  /** Throws `not_found`, and `conflict` when the name is taken or no administrator would remain. */
  async change(tenantId: TenantId, id: string, change: UserChange): Promise<User> {
    const { users, signIns, hasher } = this.#options;
    const { password, ...fields } = change;
    const before = await users.get(id);
    if (before?.tenantId !== tenantId) throw new VedetteError('not_found');
    const passwordHash = password === undefined ? undefined : await hasher.hash(password);
    const after = await users.update(id, {
      ...fields,
      ...(passwordHash === undefined ? {} : { passwordHash }),
    });
    if (after === undefined) throw new VedetteError('not_found');
    const lessTrusted =
      passwordHash !== undefined || after.role !== before.role || (after.disabled && !before.disabled);
    if (lessTrusted) {
      await signIns.removeAllOf(id);
      this.#revoked(after.id);
    }
    this.#options.forget(id);
    if (change.grants !== undefined) for (const listener of this.#narrowed) listener(after.id);
    return after;
  }

  /** Throws `not_found`, and `conflict` for the last administrator. */
  async remove(tenantId: TenantId, user: { readonly id: UserId }): Promise<void> {
    const before = await this.#options.users.get(user.id);
    if (before?.tenantId !== tenantId) throw new VedetteError('not_found');
    if (!(await this.#options.users.remove(user.id))) throw new VedetteError('not_found');
    this.#options.forget(user.id);
    this.#revoked(user.id);
  }

  /** Throws `not_found`. */
  async removeToken(tenantId: TenantId, token: { readonly id: UserId }): Promise<void> {
    const before = await this.#options.apiTokens.get(token.id);
    if (before?.tenantId !== tenantId) throw new VedetteError('not_found');
    if (!(await this.#options.apiTokens.remove(token.id))) throw new VedetteError('not_found');
    this.#options.forget(token.id);
    this.#revoked(token.id);
  }

  /** False when that user has no such sign-in. */
  async signOut(userId: string, signInId: string): Promise<boolean> {
    const removed = await this.#options.signIns.remove(userId, signInId);
    this.#options.forget(userId);
    return removed;
  }

  /**
   * Throws `invalid_request` naming `currentPassword` when it is wrong,
   * `forbidden` for a token, `rate_limited`.
   */
  async changeOwnPassword(principal: Principal, change: PasswordChange): Promise<void> {
    const { users, signIns, hasher } = this.#options;
    if (principal.kind !== 'user') throw new VedetteError('forbidden');
    const wait = this.#passwordAttempts.take(principal.id);
    if (wait > 0) throw new VedetteError('rate_limited', { retryAfterSeconds: wait });
    const user = await users.get(principal.id);
    if (!(await hasher.verify(user?.passwordHash, change.currentPassword)))
      throw new VedetteError('invalid_request', {
        fields: [{ path: 'currentPassword', message: 'is not your password' }],
      });
    this.#passwordAttempts.clear(principal.id);
    await users.update(principal.id, { passwordHash: await hasher.hash(change.newPassword) });
    await signIns.removeAllOf(principal.id, principal.signInId);
    this.#options.forget(principal.id);
  }

  #revoked(id: UserId): void {
    for (const listener of this.#listeners) listener(id);
  }
}
