import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { StreamSource } from '@vedette/contracts';
import type { EncodedFrame, Track } from '@vedette/media-types';
import { silentLog, systemClock } from '@vedette/runtime';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FfmpegJobs } from '../../apps/media-node/src/ffmpeg/ffmpeg-jobs.ts';
import { ListenerSource } from '../../apps/media-node/src/ingest/listener/listener-source.ts';
import { LoopbackRtsp } from '../../apps/media-node/src/loopback/loopback-rtsp.ts';
import { bound } from '../support/bound.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-ports.ts';

const clock = systemClock;
const jobs = new FfmpegJobs({ ffmpegPath: 'ffmpeg', limit: 4, clock, log: silentLog() });
let loopback: LoopbackRtsp;
const encoders: ChildProcess[] = [];
let stop = new AbortController();
let ended: Promise<void> = Promise.resolve();

beforeAll(async () => {
  loopback = await LoopbackRtsp.open({ clock });
});

afterEach(async () => {
  stop.abort();
  await ended.catch(() => undefined);
  for (const encoder of encoders.splice(0)) encoder.kill('SIGKILL');
  stop = new AbortController();
});

afterAll(() => loopback.close());

function listen(source: Extract<StreamSource, { kind: 'publish' }>, firstTicks?: number) {
  const seen = { frames: [] as EncodedFrame[], tracks: [] as readonly Track[], waiting: [] as string[] };
  const listener = new ListenerSource({
    source,
    bind: '127.0.0.1',
    clock,
    jobs,
    loopback,
    firstTicks,
    onPlaying: () => undefined,
    onWaiting: (reason) => seen.waiting.push(reason),
  });
  const sink = {
    tracks: (tracks: readonly Track[]) => {
      seen.tracks = tracks;
    },
    frame: (frame: EncodedFrame) => seen.frames.push(frame),
  };
  ended = listener.run(sink, stop.signal);
  ended.catch(() => undefined);
  return { seen, listener, ended };
}

/** An encoder in a van: tries until somebody listens. */
function publish(...output: string[]): { readonly done: Promise<unknown> } {
  const input = [
    '-re',
    '-f',
    'lavfi',
    '-i',
    'testsrc=s=320x240:r=15,format=yuv420p',
    '-re',
    '-f',
    'lavfi',
    '-i',
    'sine=r=48000',
  ];
  const encoder = spawn(
    ...bound('ffmpeg', [
      '-v',
      'error',
      '-nostdin',
      ...input,
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-tune',
      'zerolatency',
      '-g',
      '15',
      '-c:a',
      'aac',
      ...output,
    ]),
    { stdio: 'ignore' },
  );
  encoders.push(encoder);
  return { done: once(encoder, 'exit') };
}

/** Whatever any process here shows to everybody. */
function processList(): string {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    })
    .filter((line) => line.includes('-progress'))
    .join('\n');
}

/** As the kernel knows it, so that nothing has to be sent to find out. */
function listening(port: number) {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  const tables = ['/proc/net/tcp', '/proc/net/udp'];
  return eventually('FFmpeg listens', () =>
    tables.some((table) => readFileSync(table, 'utf8').includes(wanted)),
  );
}

describe('an encoder that sends by RTMP', () => {
  const source = (port: number) =>
    ({ kind: 'publish', via: 'rtmp', username: 'van', password: 'right-key', port }) as const;

  it('is heard with its key, which no process shows, and one that comes again goes on after it', async () => {
    const port = await freePort();
    const first = listen(source(port));
    await listening(port);
    expect(first.seen.waiting).toEqual(['waiting_for_publisher']);
    expect(processList()).not.toContain('right-key');
    publish('-f', 'flv', `rtmp://127.0.0.1:${port}/live/van-right-key`);
    await eventually('frames', () => first.seen.frames.length > 20);
    expect(first.seen.tracks.map(({ codec }) => codec)).toEqual(['h264', 'aac']);
    encoders[0]?.kill('SIGKILL');
    await expect(first.ended).rejects.toMatchObject({ code: 'waiting_for_publisher' });
    const { lastTicks } = first.listener;
    const second = listen(source(port), lastTicks);
    await listening(port);
    publish('-f', 'flv', `rtmp://127.0.0.1:${port}/live/van-right-key`);
    await eventually('frames again', () => second.seen.frames.length > 5);
    expect(second.seen.frames[0]?.dtsTicks).toBeGreaterThan(lastTicks ?? 0);
  });

  it('is not heard with another key, and the port listens on', async () => {
    const port = await freePort();
    const { seen } = listen(source(port));
    await listening(port);
    await publish('-f', 'flv', `rtmp://127.0.0.1:${port}/live/van-wrong-key`).done;
    expect(seen.frames).toHaveLength(0);
    expect(seen.tracks).toHaveLength(0);
    await eventually('it listens again', () => seen.waiting.length > 1);
    await listening(port);
    publish('-f', 'flv', `rtmp://127.0.0.1:${port}/live/van-right-key`);
    await eventually('frames', () => seen.frames.length > 5);
  });
});

describe('an encoder that sends by SRT', () => {
  const source = (port: number) =>
    ({ kind: 'publish', via: 'srt', username: '', password: 'right-passphrase', port }) as const;

  it('is heard with the passphrase, which no process shows, and not with another', async () => {
    const port = await freePort();
    const { seen } = listen(source(port));
    await listening(port);
    expect(processList()).not.toContain('right-passphrase');
    await publish('-f', 'mpegts', `srt://127.0.0.1:${port}?passphrase=wrong-passphrase&pbkeylen=16`).done;
    expect(seen.tracks).toHaveLength(0);
    publish('-f', 'mpegts', `srt://127.0.0.1:${port}?passphrase=right-passphrase&pbkeylen=16`);
    await eventually('frames', () => seen.frames.length > 20);
    expect(seen.tracks.map(({ codec }) => codec)).toEqual(['h264', 'aac']);
  });

  it('cannot have a password that SRT does not take', async () => {
    const { ended: refused } = listen({ ...source(await freePort()), password: 'short' });
    await expect(refused).rejects.toThrow(/10 to 79/);
  });
});
