import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  type AuthScheme,
  challenges,
  checkAuthorization,
  digestResponse,
  parseParameters,
} from './digest-auth.ts';

const md5 = (text: string) => createHash('md5').update(text).digest('hex');
const credentials = { username: 'vedette', password: 'p"ä:ss' };
const URL_ = 'rtsp://127.0.0.1:8554/main/trackID=0';

function sign(
  changes: Partial<Record<'username' | 'password' | 'realm' | 'nonce' | 'uri' | 'method', string>> = {},
  algorithm: 'MD5' | 'SHA-256' = 'MD5',
) {
  const input = { ...credentials, realm: 'R', nonce: 'N', method: 'SETUP', uri: URL_, ...changes };
  const response = digestResponse({ ...input, algorithm });
  return `Digest username="${input.username}", realm="${input.realm}", nonce="${input.nonce}", uri="${input.uri}", response="${response}", algorithm=${algorithm}`;
}

function check(header: string | undefined, schemes: AuthScheme[] = ['digest-md5']) {
  return checkAuthorization({
    schemes,
    credentials,
    realm: 'R',
    method: 'SETUP',
    url: URL_,
    header,
    nonceState: (nonce) => (nonce === 'N' ? 'valid' : nonce === 'OLD' ? 'stale' : 'unknown'),
  });
}

describe('checkAuthorization', () => {
  it('computes the response of RFC 2069', () => {
    const a1 = md5(`${credentials.username}:R:${credentials.password}`);
    expect(
      digestResponse({ ...credentials, algorithm: 'MD5', realm: 'R', nonce: 'N', method: 'PLAY', uri: 'u' }),
    ).toBe(md5(`${a1}:N:${md5('PLAY:u')}`));
  });

  it('grants the right password by each scheme that is offered, and by no other', () => {
    const basic = `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
    expect(check(sign())).toBe('granted');
    expect(check(sign({}, 'SHA-256'), ['digest-sha256'])).toBe('granted');
    expect(check(sign({}, 'SHA-256'), ['digest-sha256', 'digest-md5'])).toBe('granted');
    expect(check(basic, ['basic'])).toBe('granted');
    expect(check(basic)).toBe('refused');
    expect(check(sign({}, 'SHA-256'))).toBe('refused');
    expect(check(sign(), ['digest-sha256'])).toBe('refused');
  });

  it('refuses a wrong user, password, realm, nonce, method or address', () => {
    for (const change of [
      { username: 'admin' },
      { password: 'other' },
      { realm: 'Q' },
      { nonce: 'M' },
      { method: 'PLAY' },
      { uri: 'rtsp://127.0.0.1:8554/sub' },
      { uri: '' },
    ]) {
      expect(check(sign(change))).toBe('refused');
    }
    expect(check(undefined)).toBe('refused');
    expect(check('')).toBe('refused');
    expect(check('Digest')).toBe('refused');
    expect(check('Bearer x')).toBe('refused');
  });

  it('calls a nonce stale only when the password is right', () => {
    expect(check(sign({ nonce: 'OLD' }))).toBe('stale');
    expect(check(sign({ nonce: 'OLD', password: 'other' }))).toBe('refused');
  });

  it('accepts the base address that VLC signs', () => {
    expect(check(sign({ uri: 'rtsp://127.0.0.1:8554/main/' }))).toBe('granted');
  });

  it('offers a challenge for each scheme that its own parser reads back', () => {
    const [md5Challenge = '', sha = '', basic] = challenges(
      ['digest-md5', 'digest-sha256', 'basic'],
      'My realm',
      'abc',
      true,
    );
    expect(Object.fromEntries(parseParameters(md5Challenge.slice(7)))).toEqual({
      realm: 'My realm',
      nonce: 'abc',
      algorithm: 'MD5',
      stale: 'TRUE',
    });
    expect(parseParameters(sha.slice(7)).get('algorithm')).toBe('SHA-256');
    expect(basic).toBe('Basic realm="My realm"');
  });
});
