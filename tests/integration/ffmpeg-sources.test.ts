import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { StreamPath } from '@vedette/contracts';
import type { EncodedFrame, Track } from '@vedette/media-types';
import { silentLog, systemClock } from '@vedette/runtime';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FfmpegJobs } from '../../apps/media-node/src/ffmpeg/ffmpeg-jobs.ts';
import { H264_ENCODERS } from '../../apps/media-node/src/ffmpeg/video/h264-encoder.ts';
import { H264Encoders } from '../../apps/media-node/src/ffmpeg/video/h264-encoders.ts';
import { StreamHub } from '../../apps/media-node/src/hub/stream-hub.ts';
import { FileSource } from '../../apps/media-node/src/ingest/file/file-source.ts';
import { RenditionSource } from '../../apps/media-node/src/ingest/rendition/rendition-source.ts';
import type { SupervisedSource } from '../../apps/media-node/src/ingest/source-supervisor.ts';
import { LoopbackRtsp } from '../../apps/media-node/src/loopback/loopback-rtsp.ts';
import { eventually } from '../support/eventually.ts';

class Collected {
  trackCalls: (readonly Track[])[] = [];
  frames: EncodedFrame[] = [];
  tracks(tracks: readonly Track[]): void {
    this.trackCalls.push(tracks);
  }
  frame(frame: EncodedFrame): void {
    this.frames.push(frame);
  }
  get codecs(): string[] {
    return (this.trackCalls.at(-1) ?? []).map((track) => track.codec);
  }
}

const PICTURE = ['-f', 'lavfi', '-i', 'testsrc=s=320x240:r=15:d=0.8,format=yuv420p'];
const SOUND = ['-f', 'lavfi', '-i', 'sine=f=440:r=48000:d=0.8'];
const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '15', '-bf', '0'];

const folder = mkdtempSync(join(tmpdir(), 'vedette-files-'));
const outside = mkdtempSync(join(tmpdir(), 'vedette-outside-'));
const clock = systemClock;
const log = silentLog();
const jobs = new FfmpegJobs({ ffmpegPath: 'ffmpeg', limit: 10, clock, log });
const encoders = new H264Encoders({ jobs, clock, log });
let loopback: LoopbackRtsp;
let running: { stop: AbortController; ended: Promise<void> }[] = [];

async function make(file: string, ...args: string[]): Promise<string> {
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-y', ...args, join(folder, file)]);
  return file;
}

beforeAll(async () => {
  loopback = await LoopbackRtsp.open({ clock });
  await make('clip.mp4', ...PICTURE, ...SOUND, ...X264, '-c:a', 'aac');
});

afterEach(async () => {
  for (const { stop } of running) stop.abort();
  await Promise.allSettled(running.map(({ ended }) => ended));
  running = [];
  expect(jobs.load()).toEqual({ running: 0, queued: 0 });
});

afterAll(async () => {
  await loopback.close();
  rmSync(folder, { recursive: true });
  rmSync(outside, { recursive: true });
});

function run(
  source: SupervisedSource,
  sink: { tracks(t: readonly Track[]): void; frame(f: EncodedFrame): void },
) {
  const stop = new AbortController();
  const ended = source.run(sink, stop.signal);
  ended.catch(() => undefined);
  running.push({ stop, ended });
  return { stop, ended };
}

function fileSource(file: string, loop: boolean, firstTicks?: number) {
  return new FileSource({
    source: { kind: 'file', file, loop },
    folders: ['/nowhere', folder],
    jobs,
    encoders,
    loopback,
    firstTicks,
    onPlaying: () => undefined,
    onWaiting: () => undefined,
  });
}

function play(file: string, loop = false, firstTicks?: number) {
  const sink = new Collected();
  const source = fileSource(file, loop, firstTicks);
  return { sink, source, ...run(source, sink) };
}

describe('a file', () => {
  it('is played once in real time, as it is, and says that it ended', async () => {
    const { sink, ended } = play('clip.mp4');
    await expect(ended).rejects.toMatchObject({ code: 'source_ended' });
    expect(sink.codecs).toEqual(['h264', 'aac']);
    const pictures = sink.frames.filter(({ kind }) => kind === 'video');
    expect(pictures.length).toBeGreaterThanOrEqual(11);
    expect(pictures[0]?.key).toBe(true);
    expect(sink.frames.filter(({ kind }) => kind === 'audio').length).toBeGreaterThan(30);
  });

  it('is played over and over on a time line that only grows, going on where the last pull stood', async () => {
    const { sink, source } = play('clip.mp4', true, 900_000);
    await eventually('two rounds', () => sink.frames.filter(({ kind }) => kind === 'video').length > 18);
    const stamps = sink.frames.filter(({ kind }) => kind === 'video').map(({ dtsTicks }) => dtsTicks);
    expect(stamps[0]).toBeGreaterThan(900_000);
    expect(stamps.slice(1).every((stamp, i) => stamp > (stamps[i] ?? 0))).toBe(true);
    expect(source.lastTicks).toBeGreaterThan(stamps.at(-2) ?? 0);
  });

  it('is played whatever kind it is of, as it is where browsers can have it', async () => {
    const codecs = new Map([
      [await make('clip.mkv', ...PICTURE, ...SOUND, ...X264, '-c:a', 'libopus'), 'h264 opus'],
      [await make('clip.mov', ...PICTURE, ...SOUND, ...X264, '-c:a', 'pcm_alaw', '-ar', '8000'), 'h264 pcma'],
      [await make('clip.ts', ...PICTURE, ...SOUND, ...X264, '-c:a', 'aac'), 'h264 aac'],
      [
        await make(
          'clip.webm',
          ...PICTURE,
          ...SOUND,
          '-deadline',
          'realtime',
          '-c:v',
          'libvpx',
          '-c:a',
          'libvorbis',
        ),
        'h264 aac',
      ],
      [await make('clip.avi', ...PICTURE, '-c:v', 'mjpeg'), 'h264'],
      [await make('clip.flv', ...PICTURE, ...SOUND, ...X264, '-c:a', 'aac'), 'h264 aac'],
      [
        await make(
          'hevc.mp4',
          ...PICTURE,
          '-c:v',
          'libx265',
          '-preset',
          'ultrafast',
          '-x265-params',
          'log-level=0:bframes=0',
        ),
        'h265',
      ],
      [await make('sound.mp3', ...SOUND, '-c:a', 'libmp3lame'), 'mp3'],
    ]);
    const played = [...codecs.keys()].map((file) => ({ file, ...play(file, true) }));
    for (const { file, sink } of played) await eventually(`frames of ${file}`, () => sink.frames.length > 10);
    expect(new Map(played.map(({ file, sink }) => [file, sink.codecs.join(' ')]))).toEqual(codecs);
  });

  it.each([
    ['../clip.mp4', 'source_not_allowed'],
    ['sub/../../../../../../../../../../etc/hostname', 'source_not_allowed'],
    ['/etc/hostname', 'source_not_allowed'],
    ['there-is-none.mp4', 'source_not_found'],
    ['.', 'source_not_allowed'],
    ['-i', 'source_not_found'],
    ['clip.mp4\0.txt', 'source_not_allowed'],
  ])('outside the folders is refused: %j', async (file, code) => {
    await expect(play(file).ended).rejects.toMatchObject({ code });
  });

  it('that a link leads to outside the folders is refused', async () => {
    writeFileSync(join(outside, 'secret.mp4'), 'x');
    symlinkSync(join(outside, 'secret.mp4'), join(folder, 'link.mp4'));
    symlinkSync(outside, join(folder, 'linked'));
    for (const file of ['link.mp4', 'linked/secret.mp4'])
      await expect(play(file).ended).rejects.toMatchObject({ code: 'source_not_allowed' });
  });

  it('that is no regular file is refused at once', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe.mp4')]);
    await expect(play('pipe.mp4').ended).rejects.toMatchObject({ code: 'source_not_allowed' });
  });

  it.each([
    ['concat script', `ffconcat version 1.0\nfile '${join(outside, 'x.mp4')}'\n`],
    [
      'playlist',
      '#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n',
    ],
    [
      'session description',
      'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 9 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n',
    ],
    ['heap of nonsense', 'nonsense '.repeat(1000)],
  ])('that is a %s in disguise is not opened', async (what, text) => {
    const name = `${what.replaceAll(' ', '-')}.mp4`;
    writeFileSync(join(folder, name), text);
    const error: unknown = await play(name).ended.catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: expect.stringMatching(/source_not_allowed|ffmpeg_failed/),
      step: expect.any(String),
    });
  });

  it('whose name begins with a dash is a file like another', async () => {
    const name = '-version.mp4';
    execFileSync('cp', [join(folder, 'clip.mp4'), join(folder, name)]);
    const { sink } = play(name, true);
    await eventually('frames', () => sink.frames.length > 5);
  });
});

describe('a rendition', () => {
  const parentPath = StreamPath.parse('cam_a');

  it('is its parent made smaller, with the sound as it is, a key frame every second, from one process', async () => {
    const hub = new StreamHub();
    run(fileSource('clip.mp4', true), hub);
    const sink = new Collected();
    const rendition = new RenditionSource({
      source: {
        kind: 'rendition',
        of: parentPath,
        spec: { height: 120, frameRate: 10, bitsPerSecond: 100_000 },
      },
      jobs,
      encoders,
      loopback,
      clock,
      lookup: (path) => (path === parentPath ? hub : undefined),
      firstTicks: undefined,
      onPlaying: () => undefined,
      onWaiting: () => undefined,
    });
    const before = clock.now();
    run(rendition, sink);
    await eventually('a picture', () => sink.frames.some(({ kind }) => kind === 'video'));
    expect(clock.now() - before).toBeLessThan(5000);
    await eventually('two seconds', () => sink.frames.filter(({ kind }) => kind === 'video').length > 12);
    expect(jobs.load().running).toBe(2);
    const video = sink.trackCalls.at(-1)?.find((track) => track.kind === 'video');
    expect(video).toMatchObject({ codec: 'h264', width: 160, height: 120 });
    expect(sink.codecs).toContain('aac');
    const pictures = sink.frames.filter(({ kind }) => kind === 'video');
    const seconds = ((pictures.at(-1)?.dtsTicks ?? 0) - (pictures[0]?.dtsTicks ?? 0)) / 90_000;
    expect((pictures.length - 1) / seconds).toBeLessThan(11);
    const keys = pictures.filter(({ key }) => key).map(({ dtsTicks }) => dtsTicks);
    expect((keys[1] ?? 0) - (keys[0] ?? 0)).toBeLessThanOrEqual(1.3 * 90_000);
  });

  it('of a stream that is not here says so', async () => {
    let now = 0;
    const rendition = new RenditionSource({
      source: {
        kind: 'rendition',
        of: parentPath,
        spec: { height: 120, frameRate: 10, bitsPerSecond: 100_000 },
      },
      jobs,
      encoders,
      loopback,
      clock: {
        ...clock,
        now: () => now,
        sleep: async () => {
          now += 1000;
        },
      },
      lookup: () => undefined,
      firstTicks: undefined,
      onPlaying: () => undefined,
      onWaiting: () => undefined,
    });
    await expect(run(rendition, new Collected()).ended).rejects.toMatchObject({ code: 'source_not_found' });
  });
});

describe('the video encoders', () => {
  it('are tried, and the processor takes over from a card that is not there or fails', async () => {
    expect((await encoders.choose()).isHardware).toBe(false);
    const [software] = H264_ENCODERS.slice(-1);
    if (software === undefined) throw new Error('no encoder');
    const card = { ...software, name: 'libx264', isHardware: true };
    const missing = { ...software, name: 'h264_of_another_planet' };
    const some = new H264Encoders({
      jobs,
      clock,
      log,
      encoders: [missing, card, { ...software, name: 'libx264rgb', filter: 'format=rgb24' }],
    });
    const first = await some.choose();
    expect(first).toBe(card);
    some.failed(first, new Error('The video encoder could not be started.'));
    expect((await some.choose()).name).not.toBe('h264_of_another_planet');
  });
});
