import type { JWK } from 'jose';

/** Where the private key of media tokens is kept. */
export interface SigningKeyStore {
  /** Undefined when none was ever saved. Throws when there is one that cannot be read: a new one would end every view. */
  load(): Promise<JWK | undefined>;
  /** Resolves once it is durable. */
  save(key: JWK): Promise<void>;
}
