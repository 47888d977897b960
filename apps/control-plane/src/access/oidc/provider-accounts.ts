// Enters: who came back from the provider. Leaves: the account that is theirs, made or brought up to date.
import { ALL_CAMERAS, type TenantId } from '@vedette/contracts';
import { newSecret, VedetteError } from '@vedette/runtime';
import type { AccountService } from '../account-service.ts';
import type { PasswordHasher } from '../password-hasher.ts';
import type { User, UserStore } from '../user-store.ts';
import { type GroupRole, roleOf } from './group-roles.ts';
import type { ProviderPerson } from './provider-client.ts';
import { ProviderError } from './provider-error.ts';

interface ProviderAccountsOptions {
  readonly users: Pick<UserStore, 'byExternalId' | 'create'>;
  readonly accounts: Pick<AccountService, 'change'>;
  readonly hasher: Pick<PasswordHasher, 'hash'>;
  readonly roles: readonly GroupRole[];
  /** Where new people belong. */
  readonly tenantId: TenantId;
}

export class ProviderAccounts {
  readonly #options: ProviderAccountsOptions;

  constructor(options: ProviderAccountsOptions) {
    this.#options = options;
  }

  /** The role follows the groups at every sign-in. Throws ProviderError. */
  async accountOf(person: ProviderPerson): Promise<User> {
    const { accounts, roles, users } = this.#options;
    const role = roleOf(person.groups, roles);
    const known = await users.byExternalId(person.externalId);
    if (role === undefined) {
      // Out of every group: what an earlier sign-in still watches ends as well.
      if (known !== undefined && !known.disabled)
        await accounts.change(known.tenantId, known.id, { disabled: true }).catch(() => undefined);
      throw new ProviderError('no-role');
    }
    if (known === undefined) return this.#make(person, role);
    if (known.disabled) throw new ProviderError('disabled');
    return known.role === role ? known : accounts.change(known.tenantId, known.id, { role });
  }

  async #make({ externalId, name }: ProviderPerson, role: User['role']): Promise<User> {
    const { hasher, tenantId, users } = this.#options;
    try {
      return await users.create({
        name,
        role,
        tenantId,
        grants: ALL_CAMERAS,
        externalId,
        disabled: false,
        // Nobody knows it: this account has no password.
        passwordHash: await hasher.hash(newSecret()),
      });
    } catch (error) {
      // A local account of that name is somebody else's, or could be made to be.
      if (error instanceof VedetteError && error.code === 'conflict') throw new ProviderError('name-taken');
      throw error;
    }
  }
}
