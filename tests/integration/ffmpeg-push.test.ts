import { readdirSync, readFileSync } from 'node:fs';
import type { EncodedFrame } from '@vedette/media-types';
import { silentLog, systemClock } from '@vedette/runtime';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FfmpegJobs } from '../../apps/media-node/src/ffmpeg/ffmpeg-jobs.ts';
import { PublishedJob } from '../../apps/media-node/src/ffmpeg/published-job.ts';
import { PushOut, type PushState } from '../../apps/media-node/src/ffmpeg/push/push-out.ts';
import { StreamHub } from '../../apps/media-node/src/hub/stream-hub.ts';
import { ListenerSource } from '../../apps/media-node/src/ingest/listener/listener-source.ts';
import { LoopbackRtsp } from '../../apps/media-node/src/loopback/loopback-rtsp.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-ports.ts';

const clock = systemClock;
const log = silentLog();
const jobs = new FfmpegJobs({ ffmpegPath: 'ffmpeg', limit: 6, clock, log });
let loopback: LoopbackRtsp;
let stop = new AbortController();
let pushes: PushOut[] = [];
let sources: Promise<void>[] = [];

beforeAll(async () => {
  loopback = await LoopbackRtsp.open({ clock });
});

afterEach(async () => {
  for (const push of pushes) await push.stop();
  stop.abort();
  await Promise.allSettled(sources);
  expect(jobs.load()).toEqual({ running: 0, queued: 0 });
  stop = new AbortController();
  pushes = [];
  sources = [];
});

afterAll(() => loopback.close());

const quiet = { firstTicks: undefined, onPlaying: () => undefined, onWaiting: () => undefined };

/** A picture and G.711, which RTMP receivers do not take. */
function stream(): StreamHub {
  const hub = new StreamHub();
  const picture = ['-re', '-f', 'lavfi', '-i', 'testsrc=s=320x240:r=15,format=yuv420p'];
  const sound = ['-re', '-f', 'lavfi', '-i', 'sine=r=8000'];
  const made = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-tune',
    'zerolatency',
    '-g',
    '15',
    '-c:a',
    'pcm_alaw',
  ];
  const job = new PublishedJob({ jobs, loopback, ...quiet });
  sources.push(
    job.run(
      { name: 'test', args: [...picture, ...sound, ...made], stdin: { kind: 'none' }, stall: null },
      hub,
      stop.signal,
    ),
  );
  return hub;
}

describe('a stream that is sent elsewhere', () => {
  it.each(['rtmp', 'srt'] as const)('arrives by %s, its secret shown in no process list', async (via) => {
    const port = await freePort();
    const frames: EncodedFrame[] = [];
    const codecs: string[] = [];
    const receiver = new ListenerSource({
      source: { kind: 'publish', via, username: '', password: 'very-secret-word', port },
      bind: '127.0.0.1',
      clock,
      jobs,
      loopback,
      ...quiet,
    });
    const sink = {
      tracks: (tracks: readonly { codec: string }[]) => codecs.push(...tracks.map(({ codec }) => codec)),
      frame: (frame: EncodedFrame) => frames.push(frame),
    };
    sources.push(receiver.run(sink, stop.signal).catch(() => undefined));
    const states: PushState[] = [];
    const push = new PushOut({
      hub: stream(),
      target:
        via === 'rtmp'
          ? { via, url: `rtmp://127.0.0.1:${port}/live`, streamKey: 'very-secret-word' }
          : { via, url: `srt://127.0.0.1:${port}`, passphrase: 'very-secret-word' },
      jobs,
      loopback,
      clock,
      random: () => 0,
      log,
      onChange: (state) => states.push(state),
    });
    pushes.push(push);
    await eventually('frames', () => frames.length > 20, { withinMs: 20_000 });
    expect(codecs).toEqual(['h264', 'aac']);
    expect(push.state).toMatchObject({ isLive: true, reason: 'live' });
    const lines = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        } catch {
          return '';
        }
      });
    expect(lines.filter((line) => line.includes('very-secret-word'))).toEqual([]);
  });

  it('says why it does not arrive, without the secret, and tries again', async () => {
    const states: PushState[] = [];
    const push = new PushOut({
      hub: stream(),
      target: {
        via: 'rtmp',
        url: `rtmp://127.0.0.1:${await freePort()}/live`,
        streamKey: 'very-secret-word',
      },
      jobs,
      loopback,
      clock,
      random: () => 0,
      log,
      onChange: (state) => states.push(state),
    });
    pushes.push(push);
    await eventually('it failed', () => states.some(({ reason }) => reason === 'ffmpeg_failed'));
    expect(JSON.stringify(states)).not.toContain('secret');
    expect(push.state.isLive).toBe(false);
  });
});
