// Wires signing in through an identity provider. Nothing here listens, and the provider may be away.
import type { TenantId } from '@vedette/contracts';
import type { Log } from '@vedette/runtime';
import type { Access } from '../open-access.ts';
import { AttemptCookie } from './attempt-cookie.ts';
import type { GroupRole } from './group-roles.ts';
import { ProviderAccounts } from './provider-accounts.ts';
import { ProviderClient } from './provider-client.ts';
import type { ProviderSignIn } from './provider-routes.ts';

/** As the settings say. */
export interface ProviderConfig {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly scopes: readonly string[];
  readonly groupsClaim: string;
  readonly roles: readonly GroupRole[];
  readonly tenantId: TenantId;
  readonly name: string;
}

export function openProvider(options: {
  readonly config: ProviderConfig;
  readonly access: Pick<Access, 'users' | 'accounts' | 'hasher'>;
  readonly publicUrl: string;
  /** The same in every control process. */
  readonly secret: string;
  readonly log: Log;
}): ProviderSignIn {
  const { access, config, log, publicUrl, secret } = options;
  const { clientId, clientSecret, groupsClaim, issuer, name, roles, scopes, tenantId } = config;
  return {
    name,
    publicUrl,
    client: new ProviderClient({
      issuer,
      clientId,
      clientSecret,
      scopes,
      groupsClaim,
      redirectUri: `${publicUrl}/api/v1/sign-in/oidc/callback`,
      log,
    }),
    accounts: new ProviderAccounts({ ...access, roles, tenantId }),
    attempts: new AttemptCookie({ secret }),
  };
}
