// Picture and sound of simulated cameras, on one time line.
import type { EncodedFrame, Track } from '@vedette/media-types';
import { silentLog, systemClock } from '@vedette/runtime';
import { afterEach, describe, expect, test } from 'vitest';
import { FfmpegJobs } from '../../apps/media-node/src/ffmpeg/ffmpeg-jobs.ts';
import { H264Encoders } from '../../apps/media-node/src/ffmpeg/video/h264-encoders.ts';
import { createTranscodeVideo } from '../../apps/media-node/src/ffmpeg/video/transcode-video.ts';
import { RtspSource, type RtspSourceOptions } from '../../apps/media-node/src/ingest/rtsp/rtsp-source.ts';
import type { VideoTranscoding } from '../../apps/media-node/src/ingest/rtsp/transcode-video.ts';
import { LoopbackRtsp } from '../../apps/media-node/src/loopback/loopback-rtsp.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../simulators/index.ts';
import { eventually } from '../support/eventually.ts';
import { loopbackDial } from '../support/pulling.ts';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one[Symbol.asyncDispose]()));
});

async function simulator(options: Partial<SimulatorOptions>): Promise<Simulator> {
  const started = await startSimulator({
    cameras: 1,
    basePort: 0,
    password: 'right',
    discovery: false,
    ...options,
  });
  open.push({ [Symbol.asyncDispose]: () => started.close() });
  return started;
}

class Pulled {
  readonly tracks: (readonly Track[])[] = [];
  readonly frames: EncodedFrame[] = [];
  readonly source: RtspSource;
  failure: unknown;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(from: Simulator, options: Partial<RtspSourceOptions> & { transport?: 'tcp' | 'udp' } = {}) {
    const camera = from.cameras[0];
    if (camera === undefined) throw new Error('no camera');
    this.source = new RtspSource({
      source: {
        kind: 'rtsp',
        url: camera.rtspUrl('sub'),
        username: camera.username,
        password: 'right',
        transport: options.transport ?? 'tcp',
      },
      dial: loopbackDial,
      clock: systemClock,
      firstTicks: undefined,
      onPlaying: () => undefined,
      ...options,
    });
    const sink = {
      tracks: (tracks: readonly Track[]) => void this.tracks.push(tracks),
      frame: (frame: EncodedFrame) => void this.frames.push(frame),
    };
    this.#done = this.source.run(sink, this.#stop.signal).catch((error: unknown) => {
      this.failure = error;
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  /** Where frames of a kind begin, s. */
  seconds(kind: 'video' | 'audio'): number[] {
    const track = this.tracks.at(-1)?.find((one) => one.kind === kind);
    return this.frames
      .filter((frame) => frame.kind === kind)
      .map((frame) => frame.ptsTicks / (track?.clockRate ?? 1));
  }

  async filled(): Promise<void> {
    await eventually('picture and sound', () => {
      if (this.failure !== undefined) throw this.failure;
      return this.seconds('video').length >= 10 && this.seconds('audio').length >= 25;
    });
  }
}

describe('the sound of a camera', () => {
  test.each([
    { transport: 'tcp', sounds: ['aac', 'opus', 'pcmu', 'pcma'] },
    { transport: 'udp', sounds: ['g722', 'g726', 'l16', 'mp3'] },
  ] as const)('comes beside its picture over $transport: $sounds', async ({ transport, sounds }) => {
    await Promise.all(
      sounds.map(async (sound) => {
        const pulled = new Pulled(await simulator({ sound }), { transport });
        await pulled.filled();
        await pulled.stop();
        expect(pulled.failure).toBeUndefined();
        expect(pulled.tracks.at(-1)).toMatchObject([
          { kind: 'video', id: 1, codec: 'h264' },
          { kind: 'audio', id: 2, codec: sound },
        ]);
        expect(pulled.frames[0]).toMatchObject({ kind: 'video', key: true });
        const [picture, heard] = [pulled.seconds('video'), pulled.seconds('audio')];
        expect(heard).toEqual([...heard].sort((a, b) => a - b));
        // They run side by side: as much sound as picture.
        expect(Math.abs((heard.at(-1) ?? 0) - (picture.at(-1) ?? 0))).toBeLessThan(0.4);
        expect(pulled.source.packetsLost).toBe(0);
      }),
    );
  });

  test('goes on after all that was heard and seen before, on the next pull of the run', async () => {
    const from = await simulator({ sound: 'opus' });
    const first = new Pulled(from);
    await first.filled();
    await first.stop();
    const lastTicks = first.source.lastTicks ?? 0;
    const last = Math.max(...first.seconds('video'), ...first.seconds('audio'));
    expect(lastTicks / 90_000).toBeGreaterThanOrEqual(last);
    const second = new Pulled(from, { firstTicks: lastTicks });
    await second.filled();
    await second.stop();
    expect(Math.min(...second.seconds('video'))).toBeGreaterThan(last);
    expect(Math.min(...second.seconds('audio'))).toBeGreaterThan(last);
  });
});

describe('a camera with a picture in another codec', () => {
  test('is refused where nothing can make H.264 of it', async () => {
    const pulled = new Pulled(await simulator({ video: 'mjpeg' }));
    await eventually('it fails', () => pulled.failure !== undefined);
    expect(pulled.failure).toMatchObject({ code: 'codec_unsupported' });
  });

  test('has its packets handed on untouched, and the frames that come back told as its own', async () => {
    const packets: Uint8Array[] = [];
    const said: string[] = [];
    const gone = Promise.withResolvers<void>();
    const pulled = new Pulled(await simulator({ video: 'mjpeg', sound: 'pcmu' }), {
      firstTicks: 900_000,
      transcodeVideo: ({ sdp, sink, firstTicks, signal }): VideoTranscoding => {
        said.push(sdp);
        signal.addEventListener('abort', () => gone.resolve());
        let lastTicks = firstTicks ?? 0;
        return {
          rtp: (data) => {
            packets.push(new Uint8Array(data));
            const track = {
              width: 1,
              height: 1,
              codec: 'h264',
              clockRate: 90_000,
              kind: 'video',
              id: 7,
            } as const;
            const parameterSets = { sps: Uint8Array.of(0x67), pps: Uint8Array.of(0x68) };
            if (packets.length === 1) sink.tracks([{ ...track, parameterSets }]);
            if ((packets.at(-1)?.[1] ?? 0) >> 7 === 0) return;
            lastTicks += 6000;
            const times = { dtsTicks: lastTicks, ptsTicks: lastTicks, wallClockMs: Date.now() };
            sink.frame({
              trackId: 7,
              kind: 'video',
              key: true,
              data: Uint8Array.of(1),
              parameterSetBytes: 0,
              ...times,
            });
          },
          rtcp: () => undefined,
          ended: gone.promise,
          get lastTicks() {
            return lastTicks;
          },
        };
      },
    });
    await pulled.filled();
    await pulled.stop();
    await gone.promise;
    expect(said[0]).toMatch(/^v=0\r\n.*m=video 0 RTP\/AVP 26\r\n/s);
    expect(packets.every((packet) => ((packet[1] ?? 0) & 0x7f) === 26)).toBe(true);
    expect(pulled.tracks.at(-1)).toMatchObject([
      { kind: 'video', id: 1, codec: 'h264' },
      { kind: 'audio', id: 2, codec: 'pcmu' },
    ]);
    expect(new Set(pulled.frames.map((frame) => `${frame.kind} ${frame.trackId}`))).toEqual(
      new Set(['video 1', 'audio 2']),
    );
    expect(Math.min(...pulled.seconds('audio'))).toBeGreaterThan(10);
    expect(pulled.frames[0]?.kind).toBe('video');
  });

  test('is shown as H.264 by FFmpeg, with its sound, on one time line over two pulls', async () => {
    const jobs = new FfmpegJobs({ ffmpegPath: 'ffmpeg', limit: 2, clock: systemClock, log: silentLog() });
    const encoders = new H264Encoders({ jobs, clock: systemClock, log: silentLog() });
    const loopback = await LoopbackRtsp.open({ clock: systemClock });
    open.push({ [Symbol.asyncDispose]: () => loopback.close() });
    const transcodeVideo = createTranscodeVideo({ jobs, loopback, encoders });
    const from = await simulator({ video: 'mjpeg', sound: 'pcmu' });
    const first = new Pulled(from, { transcodeVideo });
    await first.filled();
    await first.stop();
    expect(jobs.load()).toEqual({ running: 0, queued: 0 });
    expect(first.tracks.at(-1)).toMatchObject([
      { kind: 'video', id: 1, codec: 'h264', width: 480, height: 272 },
      { kind: 'audio', id: 2, codec: 'pcmu' },
    ]);
    expect(first.frames[0]).toMatchObject({ kind: 'video', key: true });
    const times = first.seconds('video');
    const steps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    // As many pictures as the camera sent, 15 a second.
    expect(steps.filter((step) => step < 0.05).length).toBeLessThan(3);
    const last = Math.max(...times, ...first.seconds('audio'));
    const second = new Pulled(from, { transcodeVideo, firstTicks: first.source.lastTicks });
    await second.filled();
    await second.stop();
    expect(Math.min(...second.seconds('video'), ...second.seconds('audio'))).toBeGreaterThan(last);
    const apart = (second.seconds('video').at(-1) ?? 0) - (second.seconds('audio').at(-1) ?? 0);
    expect(Math.abs(apart)).toBeLessThan(0.6);
  });
});
