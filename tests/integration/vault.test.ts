import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VaultKeyProvider } from '../../apps/control-plane/src/registry/secrets/vault-key-provider.ts';
import { OpenBao } from '../support/openbao.ts';

const bin = process.env['OPENBAO_BIN'];
if (bin === undefined) console.warn('skipped: no OpenBao (OPENBAO_BIN)');

describe.skipIf(bin === undefined)('a master key that a real OpenBao keeps', () => {
  let bao: OpenBao;
  beforeAll(async () => {
    bao = await OpenBao.start(bin ?? '');
  }, 30_000);
  afterAll(() => bao[Symbol.asyncDispose]());
  const provider = (change: object = {}) =>
    new VaultKeyProvider({ address: bao.address, token: bao.token, key: 'vedette', ...change });

  it('wraps and unwraps, and never shows itself', async () => {
    const dataKey = randomBytes(32);
    const wrapped = await provider().wrap(dataKey);
    expect(wrapped.wrapped.toString('utf8')).toMatch(/^vault:v1:/);
    expect((await provider().unwrap(wrapped)).equals(dataKey)).toBe(true);
  });

  it('still unwraps after the vault has rotated it', async () => {
    const dataKey = randomBytes(32);
    const wrapped = await provider().wrap(dataKey);
    await bao.ask('POST', '/v1/transit/keys/vedette/rotate', {});
    expect((await provider().wrap(dataKey)).wrapped.toString('utf8')).toMatch(/^vault:v2:/);
    expect((await provider().unwrap(wrapped)).equals(dataKey)).toBe(true);
  });

  it('says what is wrong without a word of what is secret', async () => {
    const dataKey = randomBytes(32);
    for (const change of [{ token: 'wrong-token-zx81' }, { key: 'other' }]) {
      const failed = await provider(change)
        .unwrap({ keyId: provider().keyId, wrapped: Buffer.from('vault:v1:AAAA') })
        .catch((error: unknown) => error);
      expect(failed).toMatchObject({ code: 'unavailable' });
      expect(String(failed)).not.toContain('zx81');
    }
    const away = provider({ address: 'http://127.0.0.1:9' });
    await expect(away.wrap(dataKey)).rejects.toMatchObject({ code: 'unavailable' });
  });
});
