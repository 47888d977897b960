// Enters: what a view was granted. Leaves: a signed token that nodes verify by themselves, and the public keys.
// Not its job: deciding what is granted.
import {
  MEDIA_TOKEN_AUDIENCE,
  MEDIA_TOKEN_ISSUER,
  MEDIA_TOKEN_SECONDS,
  type MediaClaims,
} from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  SignJWT,
} from 'jose';
import type { KeptSecrets } from '../secrets/kept-secrets.ts';

export interface IssuedToken {
  readonly token: string;
  /** Ms since the Unix epoch. */
  readonly expiresAtMs: number;
}

/** Signs media tokens (JWT, EdDSA with Ed25519, RFC 8037) with one key that outlives the process. */
export class MediaTokenIssuer {
  readonly jwks: { readonly keys: readonly JWK[] };
  readonly #key: CryptoKey;
  readonly #header: { readonly alg: 'EdDSA'; readonly kid: string };
  readonly #clock: Pick<Clock, 'wallNow'>;

  private constructor(options: {
    key: CryptoKey;
    publicJwk: JWK;
    kid: string;
    clock: Pick<Clock, 'wallNow'>;
  }) {
    this.#key = options.key;
    this.#header = { alg: 'EdDSA', kid: options.kid };
    this.#clock = options.clock;
    this.jwks = { keys: [{ ...options.publicJwk, kid: options.kid, alg: 'EdDSA', use: 'sig' }] };
  }

  /** Takes the kept key, or makes and keeps the first one. */
  static async open(options: {
    readonly secrets: Pick<KeptSecrets, 'signingKey'>;
    readonly clock: Pick<Clock, 'wallNow'>;
  }): Promise<MediaTokenIssuer> {
    const jwk = await options.secrets.signingKey('media-token', async () =>
      exportJWK((await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })).privateKey),
    );
    const { d: _, ...publicJwk } = jwk;
    return new MediaTokenIssuer({
      key: (await importJWK(jwk, 'EdDSA')) as CryptoKey,
      publicJwk,
      kid: await calculateJwkThumbprint(publicJwk),
      clock: options.clock,
    });
  }

  async issueMediaToken(claims: MediaClaims): Promise<IssuedToken> {
    const issuedAt = Math.floor(this.#clock.wallNow() / 1000);
    const expiresAt = issuedAt + MEDIA_TOKEN_SECONDS;
    const { sub, ...own } = claims;
    const token = await new SignJWT(own)
      .setProtectedHeader(this.#header)
      .setSubject(sub)
      .setIssuer(MEDIA_TOKEN_ISSUER)
      .setAudience(MEDIA_TOKEN_AUDIENCE)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .sign(this.#key);
    return { token, expiresAtMs: expiresAt * 1000 };
  }
}
