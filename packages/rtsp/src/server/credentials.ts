import { createHash, timingSafeEqual } from 'node:crypto';

/** What a request presents. */
export type PresentedCredentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  /** RFC 2617 section 3.2.2; `matches` in constant time. */
  | { readonly kind: 'digest'; readonly username: string; readonly matches: (password: string) => boolean };

/** `nonce` is the one that this connection was challenged with. */
export function presentedCredentials(
  header: string | undefined,
  request: { readonly method: string; readonly nonce: string },
): PresentedCredentials {
  const basic = /^Basic\s+([A-Za-z0-9+/=]+)\s*$/i.exec(header ?? '')?.[1];
  if (basic !== undefined) {
    const text = Buffer.from(basic, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    if (colon < 0) return { kind: 'none' };
    return { kind: 'basic', username: text.slice(0, colon), password: text.slice(colon + 1) };
  }
  if (header === undefined || !/^Digest\s/i.test(header)) return { kind: 'none' };
  const parameter = (name: string) => {
    const found = new RegExp(`[\\s,]${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s,]+))`, 'i').exec(
      header,
    );
    return (found?.[1] ?? found?.[2])?.replaceAll(/\\(["\\])/g, '$1');
  };
  const [username, realm, nonce, uri, response] = ['username', 'realm', 'nonce', 'uri', 'response'].map(
    parameter,
  );
  if (username === undefined || realm === undefined || uri === undefined || response === undefined)
    return { kind: 'none' };
  if (nonce !== request.nonce) return { kind: 'none' };
  const [qop, nc, cnonce] = ['qop', 'nc', 'cnonce'].map(parameter);
  // The address is the client's own word: VLC signs the base address, others the track's.
  const matches = (password: string) => {
    const a1 = md5(`${username}:${realm}:${password}`);
    const a2 = md5(`${request.method}:${uri}`);
    const middle = qop === undefined ? '' : `${nc ?? ''}:${cnonce ?? ''}:${qop}:`;
    const expected = Buffer.from(md5(`${a1}:${nonce}:${middle}${a2}`));
    const given = Buffer.from(response.toLowerCase());
    return given.length === expected.length && timingSafeEqual(given, expected);
  };
  return { kind: 'digest', username, matches };
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
