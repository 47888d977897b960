import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '@vedette/contracts';

/** How the first administrator signs in, as far as this machine's files tell. */
export function firstAdministrator(settings: Settings): string {
  if (settings.adminPassword !== undefined) return 'user admin, password as set by ADMIN_PASSWORD';
  const file = join(settings.dataDir, 'admin-password');
  try {
    return `user      admin\npassword  ${readFileSync(file, 'utf8').trim()}\n          (the first one, kept in ${file}; change it on the page People)`;
  } catch {
    return 'user admin, password as you set it';
  }
}
