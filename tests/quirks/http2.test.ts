// Safari plays LL-HLS with low latency over HTTP/2 alone: media-quirks (d).
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:http2';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHttpServer, silentLog } from '@vedette/runtime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'vedette-http2-'));
const tls = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
const app = { port: 0, close: async () => undefined as unknown };

beforeAll(async () => {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', tls.keyFile];
  const name = ['-subj', '/CN=localhost', '-days', '2', '-out', tls.certFile];
  execFileSync('openssl', ['req', '-x509', ...key, ...name], { stdio: 'ignore' });
  const server = createHttpServer({ log: silentLog(), bodyLimit: 1024, tls });
  server.get('/index.m3u8', async (request) => request.raw.httpVersion);
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  app.port = Number(new URL(url).port);
  app.close = () => server.close();
});

afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a server with a certificate', () => {
  test('speaks HTTP/2 to who can, so that Safari plays with low latency and blocking calls hold no connections', async () => {
    const session = connect(`https://127.0.0.1:${app.port}`, { rejectUnauthorized: false });
    const bodies = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const stream = session.request({ ':path': '/index.m3u8' });
        let body = '';
        stream.on('data', (chunk) => {
          body += String(chunk);
        });
        await once(stream, 'end');
        return body;
      }),
    );
    session.close();
    expect(new Set(bodies)).toEqual(new Set(['2.0']));
  });

  test('speaks HTTP/1.1 to who knows no other', async () => {
    const request = get({
      host: '127.0.0.1',
      port: app.port,
      path: '/index.m3u8',
      rejectUnauthorized: false,
    });
    const [response] = await once(request, 'response');
    let body = '';
    for await (const chunk of response) body += String(chunk);
    expect(body).toBe('1.1');
  });
});
