import { join } from 'node:path';
import { ALL_CAMERAS, HOME_TENANT } from '@vedette/contracts';
import { newSecret } from '@vedette/runtime';
import { readOwnFile, writeOwnFile } from '../database/own-file.ts';
import type { PasswordHasher } from './password-hasher.ts';
import type { UserStore } from './user-store.ts';

const NAME = 'admin';

/**
 * On an empty database makes the user `admin` and says so once; afterwards does nothing. A generated
 * password is kept in `admin-password` in the data folder, one from the settings is not.
 */
export async function ensureFirstAdministrator(options: {
  readonly dataDir: string;
  readonly password: string | undefined;
  readonly users: Pick<UserStore, 'list' | 'createFirst'>;
  readonly hasher: Pick<PasswordHasher, 'hash'>;
  readonly onCreated: (administrator: { name: string; passwordFile: string | undefined }) => void;
}): Promise<void> {
  const { users, hasher } = options;
  if ((await users.list({ tenantId: HOME_TENANT, limit: 1 })).length > 0) return;
  const file = join(options.dataDir, 'admin-password');
  // A start that was killed between writing the file and creating the user left one that nobody uses yet.
  const kept = readOwnFile(file)?.trim();
  const password = options.password ?? kept ?? newSecret().slice(0, 20);
  if (options.password === undefined && kept === undefined) writeOwnFile(file, `${password}\n`);
  const passwordHash = await hasher.hash(password);
  const created = await users.createFirst({
    name: NAME,
    role: 'admin',
    tenantId: HOME_TENANT,
    grants: ALL_CAMERAS,
    passwordHash,
    disabled: false,
  });
  if (created !== undefined)
    options.onCreated({ name: NAME, passwordFile: options.password === undefined ? file : undefined });
}
