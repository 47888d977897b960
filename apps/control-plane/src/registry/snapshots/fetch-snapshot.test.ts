import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { AddressRules } from '@vedette/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { fetchSnapshot } from './fetch-snapshot.ts';

const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);
const BASIC = `Basic ${Buffer.from('vedette:secret').toString('base64')}`;

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A camera on loopback that answers as told, and what it was asked. */
async function camera(answer: Answer, networks = ['127.0.0.0/8']) {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const rules = new AddressRules({ networks, ownAddresses: () => [], ownPorts: [] });
  const judge = { rules, resolve: async () => ['127.0.0.1'] };
  const target = { url: `http://camera.test:${port}/snap?a=1`, username: 'vedette', password: 'secret' };
  return {
    asked,
    fetch: (change: Partial<typeof target> = {}, signal = new AbortController().signal) =>
      fetchSnapshot(judge, { ...target, ...change }, signal),
  };
}

describe('a camera’s own snapshot', () => {
  it('is fetched without a password where none is asked for', async () => {
    const { asked, fetch } = await camera((_, response) => response.end(JPEG));
    expect(await fetch()).toEqual(JPEG);
    expect(asked.map(({ url, headers }) => [url, headers.authorization])).toEqual([['/snap?a=1', undefined]]);
  });

  it('is fetched by Basic where the camera knows nothing better', async () => {
    const { fetch } = await camera((request, response) =>
      request.headers.authorization === BASIC
        ? response.end(JPEG)
        : response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end(),
    );
    expect(await fetch()).toEqual(JPEG);
    await expect(fetch({ password: 'wrong' })).rejects.toMatchObject({ code: 'camera_credentials_rejected' });
  });

  it('is asked for by the strongest way offered, never in clear beside it', async () => {
    const { asked, fetch } = await camera((request, response) =>
      request.headers.authorization === undefined
        ? response
            .writeHead(401, {
              'www-authenticate': ['Basic realm="x"', 'Digest realm="x", nonce="n", qop="auth"'],
            })
            .end()
        : response.end(JPEG),
    );
    await fetch();
    expect(asked[1]?.headers.authorization).toMatch(/^Digest username="vedette".*uri="\/snap\?a=1"/);
  });

  it.each<[string, Answer, string]>([
    ['a page instead of a picture', (_, response) => response.end('<html>'), 'camera_protocol_error'],
    ['an error', (_, response) => response.writeHead(503).end(), 'camera_protocol_error'],
    [
      'a redirection, wherever it leads',
      (_, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
      'camera_protocol_error',
    ],
    [
      'more than five megabytes',
      (_, response) => response.end(Buffer.concat([JPEG, Buffer.alloc(5 * 1024 * 1024)])),
      'camera_protocol_error',
    ],
    ['nothing', (request) => request.socket.destroy(), 'camera_refused'],
  ])('is not %s', async (_, answer, code) => {
    const { fetch } = await camera(answer);
    await expect(fetch()).rejects.toMatchObject({ code });
  });

  it('is never fetched where no source may be', async () => {
    const { asked, fetch } = await camera((_, response) => response.end(JPEG), ['10.0.0.0/8']);
    await expect(fetch()).rejects.toMatchObject({ code: 'source_not_allowed' });
    expect(asked).toEqual([]);
  });

  it('is given up when nobody wants it any more', async () => {
    const gone = new AbortController();
    const { fetch } = await camera(() => gone.abort(new Error('gone')));
    await expect(fetch({}, gone.signal)).rejects.toThrow('gone');
  });
});
