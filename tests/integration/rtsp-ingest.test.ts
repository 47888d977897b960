import type { EncodedFrame, Track } from '@vedette/media-types';
import { RtspError } from '@vedette/rtsp';
import { AddressRules, silentLog, systemClock } from '@vedette/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { PullGuards } from '../../apps/media-node/src/ingest/retry/pull-guards.ts';
import { RtspSource } from '../../apps/media-node/src/ingest/rtsp/rtsp-source.ts';
import { createSourceDialer } from '../../apps/media-node/src/ingest/source-dialer.ts';
import { SourceSupervisor } from '../../apps/media-node/src/ingest/source-supervisor.ts';
import { type Simulator, startSimulator } from '../../simulators/index.ts';
import { eventually } from '../support/eventually.ts';

const loopback = new AddressRules({ networks: ['127.0.0.0/8'], ownAddresses: () => [], ownPorts: [] });
const dial = createSourceDialer({ rules: loopback, atOnce: 4 });

class Collected {
  tracksSeen: (readonly Track[])[] = [];
  frames: EncodedFrame[] = [];
  tracks(tracks: readonly Track[]): void {
    this.tracksSeen.push(tracks);
  }
  frame(frame: EncodedFrame): void {
    this.frames.push(frame);
  }
}

describe('a simulated camera, pulled', () => {
  let simulator: Simulator | undefined;
  let supervisor: SourceSupervisor | undefined;

  afterEach(async () => {
    await supervisor?.stop();
    await simulator?.close();
    supervisor = undefined;
    simulator = undefined;
  });

  async function pull(options: {
    profile?: 'main' | 'sub';
    transport?: 'tcp' | 'udp';
    auth?: 'digest-md5' | 'digest-sha256' | 'basic';
    password?: string;
  }) {
    simulator = await startSimulator({
      cameras: 1,
      basePort: 0,
      password: 'right',
      discovery: false,
      ...(options.auth === undefined ? {} : { auth: [options.auth] }),
    });
    const camera = simulator.cameras[0];
    if (camera === undefined) throw new Error('no camera');
    const sink = new Collected();
    const source = {
      kind: 'rtsp' as const,
      url: camera.rtspUrl(options.profile ?? 'main'),
      username: camera.username,
      password: options.password ?? 'right',
      transport: options.transport ?? 'tcp',
    };
    const guards = new PullGuards({ dial, clock: systemClock, random: Math.random });
    supervisor = new SourceSupervisor({
      createSource: (firstTicks, onPlaying) =>
        new RtspSource({ source, dial, clock: systemClock, firstTicks, onPlaying }),
      sink,
      guard: guards.of({ source }, () => true),
      clock: systemClock,
      log: silentLog(),
      onChange: () => undefined,
    });
    return { camera, sink, supervisor };
  }

  it.each([
    { profile: 'main', transport: 'tcp', auth: 'digest-md5' },
    { profile: 'sub', transport: 'tcp', auth: 'digest-sha256' },
    { profile: 'main', transport: 'udp', auth: 'basic' },
    { profile: 'sub', transport: 'udp', auth: 'digest-md5' },
  ] as const)('gives whole frames in order: $profile over $transport with $auth', async (options) => {
    const { camera, sink, supervisor: running } = await pull(options);
    await eventually('fifteen frames', () => sink.frames.length >= 15);
    expect(sink.tracksSeen[0]).toMatchObject([
      { codec: 'h264', width: options.profile === 'main' ? 1280 : 320 },
    ]);
    expect(sink.frames[0]).toMatchObject({ key: true });
    expect(sink.frames[0]?.parameterSetBytes).toBeGreaterThan(0);
    const times = sink.frames.map((frame) => frame.dtsTicks);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(running.state()).toMatchObject({ health: 'live', reason: 'live', packetsLost: 0 });
    await running.stop();
    expect(camera.counts().profiles[options.profile]).toMatchObject({ teardown: 1, ended: 0, playing: 0 });
  });

  it('says that the password is wrong, and does not ask again soon', async () => {
    const { camera, supervisor: running } = await pull({ password: 'wrong' });
    await eventually('it is said', () => running.state().reason === 'camera_credentials_rejected');
    running.wake();
    expect(running.state().health).toBe('offline');
    expect(camera.counts().credentialsRefused).toBe(1);
  });

  it.each([
    [{ kind: 'refuse' }, /camera_refused|reconnecting/],
    [{ kind: 'drop' }, /camera_refused|reconnecting/],
    [{ kind: 'restart', downMs: 1500 }, /camera_refused|reconnecting/],
  ] as const)('after %j is back by itself, on one time line that never goes back', async (fault, reason) => {
    const { camera, sink, supervisor: running } = await pull({});
    await eventually('live', () => running.state().health === 'live');
    const seen = sink.frames.length;
    await camera.fault(fault);
    await eventually('it is noticed', () => running.state().health !== 'live');
    expect(running.state().reason).toMatch(reason);
    if (fault.kind === 'refuse') await camera.fault({ kind: 'none' });
    await eventually('live again', () => running.state().health === 'live' && sink.frames.length > seen + 5);
    const times = sink.frames.map((frame) => frame.dtsTicks);
    const back = times.flatMap((time, index) =>
      index > 0 && time <= (times[index - 1] ?? 0) ? [[times[index - 1], time]] : [],
    );
    expect(back).toEqual([]);
    expect(camera.counts().profiles.main.maxPlaying).toBe(1);
  });

  it('never connects where no source may be', async () => {
    const closed = createSourceDialer({
      rules: new AddressRules({ networks: undefined, ownAddresses: () => [], ownPorts: [] }),
      atOnce: 1,
    });
    for (const host of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '169.254.169.254', 'localhost', '0.0.0.0']) {
      const refused = await closed(host, 554, AbortSignal.timeout(2000)).catch((error: unknown) => error);
      expect(refused, host).toBeInstanceOf(RtspError);
      expect(refused, host).toMatchObject({ code: 'source_not_allowed' });
    }
  });
});
