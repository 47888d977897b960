import { describe, expect, it } from 'vitest';
import { digestAuthorization, parseChallenges } from './authorization.ts';

const input = {
  username: 'Mufasa',
  password: 'Circle of Life',
  method: 'GET',
  uri: '/dir/index.html',
  nonceCount: 1,
};

describe('digestAuthorization', () => {
  it('answers the MD5 and SHA-256 examples of RFC 7616 section 3.9.1', () => {
    const common =
      'Digest realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
    const cnonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';
    const [sha, md5] = parseChallenges([`${common}, algorithm=MD5`, `${common}, algorithm=SHA-256`]);
    expect(sha && digestAuthorization(sha, { ...input, cnonce })).toContain(
      'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"',
    );
    expect(md5 && digestAuthorization(md5, { ...input, cnonce })).toContain(
      'response="8ca523f5e9506fed4657c9700eebdbec"',
    );
  });

  it('answers the example of RFC 2069 without qop, and echoes only what was offered', () => {
    const [challenge] = parseChallenges([
      'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"',
    ]);
    const header =
      challenge &&
      digestAuthorization(challenge, {
        username: 'Mufasa',
        password: 'CircleOfLife',
        method: 'GET',
        uri: '/dir/index.html',
        nonceCount: 1,
        cnonce: '',
      });
    expect(header).toContain('response="1949323746fe6a43ef61f9606e7febea"');
    expect(header).not.toMatch(/algorithm|opaque|qop/);
  });

  it('answers basic', () => {
    const [challenge] = parseChallenges(['Basic realm="cam"']);
    expect(challenge && digestAuthorization(challenge, { ...input, cnonce: '' })).toBe(
      'Basic TXVmYXNhOkNpcmNsZSBvZiBMaWZl',
    );
  });
});

describe('parseChallenges', () => {
  it('prefers SHA-256 to MD5 to basic, and skips what it does not know', () => {
    const challenges = parseChallenges([
      'Basic realm="a"',
      'NTLM',
      'Digest realm="a", nonce="1"',
      'Digest realm="a", nonce="2", algorithm=SHA-512-256',
      'Digest realm="a", nonce="3", algorithm="SHA-256"',
    ]);
    expect(challenges.map((challenge) => (challenge.scheme === 'basic' ? 'basic' : challenge.hash))).toEqual([
      'sha256',
      'md5',
      'basic',
    ]);
  });
});
