import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MediaClaims } from '@vedette/contracts';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileSigningKeyStore } from './file-signing-key-store.ts';
import { MediaTokenIssuer } from './media-token-issuer.ts';

const NOW = 1_800_000_000_000;
const clock = { wallNow: () => NOW };
const CLAIMS = MediaClaims.parse({
  sub: 'u1',
  sid: 's1',
  cam: 'c1',
  paths: { main: 'cam_c1' },
  protocols: ['webrtc', 'hls'],
});
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vedette-sign-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('media tokens', () => {
  it('carry the claims, live five minutes, and verify by the published keys', async () => {
    const store = new FileSigningKeyStore({ file: join(folder, 'a', 'media-token.json') });
    const issuer = await MediaTokenIssuer.open({ store, clock });
    const { token, expiresAtMs } = await issuer.issueMediaToken(CLAIMS);
    const { payload, protectedHeader } = await jwtVerify(
      token,
      createLocalJWKSet(issuer.jwks as JSONWebKeySet),
      { issuer: 'vedette', audience: 'vedette-media', currentDate: new Date(NOW) },
    );
    expect(MediaClaims.parse(payload)).toEqual(CLAIMS);
    expect(protectedHeader.alg).toBe('EdDSA');
    expect(expiresAtMs - NOW).toBe(300_000);
    expect(payload.exp).toBe(expiresAtMs / 1000);
  });

  it('verify after a restart, because the key is kept, readable by its owner alone', async () => {
    const file = join(folder, 'b', 'media-token.json');
    const first = await MediaTokenIssuer.open({ store: new FileSigningKeyStore({ file }), clock });
    const second = await MediaTokenIssuer.open({ store: new FileSigningKeyStore({ file }), clock });
    expect(second.jwks).toEqual(first.jwks);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('never publish the private part', async () => {
    const file = join(folder, 'c', 'media-token.json');
    const issuer = await MediaTokenIssuer.open({ store: new FileSigningKeyStore({ file }), clock });
    const kept = JSON.parse(await readFile(file, 'utf8')) as { d: string };
    expect(JSON.stringify(issuer.jwks)).not.toContain(kept.d);
  });

  it('refuse to start over a damaged key, and say so without quoting it', async () => {
    const file = join(folder, 'damaged.json');
    await writeFile(file, '{"d":"secret-part');
    const opening = MediaTokenIssuer.open({ store: new FileSigningKeyStore({ file }), clock });
    await expect(opening).rejects.toThrow(/is damaged/);
    await expect(opening).rejects.not.toThrow(/secret-part/);
  });
});
