import { type Clock, newSecret, VedetteError } from '@vedette/runtime';
import { AttemptLimiter } from './attempt-limiter.ts';
import type { PasswordHasher } from './password-hasher.ts';
import type { Principal } from './principal.ts';
import type { SignIn, SignInStore } from './sign-in-store.ts';
import { nameKeyOf, type UserStore } from './user-store.ts';

const WINDOW_MS = 5 * 60_000;
/** From one address: whoever guesses there locks out himself. */
const ATTEMPTS_A_NAME_THERE = 10;
/** From all addresses together: many who guess together are slow as well. */
const ATTEMPTS_A_NAME = 100;
const ATTEMPTS_AN_ADDRESS = 50;

interface SignInServiceOptions {
  readonly users: Pick<UserStore, 'byName'>;
  readonly signIns: Pick<SignInStore, 'create' | 'removeExpired'>;
  readonly hasher: Pick<PasswordHasher, 'verify'>;
  /** However busy, a sign-in ends after so long. */
  readonly absoluteMs: number;
  readonly clock: Pick<Clock, 'now' | 'wallNow'>;
}

export interface SignedIn {
  readonly user: Omit<Principal, 'kind'>;
  readonly signIn: SignIn;
  /** Goes into the cookie. */
  readonly secret: string;
}

/** Turns a name and a password into a sign-in. Guessing is slow, by name and by address. */
export class SignInService {
  readonly #options: SignInServiceOptions;
  readonly #byNameThere: AttemptLimiter;
  readonly #byName: AttemptLimiter;
  readonly #byAddress: AttemptLimiter;

  constructor(options: SignInServiceOptions) {
    this.#options = options;
    const { clock } = options;
    this.#byNameThere = new AttemptLimiter({ clock, attempts: ATTEMPTS_A_NAME_THERE, windowMs: WINDOW_MS });
    this.#byName = new AttemptLimiter({ clock, attempts: ATTEMPTS_A_NAME, windowMs: WINDOW_MS });
    this.#byAddress = new AttemptLimiter({ clock, attempts: ATTEMPTS_AN_ADDRESS, windowMs: WINDOW_MS });
  }

  /** As `check`, and the person is signed in. */
  async signIn(request: {
    readonly name: string;
    readonly password: string;
    readonly address: string;
    readonly userAgent: string;
  }): Promise<SignedIn> {
    return this.begin(await this.check(request), request);
  }

  /** Somebody whom another way has shown to be who they are. */
  async begin(
    user: SignedIn['user'],
    from: { readonly address: string; readonly userAgent: string },
  ): Promise<SignedIn> {
    const { signIns, clock, absoluteMs } = this.#options;
    const { address, userAgent } = from;
    const now = clock.wallNow();
    await signIns.removeExpired(new Date(now));
    const secret = newSecret();
    const signIn = await signIns.create({
      secret,
      userId: user.id,
      createdAt: new Date(now),
      lastSeenAt: new Date(now),
      expiresAt: new Date(now + absoluteMs),
      address,
      userAgent: userAgent.slice(0, 300),
    });
    return { user, signIn, secret };
  }

  /**
   * Whose name and password these are. Throws `unauthenticated`, in the same words and after the same work for an
   * unknown name, a wrong password and a disabled user; `rate_limited` after too many attempts.
   */
  async check(request: {
    readonly name: string;
    readonly password: string;
    readonly address: string;
  }): Promise<SignedIn['user']> {
    const { users, hasher } = this.#options;
    const { name, password, address } = request;
    const key = nameKeyOf(name);
    const keyThere = JSON.stringify([key, address]);
    const wait = this.#byAddress.take(address) || this.#byNameThere.take(keyThere) || this.#byName.take(key);
    if (wait > 0) throw new VedetteError('rate_limited', { retryAfterSeconds: wait });

    const user = await users.byName(name).catch((error: unknown) => {
      // Nobody has guessed anything.
      this.#byNameThere.giveBack(keyThere);
      this.#byName.giveBack(key);
      this.#byAddress.giveBack(address);
      throw error;
    });
    const right = await hasher.verify(user?.passwordHash, password);
    if (!right || user === undefined || user.disabled)
      throw new VedetteError('unauthenticated', { detail: 'The user name or the password is wrong.' });
    this.#byNameThere.clear(keyThere);
    this.#byName.giveBack(key);
    this.#byAddress.giveBack(address);
    return user;
  }
}
