// What the RTSP client asks of a camera that has more than a picture, sends it elsewhere, or speaks TLS.
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PlayOptions, playRtsp, type RtspPlayback } from '@vedette/rtsp';
import { systemClock } from '@vedette/runtime';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type CameraScript, ScriptedCamera } from '../../simulators/testing/scripted-camera.ts';
import { eventually } from '../support/eventually.ts';
import { HeldClock } from '../support/held-clock.ts';
import { startTunnelFront } from '../support/http-tunnel-front.ts';
import { loopbackDial } from '../support/pulling.ts';

const VIDEO = 'm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\n';
const AUDIO = 'm=audio 0 RTP/AVP 8\r\na=control:track2\r\n';
const BOTH = `v=0\r\n${VIDEO}${AUDIO}`;

const open: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function camera(script: CameraScript = {}): Promise<ScriptedCamera> {
  const started = await ScriptedCamera.start({ sdp: BOTH, ...script });
  open.push(started);
  return started;
}

/** What came: the kind of media, and its SSRC. */
type Heard = (readonly [string, number])[];

async function play(
  url: string,
  options: Partial<PlayOptions> = {},
): Promise<{ playback: RtspPlayback; heard: Heard }> {
  const heard: Heard = [];
  const playback = await playRtsp({
    url,
    transport: 'tcp',
    dial: loopbackDial,
    clock: systemClock,
    signal: AbortSignal.timeout(20_000),
    onMedia: () => undefined,
    onRtp: (kind, data) => heard.push([kind, Buffer.from(data).readUInt32BE(8)]),
    onRtcp: () => undefined,
    ...options,
  });
  open.push({ [Symbol.asyncDispose]: () => playback.close() });
  return { playback, heard };
}

function rtp(ssrc: number, payloadType = 96): Buffer {
  const packet = Buffer.alloc(16);
  packet[0] = 0x80;
  packet[1] = payloadType;
  packet.writeUInt32BE(ssrc, 8);
  return packet;
}

const transportsOf = (asked: ScriptedCamera) =>
  asked.requests
    .filter(({ method }) => method === 'SETUP')
    .map(({ headers }) => headers.get('transport') ?? '');

describe('picture and sound of one camera', () => {
  test('are two media of one session, played and ended as a whole', async () => {
    const asked = await camera();
    const { playback, heard } = await play(asked.url);
    expect(asked.methods()).toEqual(['DESCRIBE', 'SETUP', 'SETUP', 'PLAY']);
    expect(transportsOf(asked)).toEqual([
      'RTP/AVP/TCP;unicast;interleaved=0-1',
      'RTP/AVP/TCP;unicast;interleaved=2-3',
    ]);
    expect(asked.request('SETUP')).toMatchObject({ url: `${asked.url}/track2` });
    expect(asked.request('SETUP')?.headers.get('session')).toBe('12345678');
    asked.each((client) => {
      client.packet(rtp(1), 0);
      client.packet(rtp(2, 8), 2);
    });
    await eventually('both are heard', () => heard.length === 2);
    expect(heard).toEqual([
      ['video', 1],
      ['audio', 2],
    ]);
    playback.sendRtcp('audio', Buffer.of(0x80, 201, 0, 1, 0, 0, 0, 7));
    await eventually('the report comes on its channel', () => asked.received[0]?.[1] === 3);
    await playback.close();
    expect(asked.request('PLAY')?.url).toBe(`${asked.url}/`);
    expect(asked.request('TEARDOWN')?.url).toBe(`${asked.url}/`);
  });

  test('come on the channels that the camera answers, odd or single ones too', async () => {
    const answers = ['interleaved=7-9', 'interleaved=4'];
    const asked = await camera({
      answer: ({ method }) =>
        method === 'SETUP'
          ? {
              headers: [
                ['Session', '42'],
                ['Transport', `RTP/AVP/TCP;${answers.shift()}`],
              ],
            }
          : undefined,
    });
    const { heard } = await play(asked.url);
    asked.each((client) => {
      for (const channel of [0, 7, 20, 4]) client.packet(rtp(channel), channel);
    });
    await eventually('two are heard', () => heard.length === 2);
    expect(heard).toEqual([
      ['video', 7],
      ['audio', 4],
    ]);
  });

  test.each([404, 453, 461, 500])('sound that is refused with %i is done without', async (status) => {
    const asked = await camera({
      answer: ({ method, url }) => (method === 'SETUP' && url.endsWith('track2') ? { status } : undefined),
    });
    const { playback } = await play(asked.url);
    expect(playback.media).toMatchObject({ video: { codec: 'h264' }, audio: undefined });
    expect(asked.connections).toBe(1);
  });

  test('a camera that hangs up when it is asked for sound is asked again without', async () => {
    const asked = await camera({
      answer: ({ method, url }, client) => {
        if (method === 'SETUP' && url.endsWith('track2')) client.close();
        return undefined;
      },
    });
    const { playback } = await play(asked.url);
    expect(asked.methods(2)).toEqual(['DESCRIBE', 'SETUP', 'PLAY']);
    expect(playback.media.audio).toBeUndefined();
  });

  test('a camera that plays nothing once it was asked for sound is asked again without', async () => {
    const asked = await camera({
      answer: ({ method, connection }) =>
        method === 'PLAY' && connection === 1 ? { status: 455 } : undefined,
    });
    const { playback } = await play(asked.url);
    expect(asked.methods(1)).toEqual(['DESCRIBE', 'SETUP', 'SETUP', 'PLAY', 'TEARDOWN']);
    expect(asked.methods(2)).toEqual(['DESCRIBE', 'SETUP', 'PLAY']);
    expect(playback.media.audio).toBeUndefined();
  });

  test('UDP that brings the sound without the picture does not work: TCP is tried', async () => {
    const asked = await camera({ onPlay: (client) => client.packet(rtp(2, 8), 2) });
    const clock = new HeldClock();
    const playing = play(asked.url, { transport: 'udp', clock });
    await eventually('it plays', () => asked.methods().includes('PLAY'));
    await eventually('its time is over', async () => {
      await clock.pass(1000);
      return asked.connections === 2;
    });
    expect((await playing).playback.media.audio).toBeDefined();
    expect(transportsOf(asked).at(-1)).toContain('TCP');
  });

  test('sound alone is played', async () => {
    const asked = await camera({ sdp: `v=0\r\n${AUDIO}` });
    const { playback } = await play(asked.url);
    expect(playback.media).toMatchObject({ video: undefined, audio: { audio: { codec: 'pcma' } } });
  });

  test('a picture in another codec is refused, though there is sound, unless the caller can use it', async () => {
    const asked = await camera({ sdp: `v=0\r\nm=video 0 RTP/AVP 26\r\n${AUDIO}` });
    await expect(play(asked.url)).rejects.toMatchObject({ code: 'codec_unsupported' });
    const { playback } = await play(asked.url, { anyVideo: true });
    expect(playback.media.video).toMatchObject({ encoding: 'JPEG', payloadType: 26 });
  });

  test('each comes to a pair of UDP ports of its own', async () => {
    const asked = await camera({
      onPlay: (client) => {
        client.packet(rtp(1), 0);
        client.packet(rtp(2, 8), 2);
      },
    });
    const { heard } = await play(asked.url, { transport: 'udp' });
    await eventually('both are heard', () => heard.length === 2);
    expect(Object.fromEntries(heard)).toEqual({ video: 1, audio: 2 });
    const ports = transportsOf(asked).map((one) => Number(/client_port=(\d+)-/.exec(one)?.[1]));
    expect(new Set(ports).size).toBe(2);
    for (const port of ports) expect(port % 2).toBe(0);
  });
});

describe('a redirection', () => {
  test('is followed, with the password only to the same host', async () => {
    const elsewhere = await camera({
      answer: ({ headers }) =>
        headers.has('authorization')
          ? undefined
          : { status: 401, headers: [['WWW-Authenticate', 'Basic realm="cam"']] },
    });
    const to = (host: string) =>
      camera({
        answer: () => ({
          status: 302,
          headers: [['Location', `rtsp://a:b@${host}:${elsewhere.port}/other`]],
        }),
      });
    const credentials = { username: 'viewer', password: 'secret' };
    await play((await to('127.0.0.1')).url, credentials);
    expect(elsewhere.request('DESCRIBE')?.url).toBe(`rtsp://127.0.0.1:${elsewhere.port}/other`);
    expect(elsewhere.methods()).toContain('PLAY');
    elsewhere.requests.length = 0;
    await expect(play((await to('localhost')).url, credentials)).rejects.toMatchObject({
      code: 'camera_credentials_rejected',
    });
    expect(elsewhere.requests.some(({ headers }) => headers.has('authorization'))).toBe(false);
  });

  test('without end is given up', async () => {
    const around = await camera({
      answer: () => ({ status: 301, headers: [['Location', `${around.url}/again`]] }),
    });
    await expect(play(around.url)).rejects.toMatchObject({ code: 'camera_protocol_error', step: 'describe' });
    expect(around.connections).toBe(4);
  });
});

describe('a tunnel of HTTP', () => {
  test('carries all of it: requests on a POST, answers and packets on a GET, under one cookie', async () => {
    const asked = await camera();
    const front = await startTunnelFront({ cameraPort: asked.port });
    open.push(front);
    const { playback, heard } = await play(`rtsp://127.0.0.1:${front.port}/live?x=1`, { transport: 'http' });
    expect(asked.methods()).toEqual(['DESCRIBE', 'SETUP', 'SETUP', 'PLAY']);
    expect(asked.request('DESCRIBE')?.url).toBe(`rtsp://127.0.0.1:${front.port}/live?x=1`);
    expect(front.heads.map((head) => head.split('\r\n')[0])).toEqual([
      'GET /live?x=1 HTTP/1.0',
      'POST /live?x=1 HTTP/1.0',
    ]);
    const cookies = front.heads.map((head) => /x-sessioncookie: (\w{22,})/.exec(head)?.[1]);
    expect(cookies[0]).toBeDefined();
    expect(cookies[1]).toBe(cookies[0]);
    asked.each((client) => client.packet(rtp(1)));
    await eventually('a packet', () => heard.length === 1);
    playback.sendRtcp('video', Buffer.of(0x80, 201, 0, 1, 0, 0, 0, 7));
    await eventually('a report', () => asked.received.length === 1);
    await playback.close();
    expect(asked.methods().at(-1)).toBe('TEARDOWN');
    await eventually('all is closed', () => asked.connectionsOpen === 0);
  });

  test('is signed where the camera wants it', async () => {
    const asked = await camera();
    const challenge = 'Digest realm="cam", nonce="n"';
    const front = await startTunnelFront({ cameraPort: asked.port, challenge });
    open.push(front);
    const url = `rtsp://127.0.0.1:${front.port}/live`;
    await expect(play(url, { transport: 'http' })).rejects.toMatchObject({
      code: 'camera_credentials_rejected',
    });
    await play(url, { transport: 'http', username: 'viewer', password: 'secret' });
    expect(front.heads.slice(-2).map((head) => /uri="[^"]*"/.exec(head)?.[0])).toEqual([
      'uri="/live"',
      'uri="/live"',
    ]);
  });

  test.each([
    ['speaks RTSP alone', 'RTSP/1.0 400 Bad Request\r\n\r\n', 'camera_protocol_error'],
    ['knows no such path', 'HTTP/1.1 404 Not Found\r\n\r\n', 'camera_not_found_on_device'],
  ])('is refused by a camera that %s', async (_what, answer, code) => {
    const asked = await camera({ answer: () => answer });
    await expect(play(asked.url, { transport: 'http' })).rejects.toMatchObject({ code, step: 'connect' });
    await eventually('all is closed', () => asked.connectionsOpen === 0);
  });

  test('is at port 80 where the address names none, at 443 under TLS', async () => {
    const ports: number[] = [];
    const dial = (_host: string, port: number) => {
      ports.push(port);
      return Promise.reject(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }));
    };
    for (const scheme of ['rtsp', 'rtsps'])
      await expect(play(`${scheme}://camera.test/`, { dial, transport: 'http' })).rejects.toThrow();
    expect(ports).toEqual([80, 443]);
  });
});

describe('rtsps', () => {
  let folder = '';
  let tls = { key: '', cert: '' };
  let sha256 = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vedette-rtsps-'));
    const files = [join(folder, 'key.pem'), join(folder, 'cert.pem')] as const;
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', files[0]];
    const name = ['-subj', '/CN=camera.test', '-addext', 'subjectAltName=DNS:camera.test'];
    execFileSync('openssl', ['req', '-x509', ...key, ...name, '-days', '2', '-out', files[1]], {
      stdio: 'ignore',
    });
    tls = { key: readFileSync(files[0], 'utf8'), cert: readFileSync(files[1], 'utf8') };
    sha256 = new X509Certificate(tls.cert).fingerprint256.replaceAll(':', '').toLowerCase();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('plays from a camera whose certificate has the fingerprint it is known by', async () => {
    const asked = await camera({ tls });
    const { heard } = await play(asked.url, { certificate: { check: 'pin', sha256 } });
    asked.each((client) => client.packet(rtp(1)));
    await eventually('a packet', () => heard.length === 1);
  });

  test('plays from a camera whose certificate is not looked at, over TCP whatever was asked for', async () => {
    const asked = await camera({ tls });
    await play(asked.url, { certificate: { check: 'none' }, transport: 'udp' });
    expect(transportsOf(asked)[0]).toContain('TCP');
  });

  test.each([
    ['another fingerprint', { check: 'pin', sha256: 'ab'.repeat(32) }],
    ['authorities, who do not know it', { check: 'authority' }],
    ['authorities by default', undefined],
  ] as const)('refuses a certificate by %s, before it asked anything', async (_how, certificate) => {
    const asked = await camera({ tls });
    await expect(play(asked.url, { certificate, username: 'u', password: 'p' })).rejects.toMatchObject({
      code: 'certificate_rejected',
      step: 'connect',
    });
    expect(asked.requests).toEqual([]);
  });

  test('tells the camera the name that it is asked by', async () => {
    const names: string[] = [];
    const asked = await camera({
      tls: {
        ...tls,
        SNICallback: (name, done) => {
          names.push(name);
          done(null);
        },
      },
    });
    await play(`rtsps://camera.test:${asked.port}/main`, {
      certificate: { check: 'none' },
      dial: (_host, port, signal) => loopbackDial('127.0.0.1', port, signal),
    });
    expect(names).toEqual(['camera.test']);
  });

  test('is asked for at port 322 where the address names none', async () => {
    const ports: number[] = [];
    const dial = (_host: string, port: number) => {
      ports.push(port);
      return Promise.reject(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }));
    };
    for (const scheme of ['rtsp', 'rtsps'])
      await expect(play(`${scheme}://camera.test/`, { dial })).rejects.toMatchObject({
        code: 'camera_refused',
      });
    expect(ports).toEqual([554, 322]);
  });

  test('speaks the TLS 1.0 of an old camera only where its certificate is not looked at', async () => {
    const asked = await camera({
      tls: { ...tls, minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' },
    });
    await expect(play(asked.url, { certificate: { check: 'pin', sha256 } })).rejects.toMatchObject({
      code: 'camera_protocol_error',
      step: 'connect',
    });
    await play(asked.url, { certificate: { check: 'none' } });
    expect(asked.methods().at(-1)).toBe('PLAY');
  });

  test('says so when the camera does not speak TLS', async () => {
    const asked = await camera({ answer: () => 'RTSP/1.0 400 Bad Request\r\n\r\n' });
    const opening = play(asked.url.replace('rtsp:', 'rtsps:'));
    await eventually('it is connected', () => asked.connections === 1);
    asked.each((client) => client.write('RTSP/1.0 400 Bad Request\r\n\r\n'));
    await expect(opening).rejects.toMatchObject({ code: 'camera_protocol_error', step: 'connect' });
  });

  test('is never left for an open connection by a redirection', async () => {
    const asked = await camera({
      tls,
      answer: () => ({ status: 302, headers: [['Location', 'rtsp://127.0.0.1:1/elsewhere']] }),
    });
    await expect(play(asked.url, { certificate: { check: 'none' } })).rejects.toMatchObject({
      code: 'camera_protocol_error',
      step: 'describe',
    });
  });

  test('drops what makes UniFi encrypt a second time', async () => {
    const asked = await camera({ tls });
    await play(`${asked.url}?enableSrtp&a=1`, { certificate: { check: 'none' } });
    expect(asked.request('DESCRIBE')?.url).toBe(`${asked.url}?a=1`);
  });
});
