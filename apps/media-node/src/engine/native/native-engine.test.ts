import type { CameraId, DesiredStream, NodeId, SessionId, StreamPath, UserId } from '@vedette/contracts';
import type { FrameSink } from '@vedette/media-types';
import { systemClock } from '@vedette/runtime';
import { describe, expect, it } from 'vitest';
import { RecordingSubscriber, VIDEO, video } from '../../hub/frames.fixture.ts';
import { StandstillWatch } from '../standstill-watch.ts';
import type { View } from '../view-registry.ts';
import { NativeEngine } from './native-engine.ts';
import type { RunningSource } from './stream-slot.ts';

class ManualClock {
  time = 0;
  #timers: { at: number; callback: () => void }[] = [];
  now = () => this.time;
  wallNow = () => 1_700_000_000_000 + this.time;
  sleep = systemClock.sleep;
  after = (ms: number, callback: () => void) => {
    const timer = { at: this.time + ms, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };
  advance(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.time = next.at;
      next.callback();
    }
    this.time = end;
  }
}

function setUp() {
  const clock = new ManualClock();
  const pulls: { url: string; running: boolean; woken: number; sink: FrameSink }[] = [];
  const standstill = new StandstillWatch({ clock, leaseMs: 3000, onWoke: () => engine.hold() });
  /** Paths that other nodes take. */
  const taken = new Set<string>();
  const engine: NativeEngine = new NativeEngine({
    clock,
    takersOf: (path) => (taken.has(path) ? 1 : 0),
    onSubscriberError: () => undefined,
    startOutput: () => {
      throw new Error('nothing is sent elsewhere here');
    },
    checkStandstill: () => standstill.check(),
    startSource: (desired, sink): RunningSource => {
      const url = 'url' in desired.source ? desired.source.url : '';
      const pull = { url, running: true, woken: 0, sink };
      pulls.push(pull);
      return {
        state: () => ({ health: 'live', reason: 'live', detail: null, reconnects: 1, packetsLost: 2 }),
        wake: () => {
          pull.woken += 1;
        },
        stop: async () => {
          pull.running = false;
        },
      };
    },
  });
  return {
    clock,
    engine,
    standstill,
    taken,
    pulls,
    running: () => pulls.filter((pull) => pull.running).map((pull) => pull.url),
  };
}

function desired(change: Partial<DesiredStream> = {}): DesiredStream {
  return {
    path: 'cam_a' as StreamPath,
    cameraId: 'a' as CameraId,
    profile: 'main',
    source: { kind: 'rtsp', url: 'rtsp://10.0.0.1/main', transport: 'tcp' },
    fence: 1,
    pull: 'on-demand',
    idleTtlMs: 15_000,
    maxWebrtcViewers: 100,
    ...change,
  };
}

function watch(engine: NativeEngine): View {
  const view: View = {
    sessionId: 's' as SessionId,
    userId: 'u' as UserId,
    cameraId: 'a' as CameraId,
    profile: 'main',
    path: 'cam_a' as StreamPath,
    protocol: 'webrtc',
    clientAddress: '127.0.0.1',
    stats: () => ({ bytesSent: 0, framesSent: 0, framesDropped: 0, packetsLost: 0, rttMs: null }),
    connected: () => true,
    close: (reason) => engine.views.remove(view, reason),
  };
  engine.views.add(view);
  return view;
}

describe('NativeEngine', () => {
  it('pulls a desired stream at once, and once however often it is told', () => {
    const { engine, pulls } = setUp();
    engine.apply([desired()]);
    engine.apply([desired()]);
    expect(pulls).toHaveLength(1);
    expect(engine.observe().streams).toMatchObject([{ path: 'cam_a', health: 'live', fence: 1 }]);
  });

  it('drops what is not named any more', () => {
    const { engine, running } = setUp();
    engine.apply([desired(), desired({ path: 'cam_b' as StreamPath })]);
    engine.apply([desired({ path: 'cam_b' as StreamPath })]);
    expect(running()).toHaveLength(1);
    expect(engine.stream('cam_a')).toBeUndefined();
  });

  it('acts on the highest fence it saw, also after the stream was dropped', () => {
    const { engine, running } = setUp();
    engine.apply([desired({ fence: 5 })]);
    engine.apply([]);
    engine.apply([desired({ fence: 4 })]);
    expect(running()).toEqual([]);
    engine.apply([desired({ fence: 6 })]);
    expect(running()).toHaveLength(1);
  });

  it('pulls the new address when a source changes, and keeps its totals', () => {
    const { engine, running } = setUp();
    engine.apply([desired()]);
    engine.apply([desired({ source: { kind: 'rtsp', url: 'rtsp://10.0.0.2/main', transport: 'tcp' } })]);
    expect(running()).toEqual(['rtsp://10.0.0.2/main']);
    expect(engine.observe().streams).toMatchObject([{ reconnects: 2, packetsLost: 4 }]);
  });

  it('with control away, leaves a camera alone that nobody has watched for its idle time, and wakes it for a viewer', () => {
    const { engine, clock, running } = setUp();
    engine.apply([desired()]);
    engine.setControlConnected(false);
    clock.advance(14_000);
    expect(running()).toHaveLength(1);
    clock.advance(2000);
    expect(running()).toEqual([]);
    expect(engine.observe().streams).toMatchObject([{ health: 'idle', reason: 'waiting_for_viewer' }]);
    expect(engine.stream('cam_a')).toBeDefined();
    expect(running()).toHaveLength(1);
  });

  it('with control away, keeps pulling what is watched or always on', () => {
    const { engine, clock, running } = setUp();
    engine.apply([desired(), desired({ path: 'cam_b' as StreamPath, pull: 'always-on' })]);
    const view = watch(engine);
    engine.setControlConnected(false);
    clock.advance(60_000);
    expect(running()).toHaveLength(2);
    view.close('viewer_left');
    clock.advance(16_000);
    expect(running()).toHaveLength(1);
  });

  it('with control away, keeps pulling what another node takes, be it a rendition, and no longer', () => {
    const { engine, clock, running, taken } = setUp();
    const spec = { height: 360, frameRate: 15, bitsPerSecond: 500_000 };
    const parent = desired({ path: 'cam_b' as StreamPath });
    engine.apply([
      desired(),
      parent,
      desired({ path: 'cam_b_sub' as StreamPath, source: { kind: 'rendition', of: parent.path, spec } }),
    ]);
    taken.add('cam_b_sub');
    engine.setControlConnected(false);
    clock.advance(60_000);
    expect(running()).toHaveLength(2);
    taken.clear();
    clock.advance(16_000);
    expect(running()).toEqual([]);
  });

  it('tries at once what it takes from a node that has come back', () => {
    const { engine, pulls } = setUp();
    const from = (name: string) => ({
      kind: 'relay' as const,
      from: name as NodeId,
      path: 'cam_x' as StreamPath,
    });
    engine.apply([
      desired({ source: from('a') }),
      desired({ path: 'cam_b' as StreamPath, source: from('b') }),
    ]);
    engine.wakeTakenFrom('b' as NodeId);
    expect(pulls.map(({ woken }) => woken)).toEqual([0, 1]);
  });

  it('ends a revoked view', () => {
    const { engine } = setUp();
    engine.apply([desired()]);
    watch(engine);
    engine.revoke([{ sessionId: 's' as SessionId, untilMs: Number.MAX_SAFE_INTEGER }]);
    expect(engine.observe()).toMatchObject({ sessions: [], ended: [{ sessionId: 's', reason: 'revoked' }] });
  });

  it('says goodbye to every camera before shutdown is over', async () => {
    const { engine, running } = setUp();
    engine.apply([desired(), desired({ path: 'cam_b' as StreamPath })]);
    await engine.shutdown();
    expect(running()).toEqual([]);
  });

  it('keeps what a watched rendition is made from while control is away, and no longer', () => {
    const { clock, engine, running } = setUp();
    const spec = { height: 360, frameRate: 15, bitsPerSecond: 500_000 };
    const parent = desired({ path: 'cam_b' as StreamPath });
    engine.apply([parent, desired({ source: { kind: 'rendition', of: parent.path, spec } })]);
    const view = watch(engine);
    engine.setControlConnected(false);
    clock.advance(60_000);
    expect(running()).toHaveLength(2);
    view.close('viewer_left');
    clock.advance(20_000);
    expect(running()).toEqual([]);
  });

  it('shows and pulls nothing after a standstill until it may, and then what was wanted last', () => {
    const { clock, engine, pulls, running, standstill } = setUp();
    engine.apply([desired(), desired({ path: 'cam_b' as StreamPath })]);
    standstill.start();
    const viewer = new RecordingSubscriber('viewer');
    engine.stream('cam_a')?.hub.subscribe(viewer, 'gop');
    const [first] = pulls;
    first?.sink.tracks([VIDEO]);
    first?.sink.frame(video(0, true));
    clock.advance(10_000);
    first?.sink.frame(video(1));
    expect(viewer.frames).toHaveLength(2);

    // Stopped: no timer runs meanwhile, and what waits in the camera's socket comes first.
    clock.time += 3001;
    first?.sink.frame(video(2));
    first?.sink.frame(video(3, true));
    expect(viewer.frames).toHaveLength(2);
    expect(running()).toEqual([]);
    expect(engine.stream('cam_a')).toBeUndefined();
    expect(engine.known('cam_a')?.hub.gop().frames).toEqual([]);
    expect(engine.observe().streams[0]).toMatchObject({ health: 'reconnecting' });

    const moved = desired({ fence: 2, source: { kind: 'rtsp', url: 'rtsp://10.0.0.2', transport: 'tcp' } });
    engine.apply([moved, desired({ path: 'cam_c' as StreamPath })]);
    expect(running()).toEqual([]);
    engine.resume();
    expect(running()).toEqual(['rtsp://10.0.0.2', 'rtsp://10.0.0.1/main']);
    pulls.at(-2)?.sink.tracks([VIDEO]);
    pulls.at(-2)?.sink.frame(video(4, true));
    expect(viewer.frames.map(({ ptsTicks }) => ptsTicks / 6000)).toEqual([0, 1, 4]);
    expect(viewer.closed).toEqual([]);
  });

  it('notices a standstill by who joins, and none where time has only been long', () => {
    const { clock, engine, running, standstill } = setUp();
    engine.apply([desired()]);
    standstill.start();
    clock.time += 2900;
    expect(engine.stream('cam_a')).toBeDefined();
    clock.advance(60_000);
    expect(engine.stream('cam_a')).toBeDefined();
    clock.time += 3001;
    expect(engine.stream('cam_a')).toBeUndefined();
    expect(running()).toEqual([]);
    engine.resume();
    expect(running()).toHaveLength(1);
  });
});
