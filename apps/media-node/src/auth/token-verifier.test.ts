import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MEDIA_TOKEN_AUDIENCE, MEDIA_TOKEN_ISSUER, type SessionId } from '@vedette/contracts';
import { silentLog } from '@vedette/runtime';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeySet } from './key-set.ts';
import { RevocationList } from './revocation-list.ts';
import { JwksTokenVerifier } from './token-verifier.ts';

const START = 1_800_000_000_000;
let folder: string;
let pair: Awaited<ReturnType<typeof generateKeyPair>>;
let foreign: Awaited<ReturnType<typeof generateKeyPair>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vedette-keys-'));
  pair = await generateKeyPair('EdDSA', { extractable: true });
  foreign = await generateKeyPair('EdDSA', { extractable: true });
});
afterAll(() => rm(folder, { recursive: true }));

async function jwks() {
  return { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'EdDSA', use: 'sig' }] };
}

function sign(
  options: {
    key?: CryptoKey;
    issuer?: string;
    audience?: string;
    claims?: object;
    lifeSeconds?: number;
    sid?: string;
  } = {},
) {
  const iat = START / 1000;
  return new SignJWT({
    sid: options.sid ?? 's1',
    cam: 'c1',
    paths: { main: 'cam_c1' },
    protocols: ['webrtc'],
    ...options.claims,
  })
    .setProtectedHeader({ alg: 'EdDSA', kid: 'k1' })
    .setSubject('u1')
    .setIssuer(options.issuer ?? MEDIA_TOKEN_ISSUER)
    .setAudience(options.audience ?? MEDIA_TOKEN_AUDIENCE)
    .setIssuedAt(iat)
    .setExpirationTime(iat + (options.lifeSeconds ?? 300))
    .sign(options.key ?? pair.privateKey);
}

async function setUp() {
  const time = { wallNow: () => time.value, value: START };
  const keys = new KeySet({ file: join(folder, 'jwks.json'), log: silentLog() });
  await keys.update(await jwks());
  const revoked = new RevocationList({ clock: time });
  return { time, keys, revoked, verifier: new JwksTokenVerifier({ keys, revoked, clock: time }) };
}
const USE = { path: 'cam_c1', protocol: 'webrtc' } as const;

describe('a media token at the node', () => {
  it('lets in whom control granted this path over this protocol', async () => {
    const { verifier } = await setUp();
    expect(await verifier.verify(await sign(), USE)).toMatchObject({ sid: 's1', cam: 'c1', sub: 'u1' });
  });

  it.each([
    ['of another key', { key: 'foreign' }],
    ['of another issuer', { issuer: 'someone' }],
    ['for another audience', { audience: 'vedette-api' }],
    ['without a session', { claims: { sid: undefined } }],
  ])('is refused as unauthenticated when it is %s', async (_, options) => {
    const { verifier } = await setUp();
    const token = await sign({ ...options, key: 'key' in options ? foreign.privateKey : pair.privateKey });
    await expect(verifier.verify(token, USE)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it.each(['', 'x', 'a.b.c', 'x'.repeat(5000)])(
    'is refused as unauthenticated when it is no token',
    async (token) => {
      const { verifier } = await setUp();
      await expect(verifier.verify(token, USE)).rejects.toMatchObject({ code: 'unauthenticated' });
    },
  );

  it.each([
    { path: 'cam_c2', protocol: 'webrtc' },
    { path: 'cam_c1_sub', protocol: 'webrtc' },
    { path: 'cam_c1', protocol: 'hls' },
  ] as const)('opens nothing but what it grants: $path over $protocol is forbidden', async (use) => {
    const { verifier } = await setUp();
    await expect(verifier.verify(await sign(), use)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('is of no use after its time to a view that was never here', async () => {
    const { verifier, time } = await setUp();
    const token = await sign();
    time.value += 320_000;
    await expect(verifier.verify(token, USE)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('lets a view come back for an hour after it was issued, then no more', async () => {
    const { verifier, time } = await setUp();
    const token = await sign();
    await verifier.verify(token, USE);
    time.value += 3_599_000;
    await expect(verifier.verify(token, USE)).resolves.toMatchObject({ sid: 's1' });
    time.value += 2_000;
    await expect(verifier.verify(token, USE)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('is refused from the moment its view is revoked, remembered or not', async () => {
    const { verifier, revoked, time } = await setUp();
    const token = await sign();
    await verifier.verify(token, USE);
    revoked.add([{ sessionId: 's1' as SessionId, untilMs: START + 10_000 }]);
    await expect(verifier.verify(token, USE)).rejects.toMatchObject({ code: 'session_revoked' });
    time.value += 10_001;
    await expect(verifier.verify(token, USE)).resolves.toMatchObject({ sid: 's1' });
  });
});

describe('the keys at the node', () => {
  it('are used from disk when control is away', async () => {
    const { keys, time, revoked } = await setUp();
    await keys.update(await jwks());
    const later = new KeySet({ file: join(folder, 'jwks.json'), log: silentLog() });
    await later.load();
    const verifier = new JwksTokenVerifier({ keys: later, revoked, clock: time });
    await expect(verifier.verify(await sign(), USE)).resolves.toMatchObject({ sid: 's1' });
  });

  it('are an empty set when the file is damaged, and come back with control', async () => {
    const file = join(folder, 'damaged.json');
    await writeFile(file, '{"keys":');
    const keys = new KeySet({ file, log: silentLog() });
    await keys.load();
    expect(keys.resolver).toBeUndefined();
    await keys.update(await jwks());
    expect(keys.resolver).toBeDefined();
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(await jwks());
  });
});
