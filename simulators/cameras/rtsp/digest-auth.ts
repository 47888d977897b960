import { createHash } from 'node:crypto';
import { sameSecret } from '@vedette/runtime';

export type AuthScheme = 'digest-md5' | 'digest-sha256' | 'basic';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

const ALGORITHMS = { 'digest-md5': 'MD5', 'digest-sha256': 'SHA-256' } as const;

/** One `WWW-Authenticate` value for each scheme offered (RFC 7616 section 3.3, RFC 7617); without qop, as most cameras. */
export function challenges(
  schemes: readonly AuthScheme[],
  realm: string,
  nonce: string,
  stale: boolean,
): string[] {
  return schemes.map((scheme) =>
    scheme === 'basic'
      ? `Basic realm="${realm}"`
      : `Digest realm="${realm}", nonce="${nonce}", algorithm=${ALGORITHMS[scheme]}${stale ? ', stale=TRUE' : ''}`,
  );
}

export interface AuthQuestion {
  readonly schemes: readonly AuthScheme[];
  readonly credentials: Credentials;
  readonly realm: string;
  readonly method: string;
  /** As in the request line. */
  readonly url: string;
  readonly header: string | undefined;
  /** Whether the server gave out this nonce to this client and still honours it. */
  readonly nonceState: (nonce: string) => 'valid' | 'stale' | 'unknown';
}

/** 'stale' = the password is right, the nonce is not any more. */
export function checkAuthorization(question: AuthQuestion): 'granted' | 'refused' | 'stale' {
  const { header, credentials } = question;
  if (header === undefined) return 'refused';
  const space = header.indexOf(' ');
  const scheme = header.slice(0, space).toLowerCase();
  const rest = header.slice(space + 1).trim();
  if (scheme === 'basic') {
    const expected = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
    return question.schemes.includes('basic') && sameSecret(rest, expected) ? 'granted' : 'refused';
  }
  return scheme === 'digest' ? checkDigest(question, parseParameters(rest)) : 'refused';
}

function checkDigest(
  question: AuthQuestion,
  given: ReadonlyMap<string, string>,
): 'granted' | 'refused' | 'stale' {
  const { credentials, method, realm } = question;
  const nonce = given.get('nonce') ?? '';
  const uri = given.get('uri') ?? '';
  const algorithm = (given.get('algorithm') ?? 'MD5').toUpperCase();
  const scheme = algorithm === 'MD5' ? 'digest-md5' : algorithm === 'SHA-256' ? 'digest-sha256' : undefined;
  if (scheme === undefined || !question.schemes.includes(scheme)) return 'refused';
  if (given.get('realm') !== realm || given.get('qop') !== undefined) return 'refused';
  if (!sameSecret(given.get('username') ?? '', credentials.username)) return 'refused';
  // VLC signs SETUP and PLAY with the base URL instead of the request's own.
  if (uri === '' || !question.url.startsWith(uri.replace(/\/$/, ''))) return 'refused';
  const nonceState = question.nonceState(nonce);
  if (nonceState === 'unknown') return 'refused';
  const expected = digestResponse({
    ...credentials,
    algorithm: ALGORITHMS[scheme],
    realm,
    nonce,
    method,
    uri,
  });
  if (!sameSecret((given.get('response') ?? '').toLowerCase(), expected)) return 'refused';
  return nonceState === 'valid' ? 'granted' : 'stale';
}

export interface DigestInput extends Credentials {
  readonly algorithm: 'MD5' | 'SHA-256';
  readonly realm: string;
  readonly nonce: string;
  readonly method: string;
  readonly uri: string;
}

/** The `response` of RFC 7616 section 3.4.1 without qop (RFC 2069 form). */
export function digestResponse(input: DigestInput): string {
  const hash = (text: string) =>
    createHash(input.algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const a1 = hash(`${input.username}:${input.realm}:${input.password}`);
  return hash(`${a1}:${input.nonce}:${hash(`${input.method}:${input.uri}`)}`);
}

/** `name=value` and `name="value"` pairs of an Authorization header; names in lower case. */
export function parseParameters(text: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const match of text.matchAll(/([\w-]{1,32})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/g)) {
    parameters.set((match[1] ?? '').toLowerCase(), match[2]?.replace(/\\(.)/g, '$1') ?? match[3] ?? '');
  }
  return parameters;
}
