import { createHmac } from 'node:crypto';
import type { PathCredentials } from '@vedette/contracts';
import { type Clock, newSecret, VedetteError } from '@vedette/runtime';
import { LastKnown } from '../database/last-known.ts';
import { type Authenticator, principalOfUser } from './authenticator.ts';
import type { Principal } from './principal.ts';
import type { SignInService } from './sign-in.ts';

interface PathIdentityOptions {
  readonly authenticator: Pick<Authenticator, 'byBearer'>;
  readonly signIns: Pick<SignInService, 'check'>;
  readonly clock: Pick<Clock, 'after' | 'now'>;
}

/** As for whoever comes with a cookie: so long may somebody go on while the database is away. */
const STAND_IN_MS = 15 * 60_000;
/** Checking a password takes a while by itself. */
const PATIENCE_MS = 1000;
const MAX_REMEMBERED = 1000;

/** Who somebody is that speaks to a node by a player or recorder: a person by password, a program by its token. */
export class PathIdentity {
  readonly #options: PathIdentityOptions;
  /** Every password is checked; only while the database is away, the outcome of the last time counts. */
  readonly #checked: LastKnown<Principal>;
  readonly #ownKey = newSecret();

  constructor(options: PathIdentityOptions) {
    this.#options = options;
    this.#checked = new LastKnown({
      freshMs: 0,
      usableMs: STAND_IN_MS,
      patienceMs: PATIENCE_MS,
      max: MAX_REMEMBERED,
      clock: options.clock,
    });
  }

  /** Throws VedetteError `unauthenticated`, `rate_limited`, or `unavailable` when it cannot be known. */
  async identify(credentials: PathCredentials, clientAddress: string): Promise<Principal> {
    const { authenticator, signIns } = this.#options;
    if (credentials.kind === 'none') throw new VedetteError('unauthenticated');
    const token = credentials.kind === 'bearer' ? credentials.token : credentials.password;
    const program = await authenticator.byBearer(token);
    if (program !== undefined) return program;
    if (credentials.kind === 'bearer') throw new VedetteError('unauthenticated');
    const { password, username } = credentials;
    const person = await this.#checked.get(this.#keyOf(username, password, clientAddress), async () => {
      try {
        return principalOfUser(await signIns.check({ name: username, password, address: clientAddress }));
      } catch (error) {
        // Nobody any more, whatever was known before.
        if (error instanceof VedetteError && error.code === 'unauthenticated') return undefined;
        throw error;
      }
    });
    if (person === undefined)
      throw new VedetteError('unauthenticated', { detail: 'The user name or the password is wrong.' });
    return person;
  }

  /** As of the authenticator. */
  forget(id: string): void {
    this.#checked.expire((principal) => principal.id === id);
  }

  /** No password lies in memory, nor anything by which it could be guessed elsewhere. */
  #keyOf(username: string, password: string, address: string): string {
    const text = JSON.stringify([username, password, address]);
    return createHmac('sha256', this.#ownKey).update(text).digest('base64url');
  }
}
