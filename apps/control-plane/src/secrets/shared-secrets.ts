import { HOME_TENANT } from '@vedette/contracts';
import { newSecret, VedetteError } from '@vedette/runtime';
import type { JWK } from 'jose';
import type { Envelope } from '../registry/secrets/envelope.ts';
import type { FolderSecrets } from './folder-secrets.ts';
import type { KeptSecrets } from './kept-secrets.ts';
import type { SharedSecretStore } from './shared-secret-store.ts';

interface SharedSecretsOptions {
  readonly store: Pick<SharedSecretStore, 'get' | 'add'>;
  readonly envelope: Pick<Envelope, 'seal' | 'open'>;
  readonly folder: Pick<FolderSecrets, 'readKey' | 'readToken' | 'writeToken'>;
}

/**
 * In the database, sealed: of processes that start at once, one makes each and all have it. What the data folder of
 * the first one held already is taken over, so that what was signed before stays valid.
 */
export class SharedSecrets implements KeptSecrets {
  readonly #options: SharedSecretsOptions;

  constructor(options: SharedSecretsOptions) {
    this.#options = options;
  }

  async token(name: string, make = newSecret): Promise<string> {
    const { folder } = this.#options;
    const before = folder.readToken(name);
    const token = await this.#kept(name, async () => before ?? make());
    if (token !== before) folder.writeToken(name, token);
    return token;
  }

  async signingKey(name: string, make: () => Promise<JWK>): Promise<JWK> {
    const { folder } = this.#options;
    const text = await this.#kept(name, async () => JSON.stringify(folder.readKey(name) ?? (await make())));
    return JSON.parse(text) as JWK;
  }

  async #kept(name: string, first: () => Promise<string>): Promise<string> {
    const { envelope, store } = this.#options;
    const owner = sharedOwner(name);
    const known = await store.get(name);
    if (known !== undefined) return envelope.open(known.sealed, owner);
    await store.add({ name, sealed: await envelope.seal(HOME_TENANT, await first(), owner) });
    const kept = await store.get(name);
    if (kept === undefined) throw new VedetteError('unavailable');
    return envelope.open(kept.sealed, owner);
  }
}

/** What a shared secret is sealed for. */
export function sharedOwner(name: string): string {
  return `shared secret ${name}`;
}
