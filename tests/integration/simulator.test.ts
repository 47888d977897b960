// The simulated cameras over RTSP: as ffprobe, ffmpeg and a raw client see them.
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { promisify } from 'node:util';
import type { Simulator } from '@vedette/simulators';
import { readFrameStrip } from '@vedette/simulators';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPacket } from '../../simulators/testing/depacketize.ts';
import { RawRtspClient } from '../../simulators/testing/raw-rtsp-client.ts';
import {
  cameraOf,
  connectRtsp,
  PASSWORD,
  startTestSimulator,
} from '../../simulators/testing/simulator-kit.ts';
import { eventually } from '../support/eventually.ts';

const run = promisify(execFile);

function withCredentials(url: string): string {
  return url.replace('rtsp://', `rtsp://vedette:${encodeURIComponent(PASSWORD)}@`);
}

describe('a simulated camera over RTSP', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startTestSimulator({ cameras: 9 });
  });
  afterAll(() => simulator.close());

  it.each([
    { profile: 'main', size: [1280, 720], fps: '15/1', frames: 240 },
    { profile: 'sub', size: [320, 180], fps: '8/1', frames: 128 },
  ] as const)('is read by ffprobe over TCP and UDP: $profile', async ({ profile, size, fps }) => {
    const camera = cameraOf(simulator);
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

  it.each([
    { video: 'h265', sound: 'aac', streams: ['hevc', 'aac'] },
    { video: 'mjpeg', sound: 'g726', streams: ['mjpeg', 'adpcm_g726le'] },
  ] as const)('sends $video and $sound that ffprobe knows', async ({ video, sound, streams }) => {
    await using other = await startTestSimulator({ video, sound });
    const { stdout, stderr } = await run('ffprobe', [
      ...['-v', 'error', '-rtsp_transport', 'tcp', '-analyzeduration', '1000000', '-of', 'json'],
      ...['-show_entries', 'stream=codec_name', withCredentials(cameraOf(other).rtspUrl('main'))],
    ]);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout).streams).toEqual(streams.map((name) => ({ codec_name: name })));
  });

  it('shows its scene, and in the strip the frame numbers that its time line tells', async () => {
    const camera = cameraOf(simulator, 4);
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
    const camera = cameraOf(simulator, 2);
    const clients = await Promise.all([connectRtsp(camera), connectRtsp(camera), connectRtsp(camera, 'sub')]);
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
    const camera = cameraOf(simulator, 3);
    const client = await connectRtsp(camera);
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
    const camera = cameraOf(simulator, 5);
    const client = await connectRtsp(camera);
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

describe('a silent client', () => {
  it('is dropped after the session timeout, one that gives a sign of life is not', async () => {
    await using simulator = await startTestSimulator({ sessionTimeoutMs: 1000 });
    const camera = cameraOf(simulator);
    const [silent, options, receiverReports] = await Promise.all([
      connectRtsp(camera),
      connectRtsp(camera),
      connectRtsp(camera),
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
    await using simulator = await startTestSimulator({ sessionTimeoutMs: 1000 });
    const camera = cameraOf(simulator);
    const rtp = createSocket('udp4').bind(0, '127.0.0.1');
    const rtcp = createSocket('udp4').bind(0, '127.0.0.1');
    await eventually('the ports are open', () => rtp.address().port > 0 && rtcp.address().port > 0);
    const packets: Buffer[] = [];
    const reports: Buffer[] = [];
    rtp.on('message', (packet) => packets.push(packet));
    rtcp.on('message', (packet) => reports.push(packet));
    const client = await connectRtsp(camera);
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
    await using simulator = await startTestSimulator({ nonceLifeMs: 300, auth: ['digest-sha256'] });
    const client = await connectRtsp(cameraOf(simulator));
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
