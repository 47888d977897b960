import { join } from 'node:path';
import { ALL_CAMERAS, HOME_TENANT } from '@vedette/contracts';
import { newSecret } from '@vedette/runtime';
import type { KeptSecrets } from '../secrets/kept-secrets.ts';
import type { PasswordHasher } from './password-hasher.ts';
import type { UserStore } from './user-store.ts';

const NAME = 'admin';
const SECRET = 'admin-password';

/**
 * On an empty database makes the user `admin` and says so once; afterwards does nothing. A generated
 * password is kept in `admin-password` in the data folder, one from the settings is not.
 */
export async function ensureFirstAdministrator(options: {
  readonly dataDir: string;
  readonly password: string | undefined;
  readonly secrets: Pick<KeptSecrets, 'token'>;
  readonly users: Pick<UserStore, 'list' | 'createFirst'>;
  readonly hasher: Pick<PasswordHasher, 'hash'>;
  readonly onCreated: (administrator: { name: string; passwordFile: string | undefined }) => void;
}): Promise<void> {
  const { users, hasher } = options;
  if ((await users.list({ tenantId: HOME_TENANT, limit: 1 })).length > 0) return;
  // Of several processes that start on an empty database, each has the same one, whichever makes the user.
  const password = options.password ?? (await options.secrets.token(SECRET, () => newSecret().slice(0, 20)));
  const passwordHash = await hasher.hash(password);
  const created = await users.createFirst({
    name: NAME,
    role: 'admin',
    tenantId: HOME_TENANT,
    grants: ALL_CAMERAS,
    passwordHash,
    disabled: false,
  });
  if (created === undefined) return;
  const passwordFile = options.password === undefined ? join(options.dataDir, SECRET) : undefined;
  options.onCreated({ name: NAME, passwordFile });
}
