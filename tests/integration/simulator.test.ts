// The simulated cameras as others see them: ffprobe, an ONVIF client, a raw RTSP client, the control API, the program.
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Simulator, type SimulatorOptions, startSimulator } from '@vedette/simulators';
import onvif from 'onvif';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFrameStrip } from '../../simulators/cameras/clip/frame-strip.ts';
import { parseParameters } from '../../simulators/cameras/rtsp/digest-auth.ts';
import type { SimulatedCamera } from '../../simulators/cameras/simulated-camera.ts';
import { readNals, readPacket } from '../../simulators/testing/depacketize.ts';
import { RawRtspClient } from '../../simulators/testing/raw-rtsp-client.ts';
import { eventually } from '../support/eventually.ts';

const run = promisify(execFile);
const PASSWORD = 'p@ss word:1';
const MAIN = fileURLToPath(new URL('../../simulators/main.ts', import.meta.url));

const start = (options: SimulatorOptions = {}): Promise<Simulator> =>
  startSimulator({ cameras: 1, basePort: 0, password: PASSWORD, discovery: false, ...options });

function only(simulator: Simulator): SimulatedCamera {
  const camera = simulator.cameras[0];
  if (camera === undefined) throw new Error('there is no camera');
  return camera;
}

function withCredentials(url: string): string {
  return url.replace('rtsp://', `rtsp://vedette:${encodeURIComponent(PASSWORD)}@`);
}

/** True when the picture in these packets can be decoded from scratch. */
function beginsWithKey(client: RawRtspClient): boolean {
  const first = client.frames.filter(({ channel }) => channel === 0).map(({ bytes }) => readPacket(bytes));
  const picture = first.filter(({ timestamp }) => timestamp === first[0]?.timestamp);
  return readNals(picture).some((nal) => ((nal[0] ?? 0) & 31) === 5);
}

const rtpOf = (client: RawRtspClient) => client.frames.filter(({ channel }) => channel === 0);
const connect = (camera: SimulatedCamera, profile: 'main' | 'sub' = 'main') =>
  RawRtspClient.connect(camera.rtspUrl(profile), camera);

describe('a simulated camera over RTSP', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await start({ cameras: 9 });
  });
  afterAll(() => simulator.close());

  it.each([
    { profile: 'main', size: [1280, 720], fps: '15/1', frames: 240 },
    { profile: 'sub', size: [320, 180], fps: '8/1', frames: 128 },
  ] as const)('is read by ffprobe over TCP and UDP: $profile', async ({ profile, size, fps }) => {
    const camera = only(simulator);
    const before = camera.counts().profiles[profile];
    for (const transport of ['tcp', 'udp']) {
      const { stdout, stderr } = await run('ffprobe', [
        ...['-v', 'warning', '-rtsp_transport', transport, '-analyzeduration', '1000000', '-of', 'json'],
        ...['-show_entries', 'stream=codec_name,width,height,has_b_frames,r_frame_rate'],
        withCredentials(camera.rtspUrl(profile)),
      ]);
      expect(stderr).toBe('');
      expect(JSON.parse(stdout).streams).toEqual([
        { codec_name: 'h264', width: size[0], height: size[1], has_b_frames: 0, r_frame_rate: fps },
      ]);
    }
    await eventually('both clients have gone', () => camera.counts().profiles[profile].playing === 0);
    const after = camera.counts().profiles[profile];
    expect([after.describe - before.describe, after.setup - before.setup]).toEqual([2, 2]);
    expect([after.play - before.play, after.teardown - before.teardown]).toEqual([2, 2]);
  });

  it('shows its scene, and in the strip the frame numbers that its time line tells', async () => {
    const camera = simulator.cameras[3];
    if (camera === undefined) throw new Error('there is no fourth camera');
    const { stdout } = await run(
      'ffmpeg',
      [
        ...['-v', 'error', '-rtsp_transport', 'tcp', '-i', withCredentials(camera.rtspUrl('sub'))],
        ...['-frames:v', '12', '-vf', 'scale=160:90', '-pix_fmt', 'gray', '-f', 'rawvideo', '-'],
      ],
      { encoding: 'buffer', maxBuffer: 10_000_000 },
    );
    const strips = Array.from({ length: 12 }, (_, picture) =>
      readFrameStrip(
        Array.from(
          { length: 16 },
          (_, block) => stdout[picture * 160 * 90 + 87 * 160 + block * 10 + 5] ?? 128,
        ),
      ),
    );
    const first = strips[0]?.frame ?? -1;
    expect(strips).toEqual(strips.map((_, i) => ({ scene: 4, frame: (first + i) % 128 })));
    const told = camera.timeline('sub').recent.map(({ frame }) => frame);
    expect(told).toEqual(expect.arrayContaining(strips.map((strip) => strip?.frame)));
  });

  it('counts what it was asked for, and how many watched at once', async () => {
    const camera = simulator.cameras[1];
    if (camera === undefined) throw new Error('there is no second camera');
    const clients = await Promise.all([connect(camera), connect(camera), connect(camera, 'sub')]);
    for (const client of clients) await client.play();
    await eventually('all get pictures', () => clients.every((client) => client.frames.length > 3));
    expect(camera.counts()).toMatchObject({
      connectionsOpen: 3,
      connectionsTotal: 3,
      profiles: { main: { playing: 2, maxPlaying: 2, play: 2 }, sub: { playing: 1, maxPlaying: 1 } },
    });
    expect((await clients[0]?.request('TEARDOWN'))?.status).toBe(200);
    clients[1]?.close();
    await eventually('two have gone', () => camera.counts().profiles.main.playing === 0);
    const { main, sub } = camera.counts().profiles;
    expect(main).toMatchObject({ teardown: 1, ended: 1, maxPlaying: 2 });
    expect(Math.abs(Date.now() - (main.lastTeardownAtMs ?? 0))).toBeLessThan(5000);
    expect(sub).toMatchObject({ teardown: 0, playing: 1, lastTeardownAtMs: null });
    for (const client of clients) client.close();
    await eventually('all connections are closed', () => camera.counts().connectionsOpen === 0);
  });

  it('reports a clock that its pictures agree with', async () => {
    const camera = simulator.cameras[2];
    if (camera === undefined) throw new Error('there is no third camera');
    const client = await connect(camera);
    await client.play('RTP/AVP/TCP;unicast;interleaved=6-7');
    const report = await eventually(
      'a sender report',
      () => client.frames.find(({ channel }) => channel === 7)?.bytes,
    );
    await eventually('a few pictures', () => client.frames.length > 20);
    client.close();
    const { ssrc, recent } = camera.timeline('main');
    expect(report.readUInt32BE(4)).toBe(ssrc);
    const wallMs =
      (report.readUInt32BE(8) - 2_208_988_800) * 1000 + (report.readUInt32BE(12) / 2 ** 32) * 1000;
    for (const { sentAtMs, rtp } of recent) {
      const shownMs = wallMs + ((rtp - report.readUInt32BE(16)) | 0) / 90;
      expect(sentAtMs - shownMs).toBeGreaterThan(-2);
      expect(sentAtMs - shownMs).toBeLessThan(100);
    }
    expect(new Set(client.frames.map(({ channel }) => channel))).toEqual(new Set([6, 7]));
  });

  it('refuses what it does not know, and lives on', async () => {
    const camera = simulator.cameras[4];
    if (camera === undefined) throw new Error('there is no fifth camera');
    const client = await connect(camera);
    expect((await client.send('DESCRIBE')).status).toBe(401);
    expect((await client.request('DESCRIBE', { path: 'x' })).status).toBe(404);
    expect((await client.request('PLAY')).status).toBe(454);
    expect((await client.request('RECORD')).status).toBe(405);
    expect((await client.request('FROBNICATE')).status).toBe(501);
    const multicast = { transport: 'RTP/AVP;multicast' };
    expect((await client.request('SETUP', { headers: multicast })).status).toBe(461);
    expect((await client.request('OPTIONS')).headers.get('public')).toContain('TEARDOWN');
    const wrong = await RawRtspClient.connect(camera.rtspUrl('main'), {
      username: 'vedette',
      password: 'wrong',
    });
    expect((await wrong.request('DESCRIBE')).status).toBe(401);
    expect(camera.counts().credentialsRefused).toBe(1);
    const described = await client.request('DESCRIBE');
    expect(described.headers.get('content-base')).toBe(`${camera.rtspUrl('main')}/`);
    expect(described.body).toMatch(
      /a=fmtp:96 packetization-mode=1;profile-level-id=64001f;sprop-parameter-sets=\S+,\S+/,
    );
    expect(described.body).toContain('a=framerate:15');
    client.close();
    wrong.close();
  });
});

describe('key frames', () => {
  it('come first for the only client of a profile; a later one joins where the picture is', async () => {
    await using simulator = await start();
    const camera = only(simulator);
    const first = await connect(camera);
    await first.play();
    await eventually('the first has pictures', () => rtpOf(first).length > 60);
    expect(beginsWithKey(first)).toBe(true);
    const key = camera.timeline('main').frame % 30;
    if (key > 25) await eventually('past the key frame', () => camera.timeline('main').frame % 30 < 20);
    const second = await connect(camera);
    await second.play();
    await eventually('the second has pictures', () => rtpOf(second).length > 3);
    expect(beginsWithKey(second)).toBe(false);
    first.close();
    second.close();
  });

  it('are only the scheduled ones with keyFrameOnPlay off', async () => {
    await using simulator = await start({ keyFrameOnPlay: false });
    const camera = only(simulator);
    await eventually('a moment within the GOP', () => {
      const place = camera.timeline('main').frame % 30;
      return place > 2 && place < 20;
    });
    const client = await connect(camera);
    await client.play();
    await eventually('pictures', () => rtpOf(client).length > 3);
    expect(beginsWithKey(client)).toBe(false);
    client.close();
  });

  it.each(['ONVIF SetSynchronizationPoint', 'RTSP Renew-Stream'])('are made on %s', async (way) => {
    await using simulator = await start();
    const camera = only(simulator);
    const client = await connect(camera);
    await client.play();
    await eventually('a few pictures', () => camera.counts().profiles.main.pictures > 5);
    if (way === 'RTSP Renew-Stream') await client.request('SET_PARAMETER', { body: 'Renew-Stream: yes\r\n' });
    else await call(await connectOnvif(camera), 'setSynchronizationPoint', {});
    const sent = camera.counts().profiles.main.pictures;
    await eventually('the next pictures', () => camera.counts().profiles.main.pictures > sent + 2);
    expect(
      camera
        .timeline('main')
        .recent.slice(sent, sent + 2)
        .some(({ frame }) => frame % 30 === 0),
    ).toBe(true);
    client.close();
  });
});

describe('a silent client', () => {
  it('is dropped after the session timeout, one that gives a sign of life is not', async () => {
    await using simulator = await start({ sessionTimeoutMs: 1000 });
    const camera = only(simulator);
    const [silent, options, receiverReports] = await Promise.all([
      connect(camera),
      connect(camera),
      connect(camera),
    ]);
    for (const client of [silent, options, receiverReports]) await client.play();
    const keepAlive = setInterval(() => {
      void options.request('OPTIONS');
      receiverReports.sendInterleaved(1, Buffer.of(0x80, 201, 0, 1, 0, 0, 0, 1));
    }, 200);
    await eventually('the silent one is dropped', () => silent.closed);
    clearInterval(keepAlive);
    expect([options.closed, receiverReports.closed]).toEqual([false, false]);
    expect(camera.counts()).toMatchObject({ sessionsTimedOut: 1, connectionsOpen: 2 });
    expect(camera.counts().keepAlives).toBeGreaterThan(2);
    options.close();
    receiverReports.close();
  });

  it('is kept over UDP by its RTCP, sent to the server port of the answer', async () => {
    await using simulator = await start({ sessionTimeoutMs: 1000 });
    const camera = only(simulator);
    const rtp = createSocket('udp4').bind(0, '127.0.0.1');
    const rtcp = createSocket('udp4').bind(0, '127.0.0.1');
    await eventually('the ports are open', () => rtp.address().port > 0 && rtcp.address().port > 0);
    const packets: Buffer[] = [];
    const reports: Buffer[] = [];
    rtp.on('message', (packet) => packets.push(packet));
    rtcp.on('message', (packet) => reports.push(packet));
    const client = await connect(camera);
    const ports = `${rtp.address().port}-${rtcp.address().port}`;
    const setup = await client.play(`RTP/AVP;unicast;client_port=${ports}`);
    const serverPorts = /server_port=(\d+)-(\d+)/.exec(setup.headers.get('transport') ?? '');
    expect(Number(serverPorts?.[2])).toBe(Number(serverPorts?.[1]) + 1);
    const started = performance.now();
    const keepAlive = setInterval(
      () => rtcp.send(Buffer.of(0x80, 201, 0, 1, 0, 0, 0, 1), Number(serverPorts?.[2]), '127.0.0.1'),
      200,
    );
    await eventually('it has lived twice the timeout', () => performance.now() - started > 2200);
    expect(client.closed).toBe(false);
    const sequences = packets.map((packet) => readPacket(packet).sequence);
    expect(sequences).toEqual(sequences.map((_, i) => ((sequences[0] ?? 0) + i) & 0xffff));
    expect(reports.length).toBeGreaterThan(0);
    clearInterval(keepAlive);
    await eventually('without RTCP it is dropped', () => client.closed);
    rtp.close();
    rtcp.close();
  });
});

describe('credentials', () => {
  it('are asked for again with a fresh nonce when the old one is stale', async () => {
    await using simulator = await start({ nonceLifeMs: 300, auth: ['digest-sha256'] });
    const client = await connect(only(simulator));
    await client.play();
    const refused = await eventually('the nonce is stale', async () => {
      const answer = await client.send('GET_PARAMETER');
      return answer.status === 401 && answer;
    });
    expect(refused.headers.get('www-authenticate')).toMatch(/algorithm=SHA-256, stale=TRUE/);
    expect((await client.request('GET_PARAMETER')).status).toBe(200);
    client.close();
  });
});

describe('a camera at fault', () => {
  it('refuses connections, loses those it had, and comes back', async () => {
    await using simulator = await start();
    const camera = only(simulator);
    const client = await connect(camera);
    await client.play();
    await camera.fault({ kind: 'refuse' });
    await eventually('the connection is closed', () => client.closed);
    await expect(connect(camera)).rejects.toThrow('ECONNREFUSED');
    await expect(fetch(`http://127.0.0.1:${camera.onvif.port}/`)).rejects.toThrow();
    await camera.fault({ kind: 'none' });
    const again = await connect(camera);
    await again.play();
    again.close();
  });

  it('hangs: connects, answers nothing, sends nothing, keeps what is open', async () => {
    await using simulator = await start();
    const camera = only(simulator);
    const playing = await connect(camera);
    await playing.play();
    await eventually('pictures', () => playing.frames.length > 0);
    await camera.fault({ kind: 'hang' });
    const { pictures } = camera.counts().profiles.main;
    const client = await connect(camera);
    let answered = false;
    void client.send('OPTIONS').then(() => {
      answered = true;
    });
    const http = fetch(`http://127.0.0.1:${camera.onvif.port}/onvif/device_service`, {
      method: 'POST',
      body: 'x',
      signal: AbortSignal.timeout(500),
    });
    await expect(http).rejects.toThrow('timeout');
    expect(answered).toBe(false);
    expect([client.closed, playing.closed]).toEqual([false, false]);
    expect(camera.counts().profiles.main.pictures).toBe(pictures);
    client.close();
    playing.close();
  });

  it('drops its connections once, by FIN or by RST', async () => {
    await using simulator = await start();
    const camera = only(simulator);
    for (const reset of [false, true]) {
      const client = await connect(camera);
      await client.play();
      await camera.fault({ kind: 'drop', reset });
      await eventually('it is closed', () => client.closed);
      expect(client.closeError).toBe(reset ? 'ECONNRESET' : undefined);
    }
    expect(camera.counts().profiles.main).toMatchObject({ play: 2, teardown: 0, ended: 2 });
  });

  it('freezes and thaws: requests are answered, pictures stop, then go on without a gap in sequence', async () => {
    await using simulator = await start();
    const camera = only(simulator);
    const client = await connect(camera);
    await client.play();
    await eventually('pictures', () => rtpOf(client).length > 30);
    await camera.fault({ kind: 'freeze' });
    const frozen = camera.counts().profiles.main.pictures;
    expect((await client.request('GET_PARAMETER')).status).toBe(200);
    await fetch(`${simulator.controlUrl}/cameras`);
    expect(camera.counts().profiles.main.pictures).toBe(frozen);
    await camera.fault({ kind: 'none' });
    await eventually('pictures again', () => camera.counts().profiles.main.pictures > frozen + 3);
    const sequences = rtpOf(client).map(({ bytes }) => readPacket(bytes).sequence);
    expect(sequences).toEqual(sequences.map((_, i) => ((sequences[0] ?? 0) + i) & 0xffff));
    client.close();
  });

  it('rejects the right password on RTSP, ONVIF and the snapshot, and lets pictures flow on', async () => {
    await using simulator = await start();
    const camera = only(simulator);
    const playing = await connect(camera);
    await playing.play();
    await camera.fault({ kind: 'wrong-password' });
    const client = await connect(camera);
    expect((await client.request('DESCRIBE')).status).toBe(401);
    await expect(connectOnvif(camera).then((cam) => call(cam, 'getProfiles'))).rejects.toThrow(
      'not authorized',
    );
    const { pictures } = camera.counts().profiles.main;
    await eventually('pictures flow on', () => camera.counts().profiles.main.pictures > pictures + 2);
    await camera.fault({ kind: 'none' });
    expect((await client.request('DESCRIBE')).status).toBe(200);
    client.close();
    playing.close();
  });

  it('restarts on the same ports with new RTP state', async () => {
    await using simulator = await start();
    const camera = only(simulator);
    const url = camera.rtspUrl('main');
    const { ssrc } = camera.timeline('main');
    const client = await connect(camera);
    await client.play();
    const downMs = 400;
    const at = performance.now();
    await camera.fault({ kind: 'restart', downMs });
    await eventually('the client lost its connection', () => client.closed);
    await expect(connect(camera)).rejects.toThrow('ECONNREFUSED');
    expect(camera.currentFault).toBe('restart');
    const again = await eventually('it is back', () => connect(camera));
    expect(performance.now() - at).toBeGreaterThanOrEqual(downMs - 5);
    expect(camera.rtspUrl('main')).toBe(url);
    expect(camera.currentFault).toBe('none');
    await again.play();
    expect(camera.timeline('main').ssrc).not.toBe(ssrc);
    again.close();
  });

  it('is slow: answers and pictures come late by as much as it was told', async () => {
    await using simulator = await start();
    const camera = only(simulator);
    await camera.fault({ kind: 'slow', delayMs: 300 });
    const client = await connect(camera);
    const at = performance.now();
    await client.play();
    // DESCRIBE twice (the first is the challenge), SETUP, PLAY
    expect(performance.now() - at).toBeGreaterThanOrEqual(4 * 300 - 10);
    const [picture] = await eventually('a picture', () => rtpOf(client).length > 0 && rtpOf(client));
    const { timestamp } = readPacket(picture?.bytes ?? Buffer.alloc(12));
    const sent = camera.timeline('main').recent.find(({ rtp }) => rtp === timestamp);
    expect(Date.now() - (sent?.sentAtMs ?? Date.now())).toBeGreaterThanOrEqual(295);
    client.close();
  });
});

interface OnvifCam {
  readonly [method: string]: unknown;
}

/** Connects the npm client `onvif`, which knows callbacks only. */
function connectOnvif(camera: SimulatedCamera, password = camera.password): Promise<OnvifCam> {
  return new Promise((resolve, reject) => {
    const options = {
      hostname: camera.onvif.host,
      port: camera.onvif.port,
      username: camera.username,
      password,
    };
    const cam = new onvif.Cam(options, (error: unknown) => {
      if (error instanceof Error) reject(error);
      else resolve(cam as unknown as OnvifCam);
    });
  });
}

function call(cam: OnvifCam, method: string, ...input: unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const target = cam[method] as (...all: unknown[]) => void;
    target.call(cam, ...input, (error: unknown, answer: unknown) =>
      error ? reject(error) : resolve(answer),
    );
  });
}

describe('a simulated camera over ONVIF', () => {
  let simulator: Simulator;
  let camera: SimulatedCamera;
  beforeAll(async () => {
    simulator = await start({ discovery: true, cameras: 3 });
    camera = only(simulator);
  });
  afterAll(() => simulator.close());

  it('lets the client connect and tells profiles and stream addresses', async () => {
    const cam = await connectOnvif(camera);
    expect(cam['profiles']).toMatchObject([
      {
        $: { token: 'profile_main' },
        videoEncoderConfiguration: {
          encoding: 'H264',
          resolution: { width: 1280, height: 720 },
          H264: { govLength: 30 },
        },
      },
      { $: { token: 'profile_sub' }, videoEncoderConfiguration: { resolution: { width: 320, height: 180 } } },
    ]);
    for (const profile of ['main', 'sub'] as const) {
      const answer = await call(cam, 'getStreamUri', {
        protocol: 'RTSP',
        profileToken: `profile_${profile}`,
      });
      expect(answer).toMatchObject({ uri: camera.rtspUrl(profile) });
    }
    expect(await call(cam, 'getDeviceInformation')).toMatchObject({ manufacturer: 'Vedette' });
    expect(await call(cam, 'getCapabilities')).toMatchObject({
      media: { XAddr: expect.stringContaining('/onvif/media_service') },
    });
    await expect(call(cam, 'getStreamUri', { profileToken: 'other' })).rejects.toThrow('no such profile');
    await expect(call(cam, 'getUsers')).rejects.toThrow('not supported');
  });

  it('tells the time to everybody and the rest only to those who sign', async () => {
    const stranger = await connectOnvif(camera, 'wrong');
    expect(stranger['profiles']).toEqual([]);
    await expect(call(stranger, 'getProfiles')).rejects.toThrow('not authorized');
    await expect(call(stranger, 'getDeviceInformation')).rejects.toThrow('not authorized');
    const at = await call(stranger, 'getSystemDateAndTime');
    expect(Math.abs(Date.now() - Number(at))).toBeLessThan(3000);
  });

  it('answers bad SOAP with a fault and oversized bodies with 413', async () => {
    const post = (body: string) =>
      fetch(`http://127.0.0.1:${camera.onvif.port}/onvif/device_service`, { method: 'POST', body });
    const fault = await post('<!DOCTYPE a><Envelope/>');
    expect([fault.status, await fault.text()]).toEqual([400, expect.stringContaining('ter:WellFormed')]);
    expect((await post('x'.repeat(100_000))).status).toBe(413);
    expect((await fetch(`http://127.0.0.1:${camera.onvif.port}/onvif/device_service`)).status).toBe(405);
  });

  it('gives its snapshot to those who sign by HTTP digest', async () => {
    const answer = await call(await connectOnvif(camera), 'getSnapshotUri', {});
    const { uri } = answer as { uri: string };
    const refused = await fetch(uri);
    expect(refused.status).toBe(401);
    const challenge = parseParameters(
      /Digest (.*MD5)/.exec(refused.headers.get('www-authenticate') ?? '')?.[1] ?? '',
    );
    const hash = (text: string) => createHash('md5').update(text).digest('hex');
    const path = new URL(uri).pathname;
    const a1 = hash(`vedette:${challenge.get('realm')}:${PASSWORD}`);
    const response = hash(`${a1}:${challenge.get('nonce')}:${hash(`GET:${path}`)}`);
    const authorization = `Digest username="vedette", realm="${challenge.get('realm')}", nonce="${challenge.get('nonce')}", uri="${path}", response="${response}"`;
    const granted = await fetch(uri, { headers: { authorization } });
    expect([granted.status, granted.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    expect(Buffer.from(await granted.arrayBuffer()).subarray(0, 3)).toEqual(Buffer.of(0xff, 0xd8, 0xff));
  });

  it('is found by WS-Discovery, each camera by itself', async () => {
    const found = await new Promise<unknown[]>((resolve, reject) => {
      onvif.Discovery.probe(
        { timeout: 600, device: 'lo', resolve: false },
        (error: unknown, cams: unknown[]) => (error instanceof Error ? reject(error) : resolve(cams)),
      );
    });
    const addresses = found.map(
      (match) =>
        (match as { probeMatches: { probeMatch: { XAddrs: string } } }).probeMatches.probeMatch.XAddrs,
    );
    const expected = simulator.cameras.map(
      ({ onvif: at }) => `http://127.0.0.1:${at.port}/onvif/device_service`,
    );
    expect(addresses).toEqual(expect.arrayContaining(expected));
  });
});

describe('the control API', () => {
  it('lists cameras, tells counts and time lines, and hides the password unless told otherwise', async () => {
    await using simulator = await start({ cameras: 2 });
    const get = async (path: string) => (await fetch(simulator.controlUrl + path)).json();
    const { items } = (await get('/cameras')) as { items: object[] };
    expect(items).toHaveLength(2);
    expect(items[0]).toMatchObject({
      index: 1,
      name: 'GATE',
      rtsp: { main: only(simulator).rtspUrl('main') },
      counts: { connectionsTotal: 0 },
    });
    expect(JSON.stringify(items)).not.toContain(PASSWORD);
    expect(await get('/cameras/1/timeline')).toMatchObject({
      main: { fps: 15, frames: 240, recent: [] },
      sub: { fps: 8, frames: 128 },
    });
    await using open = await start({ exposeCredentials: true });
    expect(await (await fetch(`${open.controlUrl}/cameras/1`)).json()).toMatchObject({
      username: 'vedette',
      password: PASSWORD,
    });
  });

  it('passes faults on and names what is wrong with others', async () => {
    await using simulator = await start();
    const post = (body: unknown, path = '/cameras/1/fault') =>
      fetch(simulator.controlUrl + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await post({ kind: 'freeze' })).status).toBe(200);
    expect(only(simulator).currentFault).toBe('freeze');
    for (const body of [
      { kind: 'explode' },
      { kind: 'slow' },
      { kind: 'slow', delayMs: -1 },
      { kind: 'none', extra: 1 },
      7,
      null,
    ]) {
      const refused = await post(body);
      expect([refused.status, await refused.json()]).toEqual([
        400,
        expect.objectContaining({ code: 'invalid_request' }),
      ]);
    }
    expect((await post({ kind: 'none' }, '/cameras/2/fault')).status).toBe(404);
    expect((await post({ kind: 'none' }, '/cameras/x/fault')).status).toBe(404);
  });
});

describe('the program', () => {
  const launch = (flags: string[], stdio: 'ignore' | 'pipe', ipc = false) => {
    const child = spawn(process.execPath, [MAIN, '--port', '0', '--no-discovery', ...flags], {
      stdio: [stdio, 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
    });
    let output = '';
    child.stdout?.on('data', (text) => {
      output += text;
    });
    const exit = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    const ready = () =>
      eventually(
        'it says that it is ready',
        () => output.includes('\n') && JSON.parse(output.split('\n')[0] ?? ''),
      );
    return { child, ready, exit, output: () => output };
  };

  it.each(['SIGINT', 'SIGTERM', 'end of standard input', 'end of the IPC channel'] as const)(
    'says that it is ready in one line and ends within a second on %s',
    async (way) => {
      const { child, ready, exit, output } = launch(
        ['--cameras', '3'],
        way.includes('input') ? 'pipe' : 'ignore',
        way.includes('IPC'),
      );
      try {
        const line = await ready();
        expect(line).toMatchObject({ ready: true, username: 'vedette', password: expect.any(String) });
        expect(line.cameras).toHaveLength(3);
        const client = await RawRtspClient.connect(line.cameras[2].rtsp.sub, line);
        await client.play();
        const at = performance.now();
        if (way === 'SIGINT' || way === 'SIGTERM') child.kill(way);
        else if (way === 'end of standard input') child.stdin?.end();
        else child.disconnect();
        expect(await exit).toBe(0);
        expect(performance.now() - at).toBeLessThan(1000);
        expect(output().trim().split('\n')).toHaveLength(1);
        client.close();
      } finally {
        child.kill('SIGKILL');
      }
    },
  );

  it('does not start with wrong flags, and says which', async () => {
    const { child, exit } = launch(['--cameras', '0', '--bind', 'here'], 'ignore');
    let errors = '';
    child.stderr?.on('data', (text) => {
      errors += text;
    });
    expect(await exit).toBe(1);
    expect(errors).toMatch(/cameras:[\s\S]*bind:/);
  });

  it('plays another clip for every main stream', async () => {
    const clip = fileURLToPath(new URL('../../fixtures/clips/roof-sub.h264', import.meta.url));
    const { child, ready, exit } = launch(
      ['--cameras', '1', '--clip', clip, '--fps', '25', '--password', PASSWORD],
      'ignore',
    );
    try {
      const line = await ready();
      expect(line.password).toBeUndefined();
      const timeline = await (await fetch(`${line.controlUrl}/cameras/1/timeline`)).json();
      expect(timeline).toMatchObject({ main: { fps: 25, frames: 128 } });
    } finally {
      child.kill('SIGTERM');
      await exit;
    }
  });
});
