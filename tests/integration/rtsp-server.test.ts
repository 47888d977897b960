import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { MediaClaims, ReasonCode } from '@vedette/contracts';
import type { EncodedFrame } from '@vedette/media-types';
import { RtspServer } from '@vedette/rtsp';
import { systemClock, VedetteError } from '@vedette/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rtspChallenges } from '../../apps/media-node/src/egress/rtsp/rtsp-challenges.ts';
import { RtspOut, type RtspViewer } from '../../apps/media-node/src/egress/rtsp/rtsp-out.ts';
import { StreamHub } from '../../apps/media-node/src/hub/stream-hub.ts';
import { PublishRegistry } from '../../apps/media-node/src/ingest/publish/publish-registry.ts';
import { PublishSource } from '../../apps/media-node/src/ingest/publish/publish-source.ts';
import { publishByRtsp } from '../../apps/media-node/src/ingest/publish/rtsp-publishing.ts';
import { ClipFeeder } from '../support/clip-feeder.ts';
import { eventually } from '../support/eventually.ts';

const CLIP = fileURLToPath(new URL('../../fixtures/clips/gate-main.h264', import.meta.url));
let server: RtspServer;
let hub: StreamHub;
let camera: ClipFeeder;
let registry: PublishRegistry;
let stop: AbortController;
const viewers = new Set<RtspViewer>();
const revoked = new Set<string>();
let left: ReasonCode[] = [];

beforeEach(async () => {
  stop = new AbortController();
  viewers.clear();
  revoked.clear();
  left = [];
  hub = new StreamHub();
  camera = new ClipFeeder({ file: CLIP, fps: 15, sink: hub });
  registry = new PublishRegistry({ clock: systemClock });
  const out = new RtspOut({
    admission: {
      admit: async ({ credentials }) => {
        const isRight =
          (credentials.kind === 'basic' && credentials.password === 'right') ||
          (credentials.kind === 'bearer' && credentials.token === 'a-token');
        if (!isRight) throw new VedetteError('unauthenticated');
        return { kind: 'granted', token: 't', claims: { sid: 's1' } as MediaClaims };
      },
    },
    lookup: (path) => (path === 'cam_a' ? hub : undefined),
    isRevoked: ({ sid }) => revoked.has(sid),
    clock: systemClock,
    onJoin: (viewer) => viewers.add(viewer),
    onLeave: (viewer, reason) => {
      viewers.delete(viewer);
      left.push(reason);
    },
  });
  server = await RtspServer.listen({
    handler: {
      play: (ask) => out.play(ask),
      record: (ask, sdp) => publishByRtsp(ask, sdp, { registry, clock: systemClock }),
    },
    clock: systemClock,
    host: '127.0.0.1',
    port: 0,
    udpAllowed: true,
    challenges: rtspChallenges,
  });
});
afterEach(async () => {
  stop.abort();
  camera[Symbol.dispose]();
  await server.close();
});

const address = (user: string, path = 'cam_a') => `rtsp://${user}127.0.0.1:${server.port}/${path}`;

function run(program: string, ...args: string[]) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  stop.signal.addEventListener('abort', () => child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  return { child, output: () => output, ended: once(child, 'close') };
}
const ffmpeg = (...args: string[]) => run('ffmpeg', '-hide_banner', '-v', 'error', '-nostdin', ...args);

describe('RTSP out', () => {
  it.each(['tcp', 'udp'])(
    'is played by FFmpeg over %s without an error, and counted as a view',
    async (transport) => {
      const player = ffmpeg(
        '-rtsp_transport',
        transport,
        '-i',
        address('x:right@'),
        '-frames:v',
        '15',
        '-f',
        'null',
        '-',
      );
      await eventually('it is a view', () => viewers.size === 1, { withinMs: 10_000 });
      await player.ended;
      expect(player.output()).toBe('');
      expect(player.child.exitCode).toBe(0);
      await eventually('the view is over', () => viewers.size === 0);
      expect(left).toEqual(['viewer_left']);
      expect(hub.subscriberCount).toBe(0);
    },
  );

  it('takes a token in the address, for players that know no password', async () => {
    const player = ffmpeg(
      '-rtsp_transport',
      'tcp',
      '-i',
      `${address('')}?token=a-token`,
      '-frames:v',
      '3',
      '-f',
      'null',
      '-',
    );
    await player.ended;
    expect(player.output()).toBe('');
  });

  it('is refused with a wrong password, without one, and where there is no stream', async () => {
    const wrong = ffmpeg('-rtsp_transport', 'tcp', '-i', address('x:wrong@'), '-f', 'null', '-');
    const none = ffmpeg('-rtsp_transport', 'tcp', '-i', address(''), '-f', 'null', '-');
    const missing = ffmpeg('-rtsp_transport', 'tcp', '-i', address('x:right@', 'cam_b'), '-f', 'null', '-');
    await Promise.all([wrong.ended, none.ended, missing.ended]);
    expect(wrong.output()).toContain('401');
    expect(none.output()).toContain('401');
    expect(missing.output()).toContain('404');
    expect(viewers.size).toBe(0);
  });

  it('packs a frame once for all who read it, and ends one that is revoked', async () => {
    const players = [1, 2, 3].map(() =>
      ffmpeg('-rtsp_transport', 'tcp', '-i', address('x:right@'), '-f', 'null', '-'),
    );
    await eventually('three views', () => viewers.size === 3, { withinMs: 10_000 });
    expect(hub.subscriberCount).toBe(1);
    for (const viewer of viewers) viewer.close('revoked');
    await Promise.all(players.map(({ ended }) => ended));
    expect(left).toEqual(['revoked', 'revoked', 'revoked']);
  });
});

describe('RTSP in by a publisher', () => {
  const PICTURE = [
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
  const publish = (user: string, transport = 'tcp') =>
    ffmpeg(
      ...PICTURE,
      '-tune',
      'zerolatency',
      '-g',
      '15',
      '-f',
      'rtsp',
      '-rtsp_transport',
      transport,
      address(user, 'cam_p'),
    );

  function expectPublisher() {
    const frames: EncodedFrame[] = [];
    const reasons: ReasonCode[] = [];
    const source = new PublishSource({
      path: 'cam_p',
      source: { kind: 'publish', via: 'rtsp', username: 'enc', password: 'secret' },
      registry,
      clock: systemClock,
      firstTicks: undefined,
      onPlaying: () => undefined,
      onWaiting: (reason) => reasons.push(reason),
    });
    const running = source.run(
      { tracks: () => undefined, frame: (frame) => frames.push(frame) },
      stop.signal,
    );
    running.catch(() => undefined);
    return { frames, reasons, running };
  }

  it.each(['tcp', 'udp'])('comes in over %s, from a key frame on', async (transport) => {
    const { frames, reasons } = expectPublisher();
    expect(reasons).toEqual(['waiting_for_publisher']);
    publish('enc:secret@', transport);
    await eventually('pictures', () => frames.length > 10, { withinMs: 10_000 });
    expect(frames[0]?.key).toBe(true);
  });

  it('is refused with wrong credentials, and where nobody is expected', async () => {
    expectPublisher();
    const wrong = publish('enc:wrong@');
    const none = publish('');
    await Promise.all([wrong.ended, none.ended]);
    expect(wrong.output()).toContain('401');
    expect(none.output()).toContain('401');
  });

  it('takes over from its own ghost, on the same time line', async () => {
    const { frames } = expectPublisher();
    const first = publish('enc:secret@');
    await eventually('pictures', () => frames.length > 5, { withinMs: 10_000 });
    first.child.kill('SIGSTOP');
    const before = frames.length;
    publish('enc:secret@');
    await eventually('pictures again', () => frames.length > before + 10, { withinMs: 10_000 });
    first.child.kill('SIGKILL');
    const stamps = frames.map(({ dtsTicks }) => dtsTicks);
    expect(stamps).toEqual([...stamps].sort((a, b) => a - b));
  });

  it('says that it waits again when the publisher is gone', async () => {
    const { frames, running } = expectPublisher();
    const publisher = publish('enc:secret@');
    await eventually('pictures', () => frames.length > 0, { withinMs: 10_000 });
    publisher.child.kill('SIGKILL');
    await expect(running).rejects.toMatchObject({ code: 'waiting_for_publisher' });
  });
});
