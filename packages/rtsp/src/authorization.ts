import { createHash } from 'node:crypto';

/** One WWW-Authenticate header that we can answer (RFC 7616, RFC 7617). */
export type Challenge =
  | { readonly scheme: 'basic'; readonly realm: string }
  | {
      readonly scheme: 'digest';
      /** As it stood between the quotes, escapes included: it is echoed like that. */
      readonly realm: string;
      readonly nonce: string;
      readonly hash: 'md5' | 'sha256';
      /** As offered, echoed only then. */
      readonly algorithm: string | undefined;
      readonly opaque: string | undefined;
      readonly qop: boolean;
    };

export interface DigestInput {
  readonly username: string;
  readonly password: string;
  readonly method: string;
  /** The request URL without credentials. */
  readonly uri: string;
  readonly nonceCount: number;
  readonly cnonce: string;
}

const STRENGTH = { sha256: 0, md5: 1, basic: 2 } as const;

/** The challenges that can be answered, strongest first; unknown schemes and algorithms are skipped. */
export function parseChallenges(headers: readonly string[]): Challenge[] {
  const challenges = headers.flatMap(splitChallenges).flatMap((header) => {
    const one = parseChallenge(header);
    return one === undefined ? [] : [one];
  });
  const strength = (challenge: Challenge) =>
    STRENGTH[challenge.scheme === 'basic' ? 'basic' : challenge.hash];
  return challenges.sort((a, b) => strength(a) - strength(b));
}

/** Several challenges may share a header (RFC 9110 section 11.6.1): cut where a scheme begins outside quotes. */
function splitChallenges(header: string): string[] {
  return header.split(/,\s*(?=(?:basic|digest)\s(?:[^"]*"(?:[^"\\]|\\.)*")*[^"]*$)/i);
}

function parseChallenge(header: string): Challenge | undefined {
  const scheme = /^\s*(\w+)/.exec(header)?.[1]?.toLowerCase();
  const parameter = (name: string) => {
    const match = new RegExp(`(?:^|[\\s,])${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s,]+))`, 'i').exec(
      header,
    );
    return match?.[1] ?? match?.[2];
  };
  const realm = parameter('realm') ?? '';
  if (scheme === 'basic') return { scheme, realm };
  const nonce = parameter('nonce');
  if (scheme !== 'digest' || nonce === undefined) return undefined;
  const algorithm = parameter('algorithm');
  const hash = hashOf(algorithm);
  if (hash === undefined) return undefined;
  const qop = parameter('qop')?.split(/\s*,\s*/) ?? [];
  if (qop.length > 0 && !qop.includes('auth')) return undefined;
  return { scheme, realm, nonce, hash, algorithm, opaque: parameter('opaque'), qop: qop.includes('auth') };
}

function hashOf(algorithm: string | undefined): 'md5' | 'sha256' | undefined {
  switch (algorithm?.toLowerCase()) {
    case undefined:
    case 'md5':
      return 'md5';
    case 'sha-256':
      return 'sha256';
    default:
      return undefined;
  }
}

/** The value of an Authorization header that answers a challenge. */
export function digestAuthorization(challenge: Challenge, input: DigestInput): string {
  if (challenge.scheme === 'basic') {
    return `Basic ${Buffer.from(`${input.username}:${input.password}`, 'utf8').toString('base64')}`;
  }
  const hash = (text: string) => createHash(challenge.hash).update(text).digest('hex');
  const a1 = hash(`${input.username}:${unescaped(challenge.realm)}:${input.password}`);
  const a2 = hash(`${input.method}:${input.uri}`);
  const count = input.nonceCount.toString(16).padStart(8, '0');
  const response = challenge.qop
    ? hash(`${a1}:${challenge.nonce}:${count}:${input.cnonce}:auth:${a2}`)
    : hash(`${a1}:${challenge.nonce}:${a2}`);
  const parts = [
    `username="${quoted(input.username)}"`,
    `realm="${challenge.realm}"`,
    `nonce="${challenge.nonce}"`,
    `uri="${input.uri}"`,
    `response="${response}"`,
  ];
  if (challenge.qop) parts.push('qop=auth', `nc=${count}`, `cnonce="${input.cnonce}"`);
  if (challenge.algorithm !== undefined) parts.push(`algorithm=${challenge.algorithm}`);
  if (challenge.opaque !== undefined) parts.push(`opaque="${challenge.opaque}"`);
  return `Digest ${parts.join(', ')}`;
}

/** Only what had to be escaped: some cameras write a bare backslash into their realm and mean it. */
function unescaped(text: string): string {
  return text.replaceAll(/\\(["\\])/g, '$1');
}

function quoted(text: string): string {
  return text.replaceAll(/["\\]/g, '\\$&');
}
