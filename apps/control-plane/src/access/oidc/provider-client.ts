// Enters: settings of an identity provider. Leaves: where to send a browser, and who came back from there.
// OpenID Connect Core 1.0, authorization code with PKCE (RFC 7636). Not its job: accounts and cookies.
import type { Log } from '@vedette/runtime';
import * as oidc from 'openid-client';
import { groupsOf } from './group-roles.ts';
import { ProviderError } from './provider-error.ts';

export interface ProviderOptions {
  readonly issuer: string;
  readonly clientId: string;
  /** Undefined: a public client. */
  readonly clientSecret: string | undefined;
  readonly scopes: readonly string[];
  /** Name of the claim that lists groups. */
  readonly groupsClaim: string;
  /** Where the provider sends browsers back to. */
  readonly redirectUri: string;
  readonly log: Log;
}

/** What must be the same when the browser comes back. */
export interface Attempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface ProviderPerson {
  /** Issuer and subject: never given to anybody else. */
  readonly externalId: string;
  readonly name: string;
  readonly groups: readonly string[];
}

const WITHIN_S = 5;

export class ProviderClient {
  readonly #options: ProviderOptions;
  #configuration: Promise<oidc.Configuration> | undefined;

  constructor(options: ProviderOptions) {
    this.#options = options;
  }

  static newAttempt(): Attempt {
    return {
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      verifier: oidc.randomPKCECodeVerifier(),
    };
  }

  /** Throws ProviderError `provider`. */
  async authorizationUrl({ nonce, state, verifier }: Attempt): Promise<URL> {
    const { redirectUri, scopes } = this.#options;
    return oidc.buildAuthorizationUrl(await this.#discovered(), {
      redirect_uri: redirectUri,
      scope: scopes.join(' '),
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
  }

  /** `callback` is the address that the browser came back to, whole. Throws ProviderError. */
  async person(callback: URL, { nonce, state, verifier }: Attempt): Promise<ProviderPerson> {
    const { groupsClaim, issuer, log } = this.#options;
    const configuration = await this.#discovered();
    try {
      const tokens = await oidc.authorizationCodeGrant(configuration, callback, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new ProviderError('provider');
      // Many providers keep groups out of the ID token.
      const info =
        claims[groupsClaim] === undefined
          ? { ...claims, ...(await oidc.fetchUserInfo(configuration, tokens.access_token, claims.sub)) }
          : claims;
      return {
        externalId: `${issuer} ${claims.sub}`,
        name: nameOf(info, claims.sub),
        groups: groupsOf(info[groupsClaim]),
      };
    } catch (error) {
      if (error instanceof ProviderError) throw error;
      if (error instanceof oidc.AuthorizationResponseError)
        throw new ProviderError('refused', { cause: error });
      log.warn({ err: error }, 'somebody came back from the identity provider and cannot be believed');
      throw new ProviderError('provider', { cause: error });
    }
  }

  /** Asked once, and again where it failed: a provider that is away does not keep us from starting. */
  #discovered(): Promise<oidc.Configuration> {
    this.#configuration ??= this.#discover().catch((error: unknown) => {
      this.#configuration = undefined;
      this.#options.log.warn({ err: error }, 'the identity provider does not answer');
      throw new ProviderError('provider', { cause: error });
    });
    return this.#configuration;
  }

  #discover(): Promise<oidc.Configuration> {
    const { clientId, clientSecret, issuer } = this.#options;
    const url = new URL(issuer);
    // Without TLS only on this machine, for tests and for a proxy beside us.
    const isHere = url.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
    const auth = clientSecret === undefined ? oidc.None() : oidc.ClientSecretBasic(clientSecret);
    return oidc.discovery(url, clientId, clientSecret, auth, {
      timeout: WITHIN_S,
      ...(isHere ? { execute: [oidc.allowInsecureRequests] } : {}),
    });
  }
}

function nameOf(claims: Readonly<Record<string, unknown>>, subject: string): string {
  const given = ['preferred_username', 'email', 'name'].map((name) => claims[name]);
  const name = given.find((value) => typeof value === 'string' && value.trim() !== '') ?? subject;
  return String(name)
    .replace(/\p{Cc}/gu, '')
    .trim()
    .slice(0, 100);
}
