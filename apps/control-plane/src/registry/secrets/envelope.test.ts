import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOME_TENANT, TenantId } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { seal } from './aes-gcm.ts';
import { Envelope } from './envelope.ts';
import { LocalKeyProvider } from './local-key-provider.ts';
import type { KeptKey } from './tenant-key-store.ts';
import { TenantKeys } from './tenant-keys.ts';

const HOME = HOME_TENANT;
const OTHER = TenantId.parse('other');
const provider = (digit: string) => LocalKeyProvider.fromEnvironment(digit.repeat(64));

/** Keys of tenants in memory; `masters` are the master keys at hand, the first one wraps. */
function world(kept: KeptKey[] = []) {
  const rows = kept;
  const time = { ms: 0 };
  const store = {
    newest: async (tenantId: TenantId) =>
      rows.filter((row) => row.tenantId === tenantId).toSorted((a, b) => b.version - a.version)[0],
    get: async (tenantId: TenantId, version: number) =>
      rows.find((row) => row.tenantId === tenantId && row.version === version),
    list: async () => [...rows],
    add: async (key: Omit<KeptKey, 'createdAt'>) => {
      if (rows.some((row) => row.tenantId === key.tenantId && row.version === key.version)) return false;
      rows.push({ ...key, createdAt: new Date(0) });
      return true;
    },
    rewrap: async (key: Pick<KeptKey, 'tenantId' | 'version' | 'keyId' | 'wrapped'>) => {
      const at = rows.findIndex((row) => row.tenantId === key.tenantId && row.version === key.version);
      const row = rows[at];
      if (row !== undefined) rows[at] = { ...row, ...key };
    },
  };
  const under = (...digits: string[]) => {
    const [first = provider('a'), ...rest] = digits.map(provider);
    const providers = [first, ...rest] as const;
    const keys = new TenantKeys({ store, providers, clock: { now: () => time.ms } });
    return { keys, envelope: new Envelope({ keys, providers }) };
  };
  return { rows, time, under };
}

describe('an envelope', () => {
  it('opens to what was sealed, and shows nothing of it', async () => {
    const { envelope } = world().under('a');
    const sealed = await envelope.seal(HOME, 'pässword', 'camera 1');
    expect(JSON.stringify(sealed)).not.toContain('pässword');
    expect(await envelope.open(sealed, 'camera 1')).toBe('pässword');
    expect((await envelope.seal(HOME, 'pässword', 'camera 1')).text).not.toBe(sealed.text);
  });

  it('is sealed by the data key of its tenant, which lies wrapped in the database', async () => {
    const { rows, under } = world();
    const { envelope } = under('a');
    await Promise.all([
      envelope.seal(HOME, 'x', 'c'),
      envelope.seal(HOME, 'y', 'd'),
      envelope.seal(OTHER, 'z', 'e'),
    ]);
    expect(rows.map(({ tenantId, version }) => `${tenantId} ${version}`).sort()).toEqual([
      'home 1',
      'other 1',
    ]);
    expect(rows[0]?.wrapped).not.toBe(rows[1]?.wrapped);
  });

  it('does not open as that of another owner or tenant, under another master key, or altered', async () => {
    const { rows, under } = world();
    const { envelope } = under('a');
    const sealed = await envelope.seal(HOME, 'secret', 'camera 1');
    await envelope.seal(OTHER, 'theirs', 'camera 1');
    const flipped = Buffer.from(sealed.text, 'base64');
    flipped[14] = (flipped[14] ?? 0) ^ 1;
    const attempts = [
      envelope.open(sealed, 'camera 2'),
      envelope.open({ ...sealed, tenantId: OTHER }, 'camera 1'),
      envelope.open({ ...sealed, keyVersion: 2 }, 'camera 1'),
      world([...rows])
        .under('b')
        .envelope.open(sealed, 'camera 1'),
      envelope.open({ ...sealed, text: flipped.toString('base64') }, 'camera 1'),
      envelope.open({ ...sealed, text: 'AAAA' }, 'camera 1'),
      envelope.open('nonsense', 'camera 1'),
    ];
    for (const attempt of attempts) await expect(attempt).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('of an earlier version, sealed by a key of its own, still opens', async () => {
    const old = provider('a');
    const dataKey = randomBytes(32);
    const { keyId, wrapped } = await old.wrap(dataKey);
    const text = seal(dataKey, Buffer.from('old'), 'camera 1').toString('base64');
    const sealed = { v: 1, keyId, key: wrapped.toString('base64'), text };
    const { envelope } = world().under('b', 'a');
    expect(await envelope.open(sealed, 'camera 1')).toBe('old');
    expect(envelope.isOld(sealed, HOME, 1)).toBe(true);
    await expect(envelope.open(sealed, 'camera 2')).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('stays readable when the master key changes, and needs the old one no more once its key is rewrapped', async () => {
    const { under } = world();
    const before = under('a');
    const sealed = await before.envelope.seal(HOME, 'x', 'c');
    const both = under('b', 'a');
    expect(await both.envelope.open(sealed, 'c')).toBe('x');
    expect(await both.keys.rewrapAll()).toBe(1);
    expect(await both.keys.rewrapAll()).toBe(0);
    expect(await under('b').envelope.open(sealed, 'c')).toBe('x');
    await expect(under('a').envelope.open(sealed, 'c')).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('is not harmed when its key is forgotten while it is in use', async () => {
    const { time, under } = world();
    const { envelope } = under('a');
    const sealing = Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        time.ms += 200_000;
        return envelope.seal(HOME, `secret ${i}`, 'c');
      }),
    );
    for (const [i, sealed] of (await sealing).entries())
      expect(await envelope.open(sealed, 'c')).toBe(`secret ${i}`);
  });
});

describe('the key in the data folder', () => {
  it('is made once, for its owner alone', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'vedette-key-')), 'keys/master.key');
    const made = LocalKeyProvider.fromFile(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(LocalKeyProvider.fromFile(path).keyId).toBe(made.keyId);
  });

  it('is not replaced when it is damaged: no password could be read any more', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'vedette-key-')), 'master.key');
    writeFileSync(path, 'damaged');
    expect(() => LocalKeyProvider.fromFile(path)).toThrow(/damaged/);
    expect(readFileSync(path, 'utf8')).toBe('damaged');
  });
});
