import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync } from 'node:fs';
import { postgresPrograms } from '../postgres.ts';
import type { ProgramSpec } from './cluster-process.ts';
import { POSTGRES_PORT } from './cluster-programs.ts';

/** Makes an empty database cluster below `folder`, for whoever comes; answers how to run it. */
export function postgresProgram(options: { readonly address: string; readonly folder: string }): ProgramSpec {
  const { address, folder } = options;
  const programs = postgresPrograms();
  if (programs === undefined) throw new Error('PostgreSQL is not installed');
  const data = `${folder}/data`;
  mkdirSync(folder, { recursive: true });
  // PostgreSQL refuses to run as root, and its own user must get in.
  const user = process.getuid?.() === 0 ? 'postgres' : undefined;
  if (user !== undefined) chmodSync(folder, 0o777);
  const initdb = [`${programs}/initdb`, '-D', data, '-U', 'vedette', '-A', 'trust', '--no-sync'];
  const as = user === undefined ? [] : ['runuser', '-u', user, '--'];
  const [program = '', ...args] = [...as, ...initdb];
  const made = spawnSync(program, args, { cwd: folder, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`initdb failed:\n${made.stderr}`);
  appendFileSync(`${data}/pg_hba.conf`, 'host all all 0.0.0.0/0 trust\n');
  return {
    name: 'postgres',
    command: [
      `${programs}/postgres`,
      ...['-D', data, '-p', String(POSTGRES_PORT), '-h', address, '-k', folder, '-c', 'fsync=off'],
    ],
    ours: false,
    cwd: folder,
    ...(user === undefined ? {} : { user }),
  };
}

export function databaseUrl(address: string): string {
  return `postgres://vedette@${address}:${POSTGRES_PORT}/postgres`;
}
