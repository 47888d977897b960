import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import type { SigningKeyStore } from '../tokens/signing-key-store.ts';

export interface AuditKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** The kept Ed25519 key, or the first one, made and kept now. */
export async function openAuditKey(store: SigningKeyStore): Promise<AuditKey> {
  let jwk = await store.load();
  if (jwk === undefined) {
    jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
    await store.save(jwk);
  }
  const privateKey = createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' });
  return { privateKey, publicKey: createPublicKey(privateKey) };
}
