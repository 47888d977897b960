// Every kind of source and way out through the real command: control, node, FFmpeg, as a site would use them.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CameraCreated, StartAnswer, StreamView } from '@vedette/contracts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WhepViewer } from '../../simulators/viewers/whep-viewer.ts';
import { bound } from '../support/bound.ts';
import { Demo } from '../support/demo.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-ports.ts';

let demo: Demo;
let folder: string;
let stop = new AbortController();
const web = createServer((request, response) => {
  if (request.url !== '/live') {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-type': 'audio/mpeg', 'icy-name': 'Radio Test' });
  const child = spawn(
    ...bound('ffmpeg', [
      ...[
        '-v',
        'error',
        '-nostdin',
        '-re',
        '-f',
        'lavfi',
        '-i',
        'sine=r=44100',
        '-c:a',
        'libmp3lame',
        '-f',
        'mp3',
        '-',
      ],
    ]),
  );
  child.stdout.pipe(response);
  response.on('close', () => child.kill('SIGKILL'));
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-kinds-'));
  const picture = [
    '-f',
    'lavfi',
    '-i',
    'testsrc2=s=640x360:r=15',
    '-f',
    'lavfi',
    '-i',
    'sine=r=48000',
    '-t',
    '3',
  ];
  const codecs = ['-c:v', 'libx264', '-profile:v', 'baseline', '-g', '15', '-c:a', 'aac'];
  execFileSync('ffmpeg', ['-v', 'error', ...picture, ...codecs, join(folder, 'loop.mp4')]);
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  demo = await Demo.start({ flags: [`--file-folders=${folder}`, '--http-source-hosts=127.0.0.1'] });
}, 60_000);
afterEach(() => {
  stop.abort();
  stop = new AbortController();
});
afterAll(async () => {
  await demo.close();
  web.closeAllConnections();
  web.close();
  rmSync(folder, { recursive: true, force: true });
});

async function add(source: object, rest: object = {}): Promise<CameraCreated> {
  return demo.api('POST', '/cameras', { name: 'Kind', source, idleTtlSeconds: 0, ...rest });
}
const start = (id: string, query: string, body: object = {}) =>
  demo.api<StartAnswer>('POST', `/streams/${id}/start?${query}`, body);

function ffmpeg(...args: string[]) {
  const child = spawn(...bound('ffmpeg', ['-hide_banner', '-v', 'error', '-nostdin', ...args]), {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  stop.signal.addEventListener('abort', () => child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  return { child, output: () => output, ended: once(child, 'close') };
}

async function streamOf(id: string, profile = 'main'): Promise<StreamView | undefined> {
  const { items } = await demo.api<{ items: StreamView[] }>('GET', '/streams?limit=500');
  return items.find((stream) => stream.cameraId === id && stream.profile === profile);
}

describe('a file', () => {
  it('is looped as a live stream, seen by WebRTC, and left alone when nobody watches', async () => {
    const { id } = await add({ kind: 'file', file: 'loop.mp4' });
    await using viewer = await WhepViewer.open(await start(id, 'protocol=webrtc'));
    await eventually('pictures', () => viewer.counts.frames > 60, { withinMs: 15_000 });
    expect(await streamOf(id)).toMatchObject({ health: 'live', audio: 'aac' });
    await viewer.close();
    await eventually('it is left alone', async () => (await streamOf(id)) === undefined, {
      withinMs: 20_000,
    });
  });

  it('that is not there says so', async () => {
    const { id } = await add({ kind: 'file', file: 'missing.mp4' });
    await start(id, 'protocol=webrtc');
    await eventually('the reason', async () => (await streamOf(id))?.reason === 'source_not_found', {
      withinMs: 10_000,
    });
  });
});

describe('a stream that we make', () => {
  it('is smaller, made once, and brings its parent along', async () => {
    const { id } = await add(
      { kind: 'file', file: 'loop.mp4' },
      { renditions: [{ profile: 'sub', height: 180 }] },
    );
    const answer = await start(id, 'protocol=webrtc', { profile: 'sub' });
    expect(answer.profile).toBe('sub');
    await using viewer = await WhepViewer.open(answer);
    await eventually('pictures', () => viewer.counts.frames > 10, { withinMs: 15_000 });
    expect(await streamOf(id, 'sub')).toMatchObject({ health: 'live', height: 180 });
    expect(await streamOf(id)).toMatchObject({ health: 'live', height: 360 });
  });
});

describe('a radio station', () => {
  it('is heard by HLS, with its name', async () => {
    const { port } = web.address() as { port: number };
    const { id } = await add({ kind: 'http-audio', url: `http://127.0.0.1:${port}/live` });
    const { url } = await start(id, 'protocol=hls');
    await eventually('it is live', async () => (await streamOf(id))?.health === 'live', { withinMs: 10_000 });
    expect(await streamOf(id)).toMatchObject({ audio: 'mp3', width: null });
    const reader = ffmpeg('-i', url, '-t', '2', '-f', 'null', '-');
    await reader.ended;
    expect(reader.output()).toBe('');
  });
});

describe('an encoder', () => {
  it('publishes by RTSP with its own credentials, and is seen', async () => {
    const { id, publishPassword, source } = await add({ kind: 'publish' });
    await eventually('it is expected', async () => (await streamOf(id))?.reason === 'waiting_for_publisher');
    const user = 'username' in source ? source.username : '';
    const address = `rtsp://${user}:${publishPassword}@127.0.0.1:${demo.rtspPort}/cam_${id}`;
    const picture = [
      '-re',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=s=320x180:r=15',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
    ];
    ffmpeg(...picture, '-tune', 'zerolatency', '-g', '15', '-f', 'rtsp', '-rtsp_transport', 'tcp', address);
    await using viewer = await WhepViewer.open(await start(id, 'protocol=webrtc'));
    await eventually('pictures', () => viewer.counts.frames > 10, { withinMs: 15_000 });
  });
});

describe('the stable addresses', () => {
  const camera = async () =>
    (await demo.api<{ items: { id: string }[] }>('GET', '/cameras')).items[0]?.id ?? '';

  it.each(['tcp', 'udp'])(
    'play a camera by RTSP over %s with name and password, and are a view',
    async (transport) => {
      const id = await camera();
      const address = `rtsp://admin:${demo.adminPassword}@127.0.0.1:${demo.rtspPort}/cam_${id}`;
      const player = ffmpeg('-rtsp_transport', transport, '-i', address, '-t', '3', '-f', 'null', '-');
      await eventually(
        'it is a view',
        async () => {
          const { items } = await demo.api<{ items: { cameraId: string; protocol: string }[] }>(
            'GET',
            '/sessions',
          );
          return items.some((view) => view.cameraId === id && view.protocol === 'rtsp');
        },
        { withinMs: 10_000 },
      );
      await player.ended;
      expect(player.output()).toBe('');
    },
  );

  it('answer an API token by WHEP, and nobody without', async () => {
    const url = `${demo.nodeAddress}/whep/cam_${await camera()}`;
    await using viewer = await WhepViewer.open({ url, token: demo.adminToken });
    await eventually('pictures', () => viewer.counts.frames > 5, { withinMs: 10_000 });
    await expect(WhepViewer.open({ url, token: 'wrong' })).rejects.toThrow('401');
  });

  it('find a camera by its path name, and its sub stream beside it', async () => {
    await demo.api('PATCH', `/cameras/${await camera()}`, { pathName: 'police_17' });
    const headers = { authorization: `Basic ${btoa(`admin:${demo.adminPassword}`)}` };
    await using viewer = await WhepViewer.open({
      url: `${demo.nodeAddress}/whep/police_17`,
      token: demo.adminToken,
    });
    await eventually('pictures', () => viewer.counts.frames > 5, { withinMs: 10_000 });
    const playlist = await fetch(`${demo.nodeAddress}/hls/police_17/index.m3u8`, { headers });
    expect([playlist.status, await playlist.text()]).toEqual([200, expect.stringContaining('#EXTM3U')]);
    expect((await fetch(`${demo.nodeAddress}/snapshot/police_17`, { headers })).status).toBe(200);
    expect((await fetch(`${demo.nodeAddress}/snapshot/police_18`, { headers })).status).toBe(404);
    const address = `rtsp://admin:${demo.adminPassword}@127.0.0.1:${demo.rtspPort}/police_17_sub`;
    const player = ffmpeg('-rtsp_transport', 'tcp', '-i', address, '-frames:v', '1', '-f', 'null', '-');
    await player.ended;
    expect(player.output()).toBe('');
  });

  it('give the address of a started view to an RTSP player', async () => {
    const { url } = await start(await camera(), 'protocol=rtsp');
    const player = ffmpeg('-rtsp_transport', 'tcp', '-i', url, '-frames:v', '10', '-f', 'null', '-');
    await player.ended;
    expect(player.output()).toBe('');
  });
});

describe('a stream that is sent elsewhere', () => {
  it.each([
    ['rtmp', '/live'],
    ['srt', ''],
  ] as const)(
    'by %s arrives there, and the camera is left alone when it is not any more',
    async (via, app) => {
      const port = await freePort();
      const secret = 'canary-key-of-another-place';
      const listen =
        via === 'rtmp'
          ? ['-listen', '1', '-i', `rtmp://127.0.0.1:${port}/live/${secret}`]
          : ['-i', `srt://127.0.0.1:${port}?mode=listener&passphrase=${secret}`];
      const receiver = ffmpeg(...listen, '-frames:v', '20', '-c', 'copy', '-f', 'framecrc', '-');
      const { id } = await add({ kind: 'file', file: 'loop.mp4' });
      const outputs = [{ via, url: `${via}://127.0.0.1:${port}${app}`, secret }];
      await demo.api('PATCH', `/cameras/${id}`, { outputs });
      await receiver.ended;
      expect(receiver.output().match(/^0,/gm)?.length).toBeGreaterThanOrEqual(20);
      expect(demo.log('node')).not.toContain(secret);
      await demo.api('PATCH', `/cameras/${id}`, { outputs: [] });
      await eventually('it is left alone', async () => (await streamOf(id)) === undefined, {
        withinMs: 10_000,
      });
    },
  );
});
