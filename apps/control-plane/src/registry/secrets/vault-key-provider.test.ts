// A server written from the documented answers of the transit engine; a real one is asked in tests/integration.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { VaultKeyProvider } from './vault-key-provider.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Answers with these statuses in turn, then as documented. */
async function vault(...statuses: readonly number[]) {
  const left = [...statuses];
  const seen: { url: string; token: string; namespace: string }[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const header = (name: string) => String(request.headers[name] ?? '');
      seen.push({
        url: request.url ?? '',
        token: header('x-vault-token'),
        namespace: header('x-vault-namespace'),
      });
      const status = left.shift() ?? 200;
      const body = JSON.parse(text);
      const data =
        status !== 200
          ? { errors: [`secret-of-the-vault ${text}`] }
          : 'plaintext' in body
            ? { data: { ciphertext: `vault:v1:${body.plaintext}` } }
            : { data: { plaintext: String(body.ciphertext).slice('vault:v1:'.length) } };
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(data));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const provider = new VaultKeyProvider({
    address: `http://127.0.0.1:${port}`,
    token: 'a-token',
    key: 'vedette',
    namespace: 'team',
  });
  return { provider, seen };
}

describe('a vault', () => {
  it('is asked as its API says, with the token and the namespace', async () => {
    const { provider, seen } = await vault();
    const key = Buffer.from('a data key of thirty-two bytes..');
    expect((await provider.unwrap(await provider.wrap(key))).equals(key)).toBe(true);
    expect(seen).toEqual([
      { url: '/v1/transit/encrypt/vedette', token: 'a-token', namespace: 'team' },
      { url: '/v1/transit/decrypt/vedette', token: 'a-token', namespace: 'team' },
    ]);
  });

  it('is asked once more when it is away for a moment, and not when it refuses', async () => {
    const away = await vault(503);
    await away.provider.wrap(Buffer.alloc(32));
    expect(away.seen).toHaveLength(2);
    const refusing = await vault(403);
    await expect(refusing.provider.wrap(Buffer.alloc(32))).rejects.toMatchObject({ code: 'unavailable' });
    expect(refusing.seen).toHaveLength(1);
  });

  it('is not quoted: it may repeat what it was sent', async () => {
    for (const status of [400, 403, 500]) {
      const { provider } = await vault(status, status);
      const failed = await provider.wrap(Buffer.alloc(32)).catch((error: unknown) => error);
      expect(String(failed)).not.toContain('secret-of-the-vault');
      expect(failed).toMatchObject({ code: 'unavailable' });
    }
  });
});
