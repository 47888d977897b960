import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { RtspNode } from '../support/rtsp-node.ts';
import { RtspTalk } from '../support/rtsp-talk.ts';
import { running } from '../support/running.ts';

let node: RtspNode;
let stop: AbortController;

beforeEach(async () => {
  stop = new AbortController();
  node = await RtspNode.start();
});
afterEach(async () => {
  stop.abort();
  await node[Symbol.asyncDispose]();
});

const ffmpeg = (...args: string[]) =>
  running(stop.signal, 'ffmpeg', ['-hide_banner', '-v', 'error', '-nostdin', ...args]);
const play = (url: string, transport: string, ...args: string[]) =>
  ffmpeg('-rtsp_transport', transport, '-i', url, ...args, '-f', 'null', '-');

function certificate(): { readonly cert: Buffer; readonly key: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-rtsps-'));
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key];
  execFileSync('openssl', ['req', '-x509', ...made, '-subj', '/CN=127.0.0.1', '-days', '2', '-out', cert], {
    stdio: 'ignore',
  });
  const pair = { cert: readFileSync(cert), key: readFileSync(key) };
  rmSync(folder, { recursive: true });
  return pair;
}

describe('RTSP out', () => {
  it.each(['tcp', 'udp'])(
    'is played by FFmpeg over %s without an error, and counted as a view',
    async (transport) => {
      const player = play(node.address('x:right@'), transport, '-frames:v', '15');
      await eventually('it is a view', () => node.viewers.size === 1);
      await player.ended;
      expect(player.output()).toBe('');
      expect(player.child.exitCode).toBe(0);
      await eventually('the view is over', () => node.viewers.size === 0);
      expect(node.left).toEqual(['viewer_left']);
      expect(node.hub.subscriberCount).toBe(0);
    },
  );

  it('takes a token in the address, for players that know no password', async () => {
    const player = play(`${node.address('')}?token=a-token`, 'tcp', '-frames:v', '3');
    await player.ended;
    expect(player.output()).toBe('');
  });

  it('is refused with a wrong password, without one, and where there is no stream', async () => {
    const wrong = play(node.address('x:wrong@'), 'tcp');
    const none = play(node.address(''), 'tcp');
    const missing = play(node.address('x:right@', 'cam_b'), 'tcp');
    await Promise.all([wrong.ended, none.ended, missing.ended]);
    expect(wrong.output()).toContain('401');
    expect(none.output()).toContain('401');
    expect(missing.output()).toContain('404');
    expect(node.viewers.size).toBe(0);
  });

  it('packs a frame once for all who read it, and ends one that is revoked', async () => {
    const players = [1, 2, 3].map(() => play(node.address('x:right@'), 'tcp'));
    await eventually('three views', () => node.viewers.size === 3);
    expect(node.hub.subscriberCount).toBe(1);
    for (const viewer of node.viewers) viewer.close('revoked');
    await Promise.all(players.map(({ ended }) => ended));
    expect(node.left).toEqual(['revoked', 'revoked', 'revoked']);
  });

  it('does not play for one that was revoked after it was let in', async () => {
    using talk = await RtspTalk.open(node.port);
    const session = await talk.setUp('cam_a?token=a-token');
    node.revoked.add('s1');
    talk.send('PLAY', 'cam_a', { Session: session });
    await talk.closed;
    expect(node.viewers.size).toBe(0);
    expect(talk.packets).toBe(0);
  });

  it('pauses and goes on at a key frame, as one view', async () => {
    using talk = await RtspTalk.open(node.port);
    const session = await talk.setUp('cam_a?token=a-token');
    await talk.ask('PLAY', 'cam_a', { Session: session });
    await eventually('packets', () => talk.packets > 5);
    expect((await talk.ask('PAUSE', 'cam_a', { Session: session })).status).toBe(200);
    const paused = talk.packets;
    expect((await talk.ask('GET_PARAMETER', 'cam_a', { Session: session })).status).toBe(200);
    expect(talk.packets).toBe(paused);
    expect(node.viewers.size).toBe(1);
    expect((await talk.ask('PLAY', 'cam_a', { Session: session })).status).toBe(200);
    await eventually('packets again', () => talk.packets > paused);
    // The parameter sets come first: the type of an SPS.
    expect((talk.payloads[paused]?.[12] ?? 0) & 0x1f).toBe(7);
    expect(node.viewers.size).toBe(1);
  });

  it('answers as the standard says to what it does not serve', async () => {
    using talk = await RtspTalk.open(node.port);
    const ask = async (method: string, path: string, headers: Readonly<Record<string, string>> = {}) =>
      (await talk.ask(method, path, headers)).status;
    expect(await ask('OPTIONS', 'cam_a')).toBe(200);
    expect(await ask('PLAY', 'cam_a', { Session: 'guess' })).toBe(454);
    expect(await ask('TEARDOWN', 'cam_a')).toBe(454);
    expect(await ask('FLY', 'cam_a')).toBe(501);
    expect(await ask('SETUP', 'cam_a/trackID=0', { Transport: 'RTP/AVP;multicast' })).toBe(461);
    expect(await ask('SETUP', 'cam_a/trackID=0', { Transport: 'RTP/AVP/TCP;unicast' })).toBe(401);
    expect(await ask('DESCRIBE', 'cam_a?token=a-token')).toBe(200);
    expect(await ask('SETUP', 'cam_a/trackID=9', { Transport: 'RTP/AVP/TCP' })).toBe(404);
    // Odd channels are channels.
    const odd = await talk.ask('SETUP', 'cam_a/trackID=0', { Transport: 'RTP/AVP/TCP;interleaved=5-6' });
    expect(odd.head).toContain('interleaved=5-6');
    expect(odd.head).toMatch(/^Session: [0-9a-f]+;timeout=60\r$/m);
  });

  it('says 461 to UDP where that is off, and players go on over TCP', async () => {
    await using closed = await RtspNode.start({ udpAllowed: false });
    const player = ffmpeg('-i', closed.address('x:right@'), '-frames:v', '3', '-f', 'null', '-');
    await player.ended;
    expect(player.output()).not.toContain('401');
    expect(player.child.exitCode).toBe(0);
  });

  it('speaks RTSPS beside RTSP on one port where there is a certificate', async () => {
    await using secure = await RtspNode.start({ tls: certificate() });
    const players = ['rtsp', 'rtsps'].map((scheme) => {
      const url = secure.address('x:right@').replace(/^rtsp/, scheme);
      return play(url, 'tcp', '-frames:v', '3');
    });
    const silent = await RtspTalk.open(secure.port);
    await Promise.all(players.map(({ ended }) => ended));
    expect(players.map(({ output }) => output())).toEqual(['', '']);
    expect(secure.left).toEqual(['viewer_left', 'viewer_left']);
    // One that has said nothing yet ends with the server as well.
    await secure[Symbol.asyncDispose]();
    await silent.closed;
  });

  it('bounds what waits for a reader that does not read', async () => {
    using talk = await RtspTalk.open(node.port);
    const session = await talk.setUp('cam_a?token=a-token');
    await talk.ask('PLAY', 'cam_a', { Session: session });
    const [viewer] = node.viewers;
    talk.stopReading();
    const [track] = node.hub.currentTracks;
    // A camera of 200 Mbit/s, for some seconds.
    const big = Buffer.alloc(300_000, 0x11);
    big.writeUInt32BE(big.length - 4, 0);
    big[4] = 0x41;
    for (let i = 0; i < 300; i += 1)
      node.hub.frame({
        trackId: track?.id ?? 0,
        kind: 'video',
        dtsTicks: 900_000 + i,
        ptsTicks: 900_000 + i,
        key: false,
        data: big,
        parameterSetBytes: 0,
        wallClockMs: Date.now(),
      });
    await eventually('frames were left out', () => (viewer?.stats().framesDropped ?? 0) > 200);
    // Of 90 MB: what waits here, and what the kernel holds.
    expect(viewer?.stats().bytesSent).toBeLessThan(30_000_000);
    expect(node.viewers.size).toBe(1);
  });
});

describe('RTSP in by a publisher', () => {
  const PICTURE = ['-re', '-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=15'];
  const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '15'];
  const publish = (user: string, transport = 'tcp', codec = H264) =>
    ffmpeg(...PICTURE, ...codec, '-f', 'rtsp', '-rtsp_transport', transport, node.address(user, 'cam_p'));

  it.each(['tcp', 'udp'])('comes in over %s, from a key frame on', async (transport) => {
    const { frames, reasons } = node.expectPublisher();
    expect(reasons).toEqual(['waiting_for_publisher']);
    publish('enc:secret@', transport);
    await eventually('pictures', () => frames.length > 10);
    expect(frames[0]?.key).toBe(true);
  });

  it('is refused with wrong credentials, and where nobody is expected', async () => {
    node.expectPublisher();
    const wrong = publish('enc:wrong@');
    const none = publish('');
    await Promise.all([wrong.ended, none.ended]);
    expect(wrong.output()).toContain('401');
    expect(none.output()).toContain('401');
  });

  it('takes over from its own ghost, on the same time line', async () => {
    const { frames } = node.expectPublisher();
    const first = publish('enc:secret@');
    await eventually('pictures', () => frames.length > 5);
    first.child.kill('SIGSTOP');
    const before = frames.length;
    publish('enc:secret@');
    await eventually('pictures again', () => frames.length > before + 10);
    first.child.kill('SIGKILL');
    const stamps = frames.map(({ dtsTicks }) => dtsTicks);
    expect(stamps).toEqual([...stamps].sort((a, b) => a - b));
  });

  it('goes on when another announces what cannot be played', async () => {
    const { frames } = node.expectPublisher();
    publish('enc:secret@');
    await eventually('pictures', () => frames.length > 5);
    const other = publish('enc:secret@', 'tcp', ['-c:v', 'mpeg4']);
    await other.ended;
    expect(other.output()).toContain('415');
    const before = frames.length;
    await eventually('more of the first', () => frames.length > before + 5);
  });

  it('says that it waits again when the publisher is gone', async () => {
    const { frames, running: source } = node.expectPublisher();
    const publisher = publish('enc:secret@');
    await eventually('pictures', () => frames.length > 0);
    publisher.child.kill('SIGKILL');
    await expect(source).rejects.toMatchObject({ code: 'waiting_for_publisher' });
  });
});
