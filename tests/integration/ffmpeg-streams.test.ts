import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CameraId, type DesiredStream, StreamPath } from '@vedette/contracts';
import { AddressRules, silentLog, systemClock } from '@vedette/runtime';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NativeEngine } from '../../apps/media-node/src/engine/native/native-engine.ts';
import { type FfmpegTools, ffmpegTools } from '../../apps/media-node/src/ffmpeg/ffmpeg-tools.ts';
import { createSource } from '../../apps/media-node/src/ingest/create-source.ts';
import { HttpRelay } from '../../apps/media-node/src/ingest/http/http-relay.ts';
import { PublishRegistry } from '../../apps/media-node/src/ingest/publish/publish-registry.ts';
import { PullGuards } from '../../apps/media-node/src/ingest/retry/pull-guards.ts';
import { createSourceDialer } from '../../apps/media-node/src/ingest/source-dialer.ts';
import { SourceSupervisor } from '../../apps/media-node/src/ingest/source-supervisor.ts';
import { LoopbackRtsp } from '../../apps/media-node/src/loopback/loopback-rtsp.ts';
import { eventually } from '../support/eventually.ts';

const clock = systemClock;
const log = silentLog();
const folder = mkdtempSync(join(tmpdir(), 'vedette-streams-'));
let loopback: LoopbackRtsp;
let httpRelay: HttpRelay;
let engine: NativeEngine | undefined;

beforeAll(async () => {
  const made = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '15', '-bf', '0'];
  const picture = ['-f', 'lavfi', '-i', 'testsrc=s=320x240:r=15:d=1,format=yuv420p'];
  execFileSync('ffmpeg', ['-v', 'error', ...picture, ...made, join(folder, 'clip.mp4')]);
  loopback = await LoopbackRtsp.open({ clock });
  httpRelay = await HttpRelay.open({ dial: () => Promise.reject(new Error('not here')) });
});

afterEach(async () => {
  await engine?.shutdown();
  engine = undefined;
});

afterAll(async () => {
  await httpRelay.close();
  await loopback.close();
  rmSync(folder, { recursive: true });
});

function node(limit: number, ffmpegPath = 'ffmpeg'): { engine: NativeEngine; ffmpeg: FfmpegTools } {
  const ffmpeg = ffmpegTools({ ffmpegPath, limit, loopback, clock, random: Math.random, log });
  const rules = new AddressRules({ networks: undefined, ownAddresses: () => [], ownPorts: [] });
  const dial = createSourceDialer({ rules, atOnce: 1 });
  const publishers = new PublishRegistry({ clock });
  const guards = new PullGuards({ dial, clock, random: Math.random });
  const made: NativeEngine = new NativeEngine({
    clock,
    onSubscriberError: () => undefined,
    startOutput: () => {
      throw new Error('nothing is sent elsewhere here');
    },
    startSource: (desired, sink, onChange, isWatched) =>
      new SourceSupervisor({
        createSource: (firstTicks, onPlaying, onWaiting, onNews) =>
          createSource(
            desired,
            {
              ...{ clock, dial, dialHttp: dial, publishers, ffmpeg, httpRelay, bind: '127.0.0.1' },
              fileFolders: [folder],
              relay: { take: () => Promise.reject(new Error('nothing is taken from other nodes here')) },
              lookup: (path) => made.stream(path)?.hub,
            },
            { firstTicks, onPlaying, onWaiting, onNews },
          ),
        sink,
        guard: guards.of(desired, isWatched),
        clock,
        log,
        onChange,
      }),
  });
  engine = made;
  return { engine: made, ffmpeg };
}

function wanted(path: string, source: DesiredStream['source']): DesiredStream {
  return {
    path: StreamPath.parse(path),
    cameraId: CameraId.parse('a'),
    profile: 'main',
    source,
    fence: 1,
    pull: 'on-demand',
    idleTtlMs: 15_000,
    maxWebrtcViewers: 100,
  };
}

const looped = { kind: 'file', file: 'clip.mp4', loop: true } as const;
const stateOf = (on: NativeEngine, path: string) => on.streams().find((state) => state.path === path);

describe('streams of a node that need FFmpeg', () => {
  it('wait for a free place, and say so', async () => {
    const { engine, ffmpeg } = node(1);
    const [first, second] = [wanted('first', looped), wanted('second', looped)];
    engine.apply([first]);
    await eventually('the first is live', () => stateOf(engine, 'first')?.health === 'live');
    engine.apply([first, second]);
    await eventually('the second waits', () => stateOf(engine, 'second')?.reason === 'ffmpeg_queued');
    expect(ffmpeg.jobs.load()).toEqual({ running: 1, queued: 1 });
    engine.apply([second]);
    await eventually('its turn has come', () => stateOf(engine, 'second')?.health === 'live');
  });

  it('are offline with a reason where there is no FFmpeg, and the node goes on', async () => {
    const { engine } = node(1, '/nowhere/ffmpeg');
    engine.apply([wanted('first', looped)]);
    await eventually('it says so', () => stateOf(engine, 'first')?.reason === 'ffmpeg_missing');
    expect(stateOf(engine, 'first')?.health).toBe('offline');
  });

  it('rest when a file was played once', async () => {
    const { engine } = node(1);
    engine.apply([wanted('once', { ...looped, loop: false })]);
    await eventually('it ended', () => stateOf(engine, 'once')?.reason === 'source_ended');
    expect(stateOf(engine, 'once')).toMatchObject({ health: 'idle', reconnects: 0 });
  });

  it('may be made from each other, in whatever order they are asked for', async () => {
    const { engine, ffmpeg } = node(2);
    const spec = { height: 120, frameRate: 10, bitsPerSecond: 100_000 };
    const lite = wanted('lite', { kind: 'rendition', of: StreamPath.parse('parent'), spec });
    engine.apply([lite, wanted('parent', looped)]);
    await eventually('it is live', () => stateOf(engine, 'lite')?.health === 'live');
    expect(stateOf(engine, 'lite')).toMatchObject({ width: 160, height: 120 });
    expect(ffmpeg.jobs.load().running).toBe(2);
    engine.apply([]);
    await eventually('nothing is left', () => ffmpeg.jobs.load().running === 0);
  });

  it('go on after a break of what they are made from', async () => {
    const pids = new Map<string, number>();
    const { engine, ffmpeg } = node(2);
    const run = ffmpeg.jobs.run.bind(ffmpeg.jobs);
    ffmpeg.jobs.run = (job, signal) =>
      run({ ...job, onStarted: ({ pid }) => void pids.set(job.name, pid) }, signal);
    const spec = { height: 120, frameRate: 10, bitsPerSecond: 100_000 };
    const lite = wanted('lite', { kind: 'rendition', of: StreamPath.parse('parent'), spec });
    engine.apply([lite, wanted('parent', looped)]);
    await eventually('it is live', () => stateOf(engine, 'lite')?.health === 'live');
    process.kill(pids.get('file') ?? 0, 'SIGKILL');
    await eventually('the parent broke', () => (stateOf(engine, 'parent')?.reconnects ?? 0) > 0);
    const before = stateOf(engine, 'lite')?.framesIn ?? 0;
    await eventually('pictures again', () => (stateOf(engine, 'lite')?.framesIn ?? 0) > before + 10);
    expect(stateOf(engine, 'lite')?.health).toBe('live');
  });
});
