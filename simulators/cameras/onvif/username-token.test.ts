import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.ts';
import { parseEnvelope } from './soap.ts';
import { passwordDigest, UsernameTokenVerifier } from './username-token.ts';

const NONCE = Buffer.from('0123456789abcdef');

function setUp() {
  const clock = new ManualClock();
  const verifier = new UsernameTokenVerifier({
    clock,
    credentials: { username: 'vedette', password: 'secret' },
  });
  const header = (
    options: { nonce?: Buffer; createdMs?: number; username?: string; password?: string; type?: string } = {},
  ) => {
    const {
      nonce = NONCE,
      createdMs = clock.wallNow(),
      username = 'vedette',
      password = 'secret',
      type = 'PasswordDigest',
    } = options;
    const created = new Date(createdMs).toISOString();
    return parseEnvelope(
      '<s:Envelope xmlns:s="x"><s:Header><w:Security xmlns:w="y"><w:UsernameToken>' +
        `<w:Username>${username}</w:Username><w:Password Type="urn:z#${type}">${passwordDigest(nonce, created, password)}</w:Password>` +
        `<w:Nonce EncodingType="b">${nonce.toString('base64')}</w:Nonce><u:Created xmlns:u="v">${created}</u:Created>` +
        '</w:UsernameToken></w:Security></s:Header><s:Body><GetProfiles/></s:Body></s:Envelope>',
    ).header;
  };
  return { clock, verifier, header };
}

describe('UsernameTokenVerifier', () => {
  it('computes the digest of the UsernameToken Profile', () => {
    // the example of the ONVIF Application Programmer's Guide, section 6.1.1.3
    const nonce = Buffer.from('LKqI6G/AikKCQrN0zqZFlg==', 'base64');
    expect(passwordDigest(nonce, '2010-09-16T07:50:45Z', 'userpassword')).toBe(
      'tuOSpGlFlIXsozq4HFNeeGeFLEI=',
    );
  });

  it('grants a fresh token with the right password once, and never again', () => {
    const { clock, verifier, header } = setUp();
    const token = header();
    expect(verifier.verify(token)).toBe('granted');
    expect(verifier.verify(token)).toBe('refused');
    clock.advance(4 * 60_000);
    expect(verifier.verify(token)).toBe('refused');
    expect(verifier.verify(header())).toBe('granted');
  });

  it('refuses a wrong user, password, time or kind of password', () => {
    const { clock, verifier, header } = setUp();
    expect(verifier.verify(header({ username: 'admin' }))).toBe('refused');
    expect(verifier.verify(header({ password: 'other' }))).toBe('refused');
    expect(verifier.verify(header({ type: 'PasswordText' }))).toBe('refused');
    expect(verifier.verify(header({ createdMs: clock.wallNow() - 6 * 60_000 }))).toBe('refused');
    expect(verifier.verify(header({ createdMs: clock.wallNow() + 6 * 60_000 }))).toBe('refused');
    expect(verifier.verify(header({ nonce: Buffer.alloc(0) }))).toBe('refused');
    expect(verifier.verify({})).toBe('absent');
  });
});
