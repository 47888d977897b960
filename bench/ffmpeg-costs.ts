// What FFmpeg's jobs cost on this machine: processor, memory, time to the first frame, delay of sound.
// Prints a table in Markdown, as docs/design/07-ffmpeg.md shows it.  node bench/ffmpeg-costs.ts [SECONDS]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StreamPath } from '@vedette/contracts';
import type { EncodedFrame, FrameSink } from '@vedette/media-types';
import { silentLog, systemClock } from '@vedette/runtime';
import { AudioRenditions } from '../apps/media-node/src/ffmpeg/audio/audio-renditions.ts';
import type { FfmpegJob } from '../apps/media-node/src/ffmpeg/ffmpeg-job.ts';
import { FfmpegJobs } from '../apps/media-node/src/ffmpeg/ffmpeg-jobs.ts';
import { H264Encoders } from '../apps/media-node/src/ffmpeg/video/h264-encoders.ts';
import type { RenditionCodec } from '../apps/media-node/src/hub/audio-rendition-port.ts';
import { StreamHub } from '../apps/media-node/src/hub/stream-hub.ts';
import { FileSource } from '../apps/media-node/src/ingest/file/file-source.ts';
import { RenditionSource } from '../apps/media-node/src/ingest/rendition/rendition-source.ts';
import type { SupervisedSource } from '../apps/media-node/src/ingest/source-supervisor.ts';
import { LoopbackRtsp } from '../apps/media-node/src/loopback/loopback-rtsp.ts';

const SECONDS = Number(process.argv[2] ?? 10);
const TICKS_A_SECOND = 100;
const clock = systemClock;
const log = silentLog();
const folder = mkdtempSync(join(tmpdir(), 'vedette-costs-'));
const loopback = await LoopbackRtsp.open({ clock });
const pids = new Map<string, number>();

/** Remembers the process of each kind of job. */
class WatchedJobs extends FfmpegJobs {
  override run(job: FfmpegJob, signal: AbortSignal): Promise<void> {
    const onStarted: FfmpegJob['onStarted'] = (running) => {
      pids.set(job.name, running.pid);
      job.onStarted?.(running);
    };
    return super.run({ ...job, onStarted }, signal);
  }
}

const jobs = new WatchedJobs({ ffmpegPath: 'ffmpeg', limit: 8, clock, log });
const encoders = new H264Encoders({ jobs, clock, log });
await encoders.choose();
const life = { jobs, encoders, loopback, firstTicks: undefined, onPlaying: () => {}, onWaiting: () => {} };

function usage(name: string): { readonly cpuSeconds: number; readonly megabytes: number } {
  const pid = pids.get(name) ?? 0;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const pages = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { cpuSeconds: ticks / TICKS_A_SECOND, megabytes: Number(pages) / 1024 };
}

async function measure(name: string, what: string, firstMs: number | string): Promise<void> {
  await clock.sleep(1000);
  const before = usage(name);
  const startedMs = clock.now();
  await clock.sleep(SECONDS * 1000);
  const after = usage(name);
  const share = (100 * (after.cpuSeconds - before.cpuSeconds) * 1000) / (clock.now() - startedMs);
  console.log(`| ${what} | ${share.toFixed(1)} % | ${after.megabytes.toFixed(0)} MB | ${firstMs} |`);
}

/** Runs a source; resolves with how long its first picture took. */
async function begin(source: SupervisedSource, sink: FrameSink, stop: AbortController): Promise<number> {
  const first = Promise.withResolvers<number>();
  const startedMs = clock.now();
  const watched: FrameSink = {
    tracks: (tracks) => sink.tracks(tracks),
    frame: (frame) => {
      if (frame.kind === 'video') first.resolve(Math.round(clock.now() - startedMs));
      sink.frame(frame);
    },
  };
  source.run(watched, stop.signal).catch((error: unknown) => first.reject(error));
  return first.promise;
}

/** From a picture in a stream to the same picture in its rendition, which begins at a key frame of the stream. */
class PictureDelay implements FrameSink {
  readonly #parents: { readonly ticks: number; readonly key: boolean; readonly atMs: number }[] = [];
  readonly #delays: number[] = [];
  #origin: number | undefined;
  #first: number | undefined;

  constructor(parent: StreamHub) {
    parent.subscribe(
      {
        id: 'stopwatch',
        tracks: () => undefined,
        frame: ({ kind, ptsTicks, key }) => {
          if (kind === 'video') this.#parents.push({ ticks: ptsTicks, key, atMs: clock.now() });
        },
        close: () => undefined,
      },
      'gop',
    );
  }

  tracks(): void {}

  frame({ kind, ptsTicks }: EncodedFrame): void {
    if (kind !== 'video') return;
    this.#origin ??= this.#parents.findLast(({ key }) => key)?.ticks;
    this.#first ??= ptsTicks;
    const wanted = ptsTicks - this.#first + (this.#origin ?? 0);
    const parent = this.#parents.find(({ ticks }) => Math.abs(ticks - wanted) < 2000);
    if (parent !== undefined) this.#delays.push(clock.now() - parent.atMs);
  }

  medianMs(): number {
    return Math.round(this.#delays.sort((a, b) => a - b)[this.#delays.length >> 1] ?? -1);
  }
}

function clip(file: string, size: string, bits: string): void {
  const made = [
    '-c:v',
    'libx264',
    '-b:v',
    bits,
    '-preset',
    'veryfast',
    '-g',
    '30',
    '-bf',
    '0',
    '-c:a',
    'aac',
  ];
  const input = ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=15:d=8,noise=alls=8:allf=t,format=yuv420p`];
  execFileSync('ffmpeg', [
    '-v',
    'error',
    ...input,
    '-f',
    'lavfi',
    '-i',
    'sine=d=8',
    ...made,
    join(folder, file),
  ]);
}

async function video(size: string, bits: string, label: string): Promise<void> {
  const file = `${size}.mp4`;
  clip(file, size, bits);
  const stop = new AbortController();
  const hub = new StreamHub();
  const copied = new FileSource({ ...life, source: { kind: 'file', file, loop: true }, folders: [folder] });
  const firstMs = await begin(copied, hub, stop);
  await measure('file', `copy: a file of ${label}`, `${firstMs} ms`);
  const of = StreamPath.parse('main');
  const spec = { height: 360, frameRate: 15, bitsPerSecond: 500_000 };
  const lookup = () => hub;
  const lite = new RenditionSource({ ...life, source: { kind: 'rendition', of, spec }, clock, lookup });
  const delay = new PictureDelay(hub);
  const liteMs = await begin(lite, delay, stop);
  await measure('rendition', `transcode-lite: ${label} to 360p15, 500 kbit/s`, `${liteMs} ms`);
  console.log(`\nDelay of the rendition: ${delay.medianMs()} ms half of the time.\n`);
  stop.abort();
  await clock.sleep(500);
}

async function sound(codec: RenditionCodec): Promise<void> {
  const audio = new AudioRenditions({ jobs, clock, random: Math.random, log });
  const hub = new StreamHub();
  hub.tracks([{ kind: 'audio', id: 1, codec: 'pcma', clockRate: 8000, channels: 1 }]);
  const rendition = audio.open(hub, codec);
  const startedMs = clock.now();
  let firstMs: number | undefined;
  const delays: number[] = [];
  const data = new Uint8Array(160).fill(0xd5);
  rendition.hub.subscribe(
    {
      id: 'ear',
      tracks: () => undefined,
      frame: (frame: EncodedFrame) => {
        firstMs ??= Math.round(clock.now() - startedMs);
        const samples = codec === 'opus' ? 960 : 1024;
        // From the moment that the last sample of a frame was heard to that frame being made.
        delays.push(clock.now() - startedMs - ((frame.ptsTicks + samples) / 48_000) * 1000);
      },
      close: () => undefined,
    },
    'none',
  );
  const stop = new AbortController();
  const feed = async () => {
    for (let n = 0; !stop.signal.aborted; ) {
      const due = Math.floor((clock.now() - startedMs) / 20);
      for (; n < due; n += 1)
        hub.frame({
          trackId: 1,
          kind: 'audio',
          dtsTicks: n * 160,
          ptsTicks: n * 160,
          key: true,
          data,
          parameterSetBytes: 0,
          wallClockMs: 0,
        });
      await clock.sleep(5);
    }
  };
  void feed();
  while (firstMs === undefined) await clock.sleep(10);
  await clock.sleep(1000);
  delays.length = 0;
  await measure(`audio-${codec}`, `sound: G.711 to ${codec}`, `${firstMs} ms`);
  delays.sort((a, b) => a - b);
  const at = (share: number) => Math.round(delays[Math.floor((delays.length - 1) * share)] ?? 0);
  console.log(
    `\nDelay of ${codec}: ${at(0.5)} ms half of the time, ${at(0.95)} ms at most in 95 of 100 frames.\n`,
  );
  stop.abort();
  rendition.release();
}

console.log('| job | one core | memory | first frame |\n| --- | --- | --- | --- |');
await video('1280x720', '2000k', '720p15, 2 Mbit/s');
await video('1920x1080', '4000k', '1080p15, 4 Mbit/s');
await sound('opus');
await sound('aac');
await loopback.close();
rmSync(folder, { recursive: true });
process.exit(0);
