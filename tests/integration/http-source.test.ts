import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StreamSource } from '@vedette/contracts';
import type { EncodedFrame, Track } from '@vedette/media-types';
import { AddressRules, silentLog, systemClock } from '@vedette/runtime';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FfmpegJobs } from '../../apps/media-node/src/ffmpeg/ffmpeg-jobs.ts';
import { H264Encoders } from '../../apps/media-node/src/ffmpeg/video/h264-encoders.ts';
import { HttpRelay } from '../../apps/media-node/src/ingest/http/http-relay.ts';
import { HttpSource } from '../../apps/media-node/src/ingest/http/http-source.ts';
import { createSourceDialer } from '../../apps/media-node/src/ingest/source-dialer.ts';
import { LoopbackRtsp } from '../../apps/media-node/src/loopback/loopback-rtsp.ts';
import { eventually } from '../support/eventually.ts';

const clock = systemClock;
const log = silentLog();
const jobs = new FfmpegJobs({ ffmpegPath: 'ffmpeg', limit: 2, clock, log });
const encoders = new H264Encoders({ jobs, clock, log });
const folder = mkdtempSync(join(tmpdir(), 'vedette-http-'));
const asked: { readonly path: string; readonly headers: IncomingMessage['headers'] }[] = [];
let clip: Buffer;
let loopback: LoopbackRtsp;
let relay: HttpRelay;
let web: Server;
let origin = '';
let stop = new AbortController();
let ended: Promise<void> = Promise.resolve();

function serve(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url ?? '';
  asked.push({ path, headers: request.headers });
  const to = (location: string) => response.writeHead(302, { location }).end();
  if (path === '/moved.mp4') to('/clip.mp4');
  else if (path === '/elsewhere.mp4') to(`http://localhost:${new URL(origin).port}/clip.mp4`);
  else if (path === '/to-metadata.mp4') to('http://169.254.169.254/latest/meta-data/');
  else if (path === '/to-file.mp4') to('file:///etc/hostname');
  else if (path === '/round.mp4') to('/round.mp4');
  else if (path === '/playlist.mp4')
    response.end('#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n');
  else if (path === '/locked.mp4' && request.headers.authorization !== `Basic ${btoa('me:secret')}`)
    response.writeHead(401).end();
  else if (path !== '/clip.mp4' && path !== '/locked.mp4') response.writeHead(404).end();
  else {
    const range = /^bytes=(\d+)-/.exec(request.headers.range ?? '');
    const from = Number(range?.[1] ?? 0);
    const part = clip.subarray(from);
    response.writeHead(range === null ? 200 : 206, {
      'content-type': 'video/mp4',
      'content-length': part.length,
      'accept-ranges': 'bytes',
      ...(range === null ? {} : { 'content-range': `bytes ${from}-${clip.length - 1}/${clip.length}` }),
    });
    response.end(part);
  }
}

beforeAll(async () => {
  const file = join(folder, 'clip.mp4');
  const made = [
    '-f',
    'lavfi',
    '-i',
    'testsrc=s=320x240:r=15:d=0.8,format=yuv420p',
    '-c:v',
    'libx264',
    '-g',
    '15',
    '-bf',
    '0',
  ];
  // Its index at the end, so that it can only be read by jumping about.
  execFileSync('ffmpeg', ['-v', 'error', ...made, file]);
  clip = readFileSync(file);
  web = createServer(serve);
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  const address = web.address();
  origin = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const rules = new AddressRules({ networks: ['127.0.0.0/8'], ownAddresses: () => [], ownPorts: [] });
  relay = await HttpRelay.open({
    dial: createSourceDialer({ rules, atOnce: 4, resolve: async () => ['127.0.0.1'] }),
  });
  loopback = await LoopbackRtsp.open({ clock });
});

afterEach(async () => {
  stop.abort();
  await ended.catch(() => undefined);
  stop = new AbortController();
  asked.length = 0;
});

afterAll(async () => {
  await relay.close();
  await loopback.close();
  web.close();
  rmSync(folder, { recursive: true });
});

function play(path: string, more: Partial<Extract<StreamSource, { kind: 'http' }>> = {}) {
  const frames: EncodedFrame[] = [];
  let tracks: readonly Track[] = [];
  const source = new HttpSource({
    source: { kind: 'http', url: path.startsWith('/') ? `${origin}${path}` : path, loop: false, ...more },
    jobs,
    encoders,
    relay,
    loopback,
    firstTicks: undefined,
    onPlaying: () => undefined,
    onWaiting: () => undefined,
  });
  const sink = {
    tracks: (told: readonly Track[]) => {
      tracks = told;
    },
    frame: (frame: EncodedFrame) => frames.push(frame),
  };
  ended = source.run(sink, stop.signal);
  ended.catch(() => undefined);
  return { frames, ended, tracks: () => tracks };
}

describe('a file behind HTTP', () => {
  it('is played in real time, and over and over', async () => {
    const { frames, tracks } = play('/clip.mp4', { loop: true });
    await eventually('two rounds', () => frames.length > 18);
    expect(tracks().map(({ codec }) => codec)).toEqual(['h264']);
    expect(asked.some(({ headers }) => headers.range !== undefined)).toBe(true);
    expect(asked.every(({ headers }) => headers['user-agent'] === 'Vedette')).toBe(true);
  });

  it('is found where the server says that it moved to', async () => {
    const { frames } = play('/moved.mp4');
    await eventually('frames', () => frames.length > 5);
  });

  it('is opened with its user name and password, which go to no other server', async () => {
    const { frames } = play('/locked.mp4', { username: 'me', password: 'secret' });
    await eventually('frames', () => frames.length > 5);
    stop.abort();
    await ended;
    asked.length = 0;
    stop = new AbortController();
    const moved = play('/elsewhere.mp4', { username: 'me', password: 'secret' });
    await eventually('frames', () => moved.frames.length > 5);
    const [first, ...later] = asked;
    expect(first?.headers.authorization).toBeDefined();
    expect(
      later
        .filter(({ headers }) => (headers.host ?? '').startsWith('localhost'))
        .every(({ headers }) => headers.authorization === undefined),
    ).toBe(true);
  });

  it.each([
    ['/none.mp4', 'source_not_found'],
    ['/locked.mp4', 'camera_credentials_rejected'],
    ['/to-metadata.mp4', 'source_not_allowed'],
    ['/to-file.mp4', 'source_not_allowed'],
    ['/round.mp4', 'camera_protocol_error'],
    ['http://10.1.2.3/clip.mp4', 'source_not_allowed'],
    ['file:///etc/hostname', 'source_not_allowed'],
    ['gopher://127.0.0.1/', 'source_not_allowed'],
  ])('that is not there or may not be opened is told as what it is: %s', async (path, code) => {
    await expect(play(path).ended).rejects.toMatchObject({ code });
  });

  it('that is a playlist in disguise is not opened', async () => {
    await expect(play('/playlist.mp4').ended).rejects.toMatchObject({
      code: expect.stringMatching(/source_not_allowed|ffmpeg_failed/),
    });
  });
});
