import type { PathCredentials } from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import { type Authenticator, principalOfUser } from './authenticator.ts';
import type { Principal } from './principal.ts';
import type { SignInService } from './sign-in.ts';

interface PathIdentityOptions {
  readonly authenticator: Pick<Authenticator, 'byBearer'>;
  readonly signIns: Pick<SignInService, 'check'>;
}

/** Who somebody is that speaks to a node by a player or recorder: a person by password, a program by its token. */
export class PathIdentity {
  readonly #options: PathIdentityOptions;

  constructor(options: PathIdentityOptions) {
    this.#options = options;
  }

  /** Throws VedetteError `unauthenticated` or `rate_limited`. */
  async identify(credentials: PathCredentials, clientAddress: string): Promise<Principal> {
    const { authenticator, signIns } = this.#options;
    if (credentials.kind === 'none') throw new VedetteError('unauthenticated');
    const token = credentials.kind === 'bearer' ? credentials.token : credentials.password;
    const program = await authenticator.byBearer(token);
    if (program !== undefined) return program;
    if (credentials.kind === 'bearer') throw new VedetteError('unauthenticated');
    const { password, username } = credentials;
    return principalOfUser(await signIns.check({ name: username, password, address: clientAddress }));
  }
}
