// The examples in deploy/: one origin before control and nodes, and firewalls.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { checkHaproxy, checkNginx, FrontProxy } from '../support/front-proxy.ts';
import { HLS_PATH, HlsNode } from '../support/hls-node.ts';
import { type ListedPlaylist, readMediaPlaylist } from '../support/hls-playlist.ts';

describe('the example configurations', () => {
  it('are ones that nginx takes', () => {
    expect(() => checkNginx()).not.toThrow();
  });

  it.skipIf(process.getuid?.() !== 0)('are firewalls that nftables takes', () => {
    const folder = fileURLToPath(new URL('../../deploy/nftables/', import.meta.url));
    const files = readdirSync(folder).filter((name) => name.endsWith('.nft'));
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) execFileSync('nft', ['-c', '-f', `${folder}${file}`], { stdio: 'pipe' });
  });

  it('are ones that HAProxy takes, without a warning', () => {
    expect(() => checkHaproxy()).not.toThrow();
  });
});

describe('nginx with the example configuration', () => {
  let node: HlsNode;
  let front: FrontProxy;
  const control = createServer((request, response) =>
    response.end(`control ${request.url} for ${request.headers['x-forwarded-for']}`),
  );

  beforeAll(async () => {
    node = await HlsNode.start();
    node.camera();
    await new Promise<void>((resolve) => control.listen(0, '127.0.0.1', resolve));
    const { port } = control.address() as AddressInfo;
    front = await FrontProxy.start({ control: `127.0.0.1:${port}`, node: new URL(node.address).host });
  });
  afterAll(async () => {
    await front?.[Symbol.asyncDispose]();
    await node?.[Symbol.asyncDispose]();
    control.closeAllConnections();
    control.close();
  });

  const hls = (viewer: number, name: string) =>
    `${front.address}/n/node-1/hls/viewer${viewer}/${HLS_PATH}/${name}`;
  const playlist = async (viewer: number): Promise<ListedPlaylist> => {
    const response = await fetch(hls(viewer, 'stream.m3u8'));
    expect(response.status).toBe(200);
    return readMediaPlaylist(await response.text());
  };
  const linesOf = (address: URL) => front.log().filter((line) => line.includes(address.pathname));

  it('plays LL-HLS: the part that is hinted reaches many viewers for one request at the node', async () => {
    const index = await fetch(hls(1, 'index.m3u8'));
    expect(await index.text()).toContain('stream.m3u8');
    const hinted = await eventually('a hint', async () => (await playlist(1)).hints[0]);
    const address = new URL(hinted, hls(1, 'stream.m3u8'));
    const answers = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const response = await fetch(address);
        return { status: response.status, bytes: (await response.arrayBuffer()).byteLength };
      }),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ bytes }) => bytes)).size).toBe(1);
    // A query makes no other object of it.
    expect((await fetch(`${address}?again`)).status).toBe(200);
    const states = await eventually('six lines', () => {
      const lines = linesOf(address).map((line) => line.split(' ').at(-1));
      return lines.length === 6 ? lines : undefined;
    });
    expect(states.filter((state) => state === 'MISS')).toHaveLength(1);
    expect(states.filter((state) => state === 'HIT')).toHaveLength(5);
  });

  it('asks the node for every playlist, and lets a viewer wait there for the next part', async () => {
    const { hints } = await eventually('a playlist', () => playlist(2));
    const part = Number(/p(\d+)\./.exec(hints[0] ?? '')?.[1]);
    expect(part).toBeGreaterThan(0);
    const first = await playlist(2);
    const last = first.segments.at(-1);
    const query = `?_HLS_msn=${last?.sequence}&_HLS_part=${last?.parts.length}`;
    const next = readMediaPlaylist(await (await fetch(`${hls(2, 'stream.m3u8')}${query}`)).text());
    expect(next.hints[0]).not.toBe(first.hints[0]);
    expect(front.log().filter((line) => /\.m3u8.* (HIT|MISS)$/.test(line))).toEqual([]);
  });

  it('writes no capability down, keeps no refusal, and shows nothing else of a node', async () => {
    await playlist(3);
    const missing = `${front.address}/n/node-1/hls/-/${HLS_PATH}/0/p1.0123456789abcdef.m4s`;
    expect((await fetch(missing)).status).toBe(404);
    expect((await fetch(missing)).status).toBe(404);
    for (const path of [
      '/n/node-1/metrics',
      '/n/node-1/healthz',
      '/n/node-9/hls/a/b/stream.m3u8',
      '/metrics',
    ])
      expect({ path, status: (await fetch(`${front.address}${path}`)).status }).toEqual({
        path,
        status: 404,
      });
    const lines = await eventually('its line', () => {
      const all = front.log();
      return all.some((line) => line.includes('/hls/***/')) && linesOf(new URL(missing)).length === 2 && all;
    });
    expect(lines.filter((line) => line.includes('viewer'))).toEqual([]);
    expect(linesOf(new URL(missing)).every((line) => line.endsWith(' MISS'))).toBe(true);
  });

  it('gives the rest to control, and says for whom', async () => {
    const headers = { 'x-forwarded-for': '198.51.100.7' };
    const answer = await fetch(`${front.address}/api/v1/cameras?limit=1`, { headers });
    expect(await answer.text()).toBe('control /api/v1/cameras?limit=1 for 127.0.0.1');
  });
});
