import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { promisify } from 'node:util';
import type { AudioTrack, EncodedFrame } from '@vedette/media-types';
import { AddressRules, AllowedHosts, type Clock, systemClock } from '@vedette/runtime';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createHttpDialer } from '../../apps/media-node/src/ingest/http-audio/http-dialer.ts';
import { RadioSource, type StationNews } from '../../apps/media-node/src/ingest/http-audio/radio-source.ts';
import { HeldClock } from '../support/held-clock.ts';

const run = promisify(execFile);
const FFMPEG = process.env['FFMPEG_PATH'] ?? 'ffmpeg';
const META_INTERVAL = 8000;

let mp3: Buffer;
let heAac: Buffer;

beforeAll(async () => {
  [mp3, heAac] = await Promise.all([
    tone(['-c:a', 'libmp3lame', '-b:a', '128k', '-f', 'mp3']),
    tone(['-c:a', 'aac', '-b:a', '64k', '-f', 'adts']),
  ]);
});

async function tone(output: readonly string[]): Promise<Buffer> {
  const input = [
    '-v',
    'error',
    '-f',
    'lavfi',
    '-i',
    'sine=frequency=440:duration=12',
    '-ar',
    '44100',
    '-ac',
    '2',
  ];
  const { stdout } = await run(FFMPEG, [...input, ...output, '-'], {
    encoding: 'buffer',
    maxBuffer: 4_000_000,
  });
  return stdout;
}

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function station(answer: Answer): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Ten seconds at once, as stations do on a connect, then nothing: the connection stays open. */
function icy(titles: readonly string[]): Answer {
  return (request, response) => {
    const asked = request.headers['icy-metadata'] === '1';
    response.writeHead(200, {
      'Content-Type': 'audio/mpeg',
      'icy-name': Buffer.from('Rádio Teste').toString('latin1'),
      ...(asked ? { 'icy-metaint': String(META_INTERVAL) } : {}),
    });
    for (let at = 0, n = 0; at < mp3.length; at += META_INTERVAL, n += 1) {
      response.write(mp3.subarray(at, at + META_INTERVAL));
      if (!asked || at + META_INTERVAL > mp3.length) continue;
      const text = Buffer.from(titles[n] === undefined ? '' : `StreamTitle='${titles[n]}';`);
      const block = Buffer.alloc(1 + Math.ceil(text.length / 16) * 16);
      block[0] = (block.length - 1) / 16;
      block.set(text, 1);
      response.write(block);
    }
  };
}

interface Heard {
  readonly tracks: AudioTrack[];
  readonly frames: EncodedFrame[];
  readonly news: StationNews[];
  readonly source: RadioSource;
  readonly ended: Promise<unknown>;
}

interface Listening {
  readonly hosts?: readonly string[];
  readonly networks?: readonly string[];
  readonly firstTicks?: number;
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  readonly username?: string;
  readonly password?: string;
  readonly clock?: Clock;
}

function listen(url: string, options: Listening = {}): Heard {
  const tracks: AudioTrack[] = [];
  const frames: EncodedFrame[] = [];
  const news: StationNews[] = [];
  const { username, password } = options;
  const source = new RadioSource({
    source: { kind: 'http-audio', url, username, password },
    dial: createHttpDialer({
      hosts: new AllowedHosts(options.hosts ?? ['127.0.0.1']),
      rules: new AddressRules({
        networks: options.networks ?? ['127.0.0.0/8'],
        ownAddresses: () => [],
        ownPorts: [],
      }),
      atOnce: 4,
      ...(options.resolve === undefined ? {} : { resolve: options.resolve }),
    }),
    clock: options.clock ?? systemClock,
    firstTicks: options.firstTicks,
    onNews: (told) => news.push(told),
  });
  const stop = new AbortController();
  closing.push(() => stop.abort());
  const sink = {
    tracks: (told: readonly unknown[]) => tracks.push(...(told as AudioTrack[])),
    frame: (frame: EncodedFrame) => frames.push(frame),
  };
  const ended = source.run(sink, stop.signal).catch((error: unknown) => error);
  return { tracks, frames, news, source, ended };
}

describe('a radio station', () => {
  it('is heard in MP3 with its name and what it plays, a second after the connect at most, on the time line of the run', async () => {
    const heard = listen(
      `${await station(icy(['Miles Davis - So What', 'Bill Evans – Peace Piece']))}/jazz`,
      {
        firstTicks: 900_000,
      },
    );
    await expect.poll(() => heard.frames.length, { timeout: 2000 }).toBeGreaterThan(15);
    expect(heard.news.at(-1)).toEqual({ nowPlaying: 'Bill Evans – Peace Piece', detail: 'Rádio Teste' });
    expect(heard.tracks).toMatchObject([{ codec: 'mp3', clockRate: 44_100, channels: 2 }]);
    expect(heard.frames[0]?.dtsTicks).toBe(441_000);
    const steps = heard.frames.slice(1).map((frame, i) => frame.dtsTicks - (heard.frames[i]?.dtsTicks ?? 0));
    expect(new Set(steps)).toEqual(new Set([1152]));
    // Of twelve seconds that came at once no more than the newest is waited for.
    expect(heard.frames.length).toBeLessThan(60);
    const whole = Buffer.concat(heard.frames.map((frame) => frame.data));
    expect(mp3.indexOf(whole)).toBeGreaterThan(mp3.length / 2);
    const last = heard.frames.at(-1)?.dtsTicks ?? 0;
    expect(heard.source.lastTicks).toBe(Math.ceil(((last + 1152) / 44_100) * 90_000));
  });

  it('is heard in AAC, whatever it calls itself', async () => {
    const url = await station((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/octet-stream' });
      response.write(heAac);
    });
    const heard = listen(url);
    await expect.poll(() => heard.frames.length, { timeout: 2000 }).toBeGreaterThan(15);
    expect(heard.tracks).toMatchObject([
      { codec: 'aac', clockRate: 44_100, config: Uint8Array.of(0x12, 0x10) },
    ]);
  });

  it('of SHOUTcast 1, which answers ICY 200 OK, is heard as well', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.write('ICY 200 OK\r\nicy-name: Old\r\ncontent-type: audio/mpeg\r\n\r\n');
        socket.write(mp3);
      });
      closing.push(() => socket.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => server.close());
    const heard = listen(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await expect.poll(() => heard.frames.length, { timeout: 2000 }).toBeGreaterThan(15);
    expect(heard.news).toEqual([{ nowPlaying: null, detail: 'Old' }]);
  });

  it('is found through redirects and a playlist, and told its password only where it was given', async () => {
    const seen: (string | undefined)[] = [];
    const inner = icy([]);
    const far = await station((request, response) => {
      seen.push(request.headers.authorization);
      inner(request, response);
    });
    const near = await station((request, response) => {
      seen.push(request.headers.authorization);
      if (request.url === '/') response.writeHead(302, { Location: '/listen.m3u' }).end();
      else response.writeHead(200, { 'Content-Type': 'audio/x-mpegurl' }).end(`#EXTM3U\n${far}/jazz\n`);
    });
    const heard = listen(near, { username: 'me', password: 'secret' });
    await expect.poll(() => heard.frames.length, { timeout: 2000 }).toBeGreaterThan(0);
    const basic = `Basic ${Buffer.from('me:secret').toString('base64')}`;
    expect(seen).toEqual([basic, basic, undefined]);
  });

  it.each([
    ['a page', 200, 'text/html', 'codec_unsupported'],
    ['nothing there', 404, 'text/plain', 'source_not_found'],
    ['a password', 401, 'text/plain', 'camera_credentials_rejected'],
    ['a full house', 503, 'text/plain', 'camera_busy'],
  ])('that answers with %s is told apart', async (_what, status, type, code) => {
    const url = await station((_request, response) => {
      response.writeHead(status, { 'Content-Type': type }).end('x');
    });
    expect(await listen(url).ended).toMatchObject({ name: 'SourceError', code });
  });

  it('that sends nothing for ten seconds is stalled, and one that ends is gone', async () => {
    const clock = new HeldClock();
    let connections = 0;
    const url = await station((_request, response) => {
      connections += 1;
      response.writeHead(200, { 'Content-Type': 'audio/mpeg' });
      response.flushHeaders();
    });
    let outcome: unknown;
    void listen(url, { clock }).ended.then((error) => {
      outcome = error;
    });
    await expect.poll(() => connections).toBe(1);
    await expect
      .poll(async () => {
        await clock.pass(2000);
        return outcome;
      })
      .toMatchObject({ code: 'camera_stalled' });
    const over = await station(
      (_request, response) => void response.writeHead(200).end(mp3.subarray(0, 20_000)),
    );
    expect(await listen(over).ended).toMatchObject({ code: 'camera_refused' });
  });

  it('that redirects without end is left', async () => {
    const url = await station(
      (_request, response) => void response.writeHead(302, { Location: '/again' }).end(),
    );
    expect(await listen(url).ended).toMatchObject({ code: 'camera_protocol_error' });
  });
});

describe('a station over TLS', () => {
  it('is believed by its certificate for its name, and by nothing else', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vedette-radio-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const name = [
      '-subj',
      '/CN=radio',
      '-addext',
      'subjectAltName=DNS:radio.example',
      '-days',
      '2',
      '-out',
      cert,
    ];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key];
    await run('openssl', ['req', '-x509', ...curve, ...name]);
    const own = { key: readFileSync(key), cert: readFileSync(cert, 'utf8') };
    rmSync(folder, { recursive: true, force: true });
    const server = createSecureServer(own, icy([]));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const authorities = getCACertificates('default');
    closing.push(() => {
      server.closeAllConnections();
      server.close();
      setDefaultCACertificates(authorities);
    });
    const at = (host: string) =>
      listen(`https://${host}:${(server.address() as AddressInfo).port}/`, {
        hosts: ['*.example'],
        resolve: async () => ['127.0.0.1'],
      });
    expect(await at('radio.example').ended).toMatchObject({ code: 'certificate_rejected' });
    setDefaultCACertificates([...authorities, own.cert]);
    expect(await at('other.example').ended).toMatchObject({ code: 'certificate_rejected' });
    const heard = at('radio.example');
    await expect.poll(() => heard.frames.length, { timeout: 2000 }).toBeGreaterThan(0);
  });
});

describe('where a station may be', () => {
  it('is nowhere while HTTP_SOURCE_HOSTS is empty', async () => {
    const heard = listen(await station(icy([])), { hosts: [] });
    expect(await heard.ended).toMatchObject({ code: 'source_not_allowed' });
  });

  it('is not this machine for an allowed name, whatever its DNS answers', async () => {
    const asked: string[] = [];
    const options: Listening = {
      hosts: ['radio.example', '10.0.0.0/8'],
      resolve: async (host) => {
        asked.push(host);
        return host === 'radio.example' ? ['127.0.0.1'] : ['10.0.0.1', '127.0.0.1'];
      },
    };
    const port = new URL(await station(icy([]))).port;
    const rules = { ...options, networks: ['10.0.0.0/8'] };
    for (const host of ['radio.example', 'other.example'])
      expect(await listen(`http://${host}:${port}/`, rules).ended).toMatchObject({
        code: 'source_not_allowed',
      });
    expect(asked).toEqual(['radio.example', 'other.example']);
  });

  it.each(['http://169.254.169.254/latest/meta-data', 'file:///etc/passwd', 'http://[::1]:9/'])(
    'is checked again for each redirect: %s is refused',
    async (location) => {
      const url = await station(
        (_request, response) => void response.writeHead(302, { Location: location }).end(),
      );
      expect(await listen(url).ended).toMatchObject({ code: 'source_not_allowed' });
    },
  );
});
