import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Dial, type PlayOptions, playRtsp, type RtspPlayback } from '@vedette/rtsp';
import { type Clock, systemClock } from '@vedette/runtime';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { HeldClock } from '../support/held-clock.ts';
import { type CameraScript, ScriptedCamera } from '../support/scripted-camera.ts';

const VIDEO = 'm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\n';
const AUDIO = 'm=audio 0 RTP/AVP 8\r\na=control:track2\r\n';
const BOTH = `v=0\r\n${VIDEO}${AUDIO}`;

const dial: Dial = (host, port) =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });

function rtp(ssrc: number, payloadType = 96): Buffer {
  const packet = Buffer.alloc(16);
  packet[0] = 0x80;
  packet[1] = payloadType;
  packet.writeUInt32BE(ssrc, 8);
  return packet;
}

let camera: ScriptedCamera | undefined;
let playback: RtspPlayback | undefined;

afterEach(async () => {
  await playback?.close();
  await camera?.close();
  playback = undefined;
  camera = undefined;
});

interface Pull {
  readonly camera: ScriptedCamera;
  readonly playback: RtspPlayback;
  /** What came: the kind of media, and its SSRC. */
  readonly heard: (readonly [string, number])[];
}

async function pull(
  script: Partial<CameraScript>,
  options: Partial<PlayOptions> & { path?: string; clock?: Clock } = {},
): Promise<Pull> {
  const listening = await ScriptedCamera.listen({ sdp: BOTH, ...script });
  camera = listening;
  const heard: (readonly [string, number])[] = [];
  const playing = await playRtsp({
    url: listening.url + (options.path ?? ''),
    transport: 'tcp',
    dial,
    clock: systemClock,
    signal: AbortSignal.timeout(20_000),
    onMedia: () => undefined,
    onRtp: (kind, data) => heard.push([kind, Buffer.from(data).readUInt32BE(8)]),
    onRtcp: () => undefined,
    ...options,
  });
  playback = playing;
  return { camera: listening, playback: playing, heard };
}

describe('picture and sound of one camera', () => {
  test('are two media of one session, played and ended as a whole', async () => {
    const { camera, playback, heard } = await pull({});
    expect(camera.methods).toEqual(['DESCRIBE', 'SETUP', 'SETUP', 'PLAY']);
    expect(camera.asked('SETUP').map((one) => [one.url, one.headers.get('transport')])).toEqual([
      [`${camera.url}/track1`, 'RTP/AVP/TCP;unicast;interleaved=0-1'],
      [`${camera.url}/track2`, 'RTP/AVP/TCP;unicast;interleaved=2-3'],
    ]);
    expect(camera.asked('SETUP')[1]?.headers.get('session')).toBe('42');
    camera.send(0, rtp(1));
    camera.send(2, rtp(2, 8));
    await eventually('both are heard', () => heard.length === 2);
    expect(heard).toEqual([
      ['video', 1],
      ['audio', 2],
    ]);
    playback.sendRtcp('audio', Buffer.of(0x80, 201, 0, 1, 0, 0, 0, 7));
    await eventually('the report came on its channel', () => camera.received[0]?.[1] === 3);
    await playback.close();
    expect(camera.asked('PLAY')[0]?.url).toBe(camera.url);
    expect(camera.asked('TEARDOWN')).toMatchObject([{ url: camera.url }]);
  });

  test('the camera has the last word about channels, odd or single ones too; what belongs to nobody is left', async () => {
    const answers = ['interleaved=7-9', 'interleaved=4'];
    const { camera, heard } = await pull({
      answer: ({ method }) =>
        method === 'SETUP'
          ? { headers: ['Session: 42', `Transport: RTP/AVP/TCP;${answers.shift()}`] }
          : undefined,
    });
    camera.send(0, rtp(1));
    camera.send(7, rtp(2));
    camera.send(20, rtp(3));
    camera.send(4, rtp(4));
    await eventually('two are heard', () => heard.length === 2);
    expect(heard).toEqual([
      ['video', 2],
      ['audio', 4],
    ]);
  });

  test.each([404, 453, 461, 500])('sound that is refused with %i is done without', async (status) => {
    const { camera, playback } = await pull({
      answer: ({ method, url }) => (method === 'SETUP' && url.endsWith('track2') ? { status } : undefined),
    });
    expect(camera.methods.at(-1)).toBe('PLAY');
    expect(playback.media).toMatchObject({ video: { codec: 'h264' }, audio: undefined });
  });

  test('a camera that hangs up when it is asked for sound is asked again without', async () => {
    const { camera, playback } = await pull({
      answer: ({ method, url, socket }) => {
        if (method === 'SETUP' && url.endsWith('track2')) socket.destroy();
        return undefined;
      },
    });
    expect(camera.connections).toBe(2);
    expect(playback.media.audio).toBeUndefined();
  });

  test('sound alone is played', async () => {
    const { playback } = await pull({ sdp: `v=0\r\n${AUDIO}` });
    expect(playback.media).toMatchObject({ video: undefined, audio: { audio: { codec: 'pcma' } } });
  });

  test('a back channel is not asked for', async () => {
    const { camera } = await pull({ sdp: `v=0\r\n${VIDEO}${AUDIO}a=sendonly\r\n` });
    expect(camera.asked('SETUP')).toHaveLength(1);
  });

  test('a picture in another codec is refused, though there is sound, unless the caller can use it', async () => {
    const sdp = `v=0\r\nm=video 0 RTP/AVP 26\r\n${AUDIO}`;
    await expect(pull({ sdp })).rejects.toMatchObject({ code: 'codec_unsupported' });
    await camera?.close();
    const { playback } = await pull({ sdp }, { anyVideo: true });
    expect(playback.media.video).toMatchObject({ encoding: 'JPEG', payloadType: 26 });
  });

  test('each comes to a pair of UDP ports of its own', async () => {
    const listening = await ScriptedCamera.listen({ sdp: BOTH });
    camera = listening;
    const over = new AbortController();
    const opening = playRtsp({
      url: listening.url,
      transport: 'udp',
      dial,
      clock: systemClock,
      signal: over.signal,
      onMedia: () => undefined,
      onRtp: () => undefined,
      onRtcp: () => undefined,
    });
    await eventually('PLAY', () => listening.methods.includes('PLAY'));
    const ports = listening
      .asked('SETUP')
      .map((one) => Number(/client_port=(\d+)-/.exec(one.headers.get('transport') ?? '')?.[1]));
    expect(new Set(ports).size).toBe(2);
    for (const port of ports) expect(port % 2).toBe(0);
    over.abort();
    await expect(opening).rejects.toThrow();
    await eventually('goodbye', () => listening.methods.includes('TEARDOWN'));
  });
});

describe('packets of another session', () => {
  test('on the connection before ours began are left out, and what their sender goes on with (old live555)', async () => {
    const { camera, heard } = await pull({
      onConnection: (socket) => {
        const stale = rtp(99);
        socket.write(Buffer.concat([Buffer.from([0x24, 0, 0, stale.length]), stale]));
      },
    });
    camera.send(0, rtp(99));
    camera.send(0, rtp(1));
    camera.send(0, rtp(99));
    camera.send(0, rtp(1));
    await eventually('two are heard', () => heard.length === 2);
    expect(heard).toEqual([
      ['video', 1],
      ['video', 1],
    ]);
  });
});

describe('keep-alive', () => {
  /** Methods of the first four, each chosen with the answer to the one before it in mind. */
  async function answered(publicMethods: string | undefined, refused: readonly string[]) {
    const clock = new HeldClock();
    const { camera } = await pull(
      {
        answer: ({ method }) => {
          if (refused.includes(method)) return { status: 501 };
          return method === 'OPTIONS'
            ? { headers: publicMethods === undefined ? [] : [`Public: ${publicMethods}`] }
            : undefined;
        },
      },
      { clock },
    );
    const before = camera.requests.length;
    for (let n = 1; n <= 4; n += 1) {
      await clock.pass(30_000);
      await eventually('it is asked', () => camera.requests.length === before + n);
      camera.write('OPTIONS rtsp://you RTSP/1.0\r\nCSeq: 9\r\n\r\n');
      await eventually('all before it is read', () => camera.answers.length === n);
    }
    return camera.methods.slice(before);
  }

  test.each([
    ['GET_PARAMETER where the camera knows it', 'OPTIONS, GET_PARAMETER', [], 'GET_PARAMETER'],
    ['OPTIONS where it knows nothing else', 'OPTIONS, DESCRIBE', [], 'OPTIONS'],
    ['OPTIONS where it says nothing of itself', undefined, [], 'OPTIONS'],
    ['GET_PARAMETER where OPTIONS is refused', undefined, ['OPTIONS'], 'GET_PARAMETER'],
    ['SET_PARAMETER where nothing else is left', undefined, ['OPTIONS', 'GET_PARAMETER'], 'SET_PARAMETER'],
    ['OPTIONS where GET_PARAMETER is a lie', 'OPTIONS, GET_PARAMETER', ['GET_PARAMETER'], 'OPTIONS'],
  ] as const)('is OPTIONS first, then %s', async (_rule, publicMethods, refused, method) => {
    const methods = await answered(publicMethods, refused);
    expect(methods[0]).toBe('OPTIONS');
    expect(methods[3]).toBe(method);
    expect(camera?.connections).toBe(1);
  });

  test('comes at half the time that the camera gives, and is never waited for', async () => {
    const clock = new HeldClock();
    const { camera } = await pull(
      {
        answer: ({ method }) => {
          if (method === 'OPTIONS') return 'silence';
          return method === 'SETUP'
            ? { headers: ['Session: 42;timeout=20', 'Transport: RTP/AVP/TCP;interleaved=0-1'] }
            : undefined;
        },
      },
      { clock },
    );
    for (let n = 1; n <= 4; n += 1) {
      await clock.pass(10_000);
      await eventually('it is asked', () => camera.asked('OPTIONS').length === n);
    }
    expect(camera.asked('OPTIONS')[0]).toMatchObject({ url: camera.url });
    expect(camera.asked('OPTIONS')[0]?.headers.get('session')).toBe('42');
  });

  test('that is answered 401 with a new nonce is signed again, once (Axis)', async () => {
    const clock = new HeldClock();
    let nonce = 'first';
    const { camera } = await pull(
      {
        answer: ({ headers }) =>
          headers.get('authorization')?.includes(`nonce="${nonce}"`) === true
            ? undefined
            : { status: 401, headers: [`WWW-Authenticate: Digest realm="cam", nonce="${nonce}"`] },
      },
      { clock, username: 'viewer', password: 'secret' },
    );
    nonce = 'second';
    await clock.pass(30_000);
    await eventually('it is asked twice', () => camera.asked('OPTIONS').length === 2);
    expect(camera.asked('OPTIONS')[1]?.headers.get('authorization')).toContain('nonce="second"');
  });
});

describe('a camera that asks', () => {
  test('is answered 200 to OPTIONS and 501 to all else, and goes on sending', async () => {
    const { camera, heard } = await pull({});
    camera.write('OPTIONS rtsp://you RTSP/1.0\r\nCSeq: 1\r\n\r\n');
    camera.write('ANNOUNCE rtsp://you RTSP/1.0\r\nCSeq: 2\r\nContent-Length: 4\r\n\r\nv=0\n');
    camera.send(0, rtp(1));
    await eventually('a packet', () => heard.length === 1);
    expect(camera.answers).toEqual(['200', '501']);
  });
});

describe('a redirection', () => {
  const signed: CameraScript['answer'] = ({ headers }) =>
    headers.has('authorization')
      ? undefined
      : { status: 401, headers: ['WWW-Authenticate: Basic realm="cam"'] };

  test('is followed, with the password only to the same host', async () => {
    const elsewhere = await ScriptedCamera.listen({ sdp: BOTH, answer: signed });
    const to = (host: string): Partial<CameraScript> => ({
      answer: () => ({ status: 302, headers: [`Location: rtsp://a:b@${host}:${elsewhere.port}/other`] }),
    });
    const credentials = { username: 'viewer', password: 'secret' };
    try {
      await pull(to('127.0.0.1'), credentials);
      expect(elsewhere.asked('DESCRIBE')[1]?.url).toBe(`rtsp://127.0.0.1:${elsewhere.port}/other`);
      expect(elsewhere.asked('PLAY')).toHaveLength(1);
      await playback?.close();
      await camera?.close();
      elsewhere.requests.length = 0;
      await expect(pull(to('localhost'), credentials)).rejects.toMatchObject({
        code: 'camera_credentials_rejected',
      });
      expect(elsewhere.requests.some((one) => one.headers.has('authorization'))).toBe(false);
    } finally {
      await playback?.close();
      await elsewhere.close();
    }
  });

  test('without end is given up', async () => {
    const around = pull({
      answer: ({ socket }) => ({
        status: 301,
        headers: [`Location: rtsp://127.0.0.1:${socket.localPort}/again`],
      }),
    });
    await expect(around).rejects.toMatchObject({ code: 'camera_protocol_error', step: 'describe' });
    expect(camera?.connections).toBe(4);
  });
});

describe('rtsps', () => {
  let folder = '';
  let tls = { key: '', cert: '' };
  let sha256 = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vedette-rtsps-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=camera.test', '-addext', 'subjectAltName=DNS:camera.test', '-days', '2'];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        ...subject,
      ].concat(['-keyout', key, '-out', cert]),
      { stdio: 'ignore' },
    );
    tls = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
    sha256 = new X509Certificate(tls.cert).fingerprint256.replaceAll(':', '').toLowerCase();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('plays from a camera whose certificate has the fingerprint it is known by', async () => {
    const { camera, heard } = await pull({ tls }, { certificate: { check: 'pin', sha256 } });
    camera.send(0, rtp(1));
    await eventually('a packet', () => heard.length === 1);
  });

  test('plays from a camera whose certificate is not looked at, over TCP whatever was asked for', async () => {
    const { camera } = await pull({ tls }, { certificate: { check: 'none' }, transport: 'udp' });
    expect(camera.asked('SETUP')[0]?.headers.get('transport')).toContain('TCP');
  });

  test.each([
    ['another fingerprint', { check: 'pin', sha256: 'ab'.repeat(32) }],
    ['authorities, who do not know it', { check: 'authority' }],
    ['authorities by default', undefined],
  ] as const)('refuses a certificate by %s, before it asked anything', async (_how, certificate) => {
    await expect(pull({ tls }, { certificate, username: 'u', password: 'secret' })).rejects.toMatchObject({
      code: 'certificate_rejected',
      step: 'connect',
    });
    expect(camera?.requests).toEqual([]);
  });

  test('tells the camera the name that it is asked by', async () => {
    const names: unknown[] = [];
    const listening = await ScriptedCamera.listen({
      sdp: BOTH,
      tls,
      onConnection: (socket) => names.push('servername' in socket ? socket.servername : undefined),
    });
    camera = listening;
    playback = await playRtsp({
      url: `rtsps://camera.test:${listening.port}/live`,
      transport: 'tcp',
      certificate: { check: 'none' },
      dial: (_host, port, signal) => dial('127.0.0.1', port, signal),
      clock: systemClock,
      signal: AbortSignal.timeout(20_000),
      onMedia: () => undefined,
      onRtp: () => undefined,
      onRtcp: () => undefined,
    });
    expect(names).toEqual(['camera.test']);
  });

  test('says so when the camera does not speak TLS', async () => {
    const listening = await ScriptedCamera.listen({
      sdp: BOTH,
      onConnection: (socket) => socket.write('RTSP/1.0 400 Bad Request\r\n\r\n'),
    });
    camera = listening;
    const opening = playRtsp({
      url: listening.url.replace('rtsp:', 'rtsps:'),
      transport: 'tcp',
      dial,
      clock: systemClock,
      signal: AbortSignal.timeout(20_000),
      onMedia: () => undefined,
      onRtp: () => undefined,
      onRtcp: () => undefined,
    });
    await expect(opening).rejects.toMatchObject({ code: 'camera_protocol_error', step: 'connect' });
  });

  test('is never left for an open connection by a redirection', async () => {
    const redirected = pull(
      {
        tls,
        answer: ({ method }) =>
          method === 'DESCRIBE'
            ? { status: 302, headers: ['Location: rtsp://127.0.0.1:1/elsewhere'] }
            : undefined,
      },
      { certificate: { check: 'none' } },
    );
    await expect(redirected).rejects.toMatchObject({ code: 'camera_protocol_error', step: 'describe' });
  });

  test('drops what makes UniFi encrypt a second time', async () => {
    const { camera } = await pull({ tls }, { certificate: { check: 'none' }, path: '?enableSrtp&a=1' });
    expect(camera.asked('DESCRIBE')[0]?.url).toBe(`${camera.url}?a=1`);
  });
});
