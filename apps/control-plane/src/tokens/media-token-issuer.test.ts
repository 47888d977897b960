import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MediaClaims } from '@vedette/contracts';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FolderSecrets } from '../secrets/folder-secrets.ts';
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
    const secrets = new FolderSecrets({ dataDir: join(folder, 'a') });
    const issuer = await MediaTokenIssuer.open({ secrets, clock });
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
    const secrets = new FolderSecrets({ dataDir: join(folder, 'b') });
    const file = join(folder, 'b', 'keys', 'media-token.json');
    const first = await MediaTokenIssuer.open({ secrets, clock });
    const second = await MediaTokenIssuer.open({ secrets, clock });
    expect(second.jwks).toEqual(first.jwks);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('never publish the private part', async () => {
    const secrets = new FolderSecrets({ dataDir: join(folder, 'c') });
    const file = join(folder, 'c', 'keys', 'media-token.json');
    const issuer = await MediaTokenIssuer.open({ secrets, clock });
    const kept = JSON.parse(await readFile(file, 'utf8')) as { d: string };
    expect(JSON.stringify(issuer.jwks)).not.toContain(kept.d);
  });

  it('refuse to start over a damaged key, and say so without quoting it', async () => {
    const secrets = new FolderSecrets({ dataDir: join(folder, 'd') });
    await mkdir(join(folder, 'd', 'keys'), { recursive: true });
    await writeFile(join(folder, 'd', 'keys', 'media-token.json'), '{"d":"secret-part');
    const opening = MediaTokenIssuer.open({ secrets, clock });
    await expect(opening).rejects.toThrow(/is damaged/);
    await expect(opening).rejects.not.toThrow(/secret-part/);
  });
});
