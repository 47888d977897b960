import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import type { KeptSecrets } from '../secrets/kept-secrets.ts';

export interface AuditKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** The kept Ed25519 key, or the first one, made and kept now. */
export async function openAuditKey(secrets: Pick<KeptSecrets, 'signingKey'>): Promise<AuditKey> {
  const jwk = await secrets.signingKey('audit', async () =>
    generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }),
  );
  const privateKey = createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' });
  return { privateKey, publicKey: createPublicKey(privateKey) };
}
