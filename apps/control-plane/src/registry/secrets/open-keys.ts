// Wires what seals: master keys at hand, data keys of tenants, the envelope. Nothing here listens.
import { join } from 'node:path';
import { HOME_TENANT } from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';
import type { Database } from '../../database/database.ts';
import { Envelope } from './envelope.ts';
import type { KeyProvider } from './key-provider.ts';
import { LocalKeyProvider } from './local-key-provider.ts';
import { TenantKeyStore } from './tenant-key-store.ts';
import { TenantKeys } from './tenant-keys.ts';
import { VaultKeyProvider, type VaultOptions } from './vault-key-provider.ts';

export interface Keys {
  readonly store: TenantKeyStore;
  readonly tenantKeys: TenantKeys;
  readonly envelope: Envelope;
}

export interface KeysOptions {
  readonly database: Database;
  readonly dataDir: string;
  /** 64 hexadecimal digits; without it the key is kept in the data folder. */
  readonly masterKey: string | undefined;
  /** Keeps the master key instead. */
  readonly vault: VaultOptions | undefined;
  /** Other control processes work on the same database: with another master key this one must not begin. */
  readonly isShared: boolean;
  readonly clock: Clock;
}

/** This process was given another master key than the one that has sealed what is in the database. */
export class MasterKeyError extends Error {
  constructor(kept: readonly string[], given: readonly string[]) {
    const ours = given.length === 0 ? 'this process has none' : `this process has ${given.join(', ')}`;
    super(
      `What is secret in the database was sealed by another master key (${kept.join(', ')}; ${ours}). Give every control process on one database the same VEDETTE_MASTER_KEY, or the same vault, or copy keys/master.key of the first one's data folder. If that key is lost for good: delete the rows of shared_secrets and tenant_keys, start again, and enter the passwords of all cameras anew.`,
    );
    this.name = 'MasterKeyError';
  }
}

/** Throws MasterKeyError, and `unavailable` when database or vault are away. */
export async function openKeys(options: KeysOptions): Promise<Keys> {
  const store = new TenantKeyStore({ database: options.database });
  const providers = await keyProviders(options, store);
  const tenantKeys = new TenantKeys({ store, providers, clock: options.clock });
  if (options.isShared) await refuseAnother(store, tenantKeys, providers);
  return { store, tenantKeys, envelope: new Envelope({ keys: tenantKeys, providers }) };
}

/** Of two first starts at once, one makes the key of the first tenant; the other must be able to open it. */
async function refuseAnother(
  store: Pick<TenantKeyStore, 'list'>,
  tenantKeys: Pick<TenantKeys, 'current'>,
  providers: readonly KeyProvider[],
): Promise<void> {
  const given = providers.map(({ keyId }) => keyId);
  const refuseUnknown = async () => {
    const kept = new Set((await store.list()).map(({ keyId }) => keyId));
    const unknown = [...kept].filter((keyId) => !given.includes(keyId));
    if (unknown.length > 0) throw new MasterKeyError(unknown, given);
  };
  await refuseUnknown();
  try {
    const { key } = await tenantKeys.current(HOME_TENANT);
    key.fill(0);
  } catch (error) {
    await refuseUnknown();
    throw error;
  }
}

/** The first wraps; with a vault or a key from the environment, what the key of the data folder has wrapped before stays readable. */
async function keyProviders(
  options: KeysOptions,
  store: Pick<TenantKeyStore, 'list'>,
): Promise<readonly [KeyProvider, ...KeyProvider[]]> {
  const { isShared, masterKey, vault } = options;
  const file = join(options.dataDir, 'keys/master.key');
  const given = masterKey === undefined ? [] : [LocalKeyProvider.fromEnvironment(masterKey)];
  const older = LocalKeyProvider.fromFileIfThere(file);
  const local = [...given, ...(older === undefined ? [] : [older])];
  if (vault !== undefined) return [new VaultKeyProvider(vault), ...local];
  const [first, ...rest] = local;
  if (first !== undefined) return [first, ...rest];
  // A key made now would be one more that opens nothing.
  const kept = isShared ? await store.list() : [];
  if (kept.length > 0) throw new MasterKeyError([...new Set(kept.map(({ keyId }) => keyId))], []);
  return [LocalKeyProvider.fromFile(file)];
}
