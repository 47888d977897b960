import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALL_CAMERAS, HOME_TENANT } from '@vedette/contracts';
import { silentLog, systemClock } from '@vedette/runtime';
import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ensureFirstAdministrator } from '../../apps/control-plane/src/access/first-administrator.ts';
import { PasswordHasher } from '../../apps/control-plane/src/access/password-hasher.ts';
import { UserStore } from '../../apps/control-plane/src/access/user-store.ts';
import { openAuditKey } from '../../apps/control-plane/src/audit/audit-key.ts';
import type { Database } from '../../apps/control-plane/src/database/database.ts';
import { MasterKeyError, openKeys } from '../../apps/control-plane/src/registry/secrets/open-keys.ts';
import { KeyRotator } from '../../apps/control-plane/src/registry/secrets/rotation.ts';
import { FolderSecrets } from '../../apps/control-plane/src/secrets/folder-secrets.ts';
import { openSecrets } from '../../apps/control-plane/src/secrets/open-secrets.ts';
import { SharedSecretShelf } from '../../apps/control-plane/src/secrets/shared-secret-shelf.ts';
import { SharedSecretStore } from '../../apps/control-plane/src/secrets/shared-secret-store.ts';
import { MediaTokenIssuer } from '../../apps/control-plane/src/tokens/media-token-issuer.ts';
import { DATABASE_SERVERS, type DatabaseServer } from '../support/database-servers.ts';
import { eventually } from '../support/eventually.ts';

const MASTER = 'a'.repeat(64);
const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-shared-'));
  folders.push(folder);
  return folder;
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** What a control process with a data folder of its own has. */
async function control(
  database: Database,
  options: { readonly dataDir?: string; readonly masterKey?: string | undefined } = {},
) {
  const { dataDir = newFolder() } = options;
  const masterKey = 'masterKey' in options ? options.masterKey : MASTER;
  const keys = await openKeys({
    database,
    dataDir,
    masterKey,
    vault: undefined,
    isShared: true,
    clock: systemClock,
  });
  const secrets = openSecrets({ database, dataDir, envelope: keys.envelope, isShared: true });
  return { dataDir, keys, secrets };
}
const closeAll = (databases: readonly Database[]) =>
  Promise.all([...new Set(databases)].map((database) => database.close()));
const kidOf = (issuer: MediaTokenIssuer) => issuer.jwks.keys.map(({ kid }) => kid);

describe.each(DATABASE_SERVERS)('what control processes share in %s', (_name, start) => {
  if (start === undefined) return it.skip('needs PostgreSQL, which is not installed', () => undefined);
  let server: DatabaseServer;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.close());

  it('[R1] is made once by those that start at once on an empty database, each with a folder of its own', async () => {
    const first = await server.open();
    const databases = [first, await server.again(first), await server.again(first)];
    const controls = await Promise.all(databases.map((database) => control(database)));
    const issuers = await Promise.all(
      controls.map(({ secrets }) => MediaTokenIssuer.open({ secrets, clock: systemClock })),
    );
    expect(new Set(issuers.flatMap(kidOf)).size).toBe(1);
    const auditKeys = await Promise.all(controls.map(({ secrets }) => openAuditKey(secrets)));
    const publicKeys = auditKeys.map(({ publicKey }) => publicKey.export({ type: 'spki', format: 'pem' }));
    expect(new Set(publicKeys).size).toBe(1);
    const tokens = await Promise.all(controls.map(({ secrets }) => secrets.token('admin-token')));
    expect(new Set(tokens).size).toBe(1);
    // A person and `vedette` look for it there.
    for (const { dataDir } of controls)
      expect(readFileSync(join(dataDir, 'admin-token'), 'utf8')).toBe(`${tokens[0]}\n`);
    const rows = await first.run((orm) => orm.execute(sql`select * from shared_secrets`));
    expect(JSON.stringify(rows)).not.toContain(tokens[0]);
    await closeAll(databases);
  });

  it('makes one first administrator, with the password that every folder tells', async () => {
    const first = await server.open();
    const databases = [first, await server.again(first)];
    const hasher = new PasswordHasher({ cost: { memoryCost: 64, timeCost: 1, parallelism: 1 } });
    const controls = await Promise.all(databases.map((database) => control(database)));
    const created: string[] = [];
    await Promise.all(
      controls.map(({ dataDir, secrets }, i) =>
        ensureFirstAdministrator({
          dataDir,
          password: undefined,
          secrets,
          users: new UserStore({ database: databases[i] ?? first }),
          hasher,
          onCreated: ({ name }) => created.push(name),
        }),
      ),
    );
    expect(created).toEqual(['admin']);
    const users = new UserStore({ database: first });
    expect(await users.list({ tenantId: HOME_TENANT, limit: 5 })).toMatchObject([{ grants: ALL_CAMERAS }]);
    const hash = (await users.byName('admin'))?.passwordHash;
    for (const { dataDir } of controls) {
      const told = readFileSync(join(dataDir, 'admin-password'), 'utf8').trim();
      expect(await hasher.verify(hash, told)).toBe(true);
    }
    await closeAll(databases);
  });

  it('begins with what the data folder held before, so that what was signed stays valid', async () => {
    const dataDir = newFolder();
    const before = new FolderSecrets({ dataDir });
    const issuer = await MediaTokenIssuer.open({ secrets: before, clock: systemClock });
    const token = await before.token('admin-token');
    const database = await server.open();
    const moved = await control(database, { dataDir });
    expect(kidOf(await MediaTokenIssuer.open({ secrets: moved.secrets, clock: systemClock }))).toEqual(
      kidOf(issuer),
    );
    expect(await moved.secrets.token('admin-token')).toBe(token);
    const other = await control(database);
    expect(await other.secrets.token('admin-token')).toBe(token);
    await database.close();
  });

  it('[R1] is not begun with another master key: a clear error, and no key left behind that opens nothing', async () => {
    const database = await server.open();
    await (await control(database)).secrets.token('admin-token');
    await expect(control(database, { masterKey: 'b'.repeat(64) })).rejects.toThrow(MasterKeyError);
    const dataDir = newFolder();
    await expect(control(database, { dataDir, masterKey: undefined })).rejects.toThrow(/VEDETTE_MASTER_KEY/);
    expect(() => readFileSync(join(dataDir, 'keys', 'master.key'))).toThrow(/ENOENT/);
    await database.close();
  });

  it('of two that make a master key each at once, one is told that it is the wrong one', async () => {
    const first = await server.open();
    const databases = [first, await server.again(first)];
    const outcomes = await Promise.allSettled(
      databases.map((database) => control(database, { masterKey: undefined })),
    );
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(errors).toEqual([expect.any(MasterKeyError)]);
    await closeAll(databases);
  });

  it('goes on under new keys after a rotation, for those that run and those that come', async () => {
    const database = await server.open();
    const { keys, secrets } = await control(database);
    const token = await secrets.token('admin-token');
    const store = new SharedSecretStore({ database });
    const rotator = new KeyRotator({
      keys: keys.tenantKeys,
      store: keys.store,
      shelves: [new SharedSecretShelf({ store, envelope: keys.envelope })],
      tenants: async () => [HOME_TENANT],
      log: silentLog(),
    });
    await rotator.rotate();
    await eventually('the old key is gone', async () =>
      (await rotator.state()).tenants.every(({ oldVersions, version }) => version === 2 && oldVersions === 0),
    );
    expect(await secrets.token('admin-token')).toBe(token);
    expect(await (await control(database)).secrets.token('admin-token')).toBe(token);
    await database.close();
  });
});
