import { hash, verify } from '@node-rs/argon2';
import { newSecret, VedetteError } from '@vedette/runtime';
import { BulkheadRejectedError, bulkhead } from 'cockatiel';

/** Of argon2id; memory in KiB. */
export interface PasswordCost {
  readonly memoryCost: number;
  readonly timeCost: number;
  readonly parallelism: number;
}

/** OWASP's first choice for argon2id: 19 MiB, two passes; some 30 ms of one core. */
const SANE_COST: PasswordCost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const AT_ONCE = 2;
const WAITING = 64;

/** Hashes and checks passwords, two at once, so that a flood of sign-ins leaves the machine to the rest. */
export class PasswordHasher {
  readonly #cost: PasswordCost;
  readonly #gate = bulkhead(AT_ONCE, WAITING);
  #nobodysHash: Promise<string> | undefined;

  /** Another cost than the sane one is for tests. */
  constructor(options: { cost?: PasswordCost } = {}) {
    this.#cost = options.cost ?? SANE_COST;
  }

  /** Throws `rate_limited` when too many wait already. */
  hash(password: string): Promise<string> {
    return this.#gated(() => hash(password, this.#cost));
  }

  /**
   * False for a wrong password and for `undefined`, the hash of a user that does not exist, after the
   * same work. Throws `rate_limited` when too many wait already.
   */
  async verify(passwordHash: string | undefined, password: string): Promise<boolean> {
    this.#nobodysHash ??= hash(newSecret(), this.#cost);
    const against = passwordHash ?? (await this.#nobodysHash);
    const right = await this.#gated(() => verify(against, password));
    return right && passwordHash !== undefined;
  }

  async #gated<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.#gate.execute(work);
    } catch (error) {
      if (error instanceof BulkheadRejectedError)
        throw new VedetteError('rate_limited', { retryAfterSeconds: 2 });
      throw error;
    }
  }
}
