import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Problem } from '@vedette/contracts';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpServer } from './http-server.ts';
import { silentLog } from './log.ts';

let app: FastifyInstance;
let port = 0;
beforeAll(async () => {
  app = createHttpServer({ log: silentLog(), bodyLimit: 1000 });
  app.get('/things/:id', async () => 'there');
  port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
});
afterAll(() => app.close());

/** The whole answer to bytes that no client library would send. */
async function say(bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes);
  return text(socket);
}

describe('who a caller is', () => {
  async function seen(trustedProxies: readonly string[]): Promise<string> {
    const behind = createHttpServer({ log: silentLog(), bodyLimit: 1000, trustedProxies });
    behind.get('/me', async (request) => request.ip);
    const answer = await behind.inject({
      url: '/me',
      remoteAddress: '10.0.0.9',
      headers: { 'x-forwarded-for': '203.0.113.7, 10.1.0.4' },
    });
    await behind.close();
    return answer.body;
  }

  it('is the address of the connection, whatever a header says', async () => {
    expect(await seen([])).toBe('10.0.0.9');
    expect(await seen(['192.168.0.0/16'])).toBe('10.0.0.9');
  });

  it('is told by proxies that are trusted, as far as they are', async () => {
    expect(await seen(['10.0.0.0/24'])).toBe('10.1.0.4');
    expect(await seen(['10.0.0.0/8'])).toBe('203.0.113.7');
  });
});

describe('an HTTP server of ours', () => {
  it.each([
    [
      'an address that cannot be decoded',
      'GET /things/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      400,
      'invalid_request',
    ],
    [
      'an address longer than any',
      `GET /things/${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
      431,
      'payload_too_large',
    ],
    [
      'headers without end',
      `GET / HTTP/1.1\r\nHost: x\r\n${'a: b\r\n'.repeat(5000)}\r\n`,
      431,
      'payload_too_large',
    ],
    ['what is no HTTP', '\u0000\u0001\u0002\r\n\r\n', 400, 'invalid_request'],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde',
      400,
      'invalid_request',
    ],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'invalid_request',
    ],
    [
      'an address of nothing',
      'GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      404,
      'not_found',
    ],
  ])('answers %s with a problem', async (_, bytes, status, code) => {
    const answer = await say(bytes);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head.toLowerCase()).toContain('content-type: application/problem+json');
    expect(Problem.parse(JSON.parse(body))).toMatchObject({ status, code });
  });
});
