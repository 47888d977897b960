import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { opusSamples, parseMp3Frame } from '@vedette/bitstream';
import type { AudioTrack, EncodedFrame } from '@vedette/media-types';
import { silentLog, systemClock } from '@vedette/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { AdtsReader } from '../../apps/media-node/src/ffmpeg/audio/adts-stream.ts';
import { AudioRenditions } from '../../apps/media-node/src/ffmpeg/audio/audio-renditions.ts';
import { OggReader, OpusOggWriter } from '../../apps/media-node/src/ffmpeg/audio/ogg-pages.ts';
import { FfmpegJobs } from '../../apps/media-node/src/ffmpeg/ffmpeg-jobs.ts';
import type { AudioRendition, RenditionCodec } from '../../apps/media-node/src/hub/audio-rendition-port.ts';
import { RecordingSubscriber } from '../../apps/media-node/src/hub/frames.fixture.ts';
import { StreamHub } from '../../apps/media-node/src/hub/stream-hub.ts';
import { eventually } from '../support/eventually.ts';

interface Piece {
  readonly data: Uint8Array;
  readonly samples: number;
}

function read(name: string): Uint8Array {
  return readFileSync(new URL(`../../fixtures/sounds/${name}`, import.meta.url));
}

function slices(bytes: Uint8Array, size: number, samples: number): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at + size <= bytes.length; at += size)
    pieces.push({ data: bytes.subarray(at, at + size), samples });
  return pieces;
}

function track(codec: AudioTrack['codec'], clockRate: number, more: Partial<AudioTrack> = {}): AudioTrack {
  return { kind: 'audio', id: 2, codec, clockRate, channels: 1, ...more };
}

function opusPieces(): Piece[] {
  const packets: Uint8Array[] = [];
  new OggReader((packet) => packets.push(packet)).push(read('sound.opus'));
  return packets.slice(2).map((data) => ({ data, samples: opusSamples(data) }));
}

function mp3Pieces(): Piece[] {
  const bytes = read('sound.mp3');
  const pieces: Piece[] = [];
  for (let at = 0; ; ) {
    const facts = parseMp3Frame(bytes, at);
    if (facts === null) return pieces;
    pieces.push({ data: bytes.subarray(at, at + facts.frameBytes), samples: facts.samples });
    at += facts.frameBytes;
  }
}

function aacSound(): { pieces: Piece[]; config: Uint8Array } {
  const pieces: Piece[] = [];
  let config = new Uint8Array();
  new AdtsReader((data, facts) => {
    config = new Uint8Array(facts.config);
    pieces.push({ data, samples: 1024 });
  }).push(read('sound.aac'));
  return { pieces, config };
}

const aac = aacSound();
const SOUNDS: readonly (readonly [AudioTrack, readonly Piece[]])[] = [
  [track('pcmu', 8000), slices(read('sound.pcmu'), 160, 160)],
  [track('pcma', 8000), slices(read('sound.pcma'), 160, 160)],
  [track('l16', 8000, { samples: { bits: 16, littleEndian: false } }), slices(read('sound.l16'), 320, 160)],
  [track('g726', 8000, { samples: { bits: 4, littleEndian: true } }), slices(read('sound.g726'), 80, 160)],
  [track('g722', 16_000), slices(read('sound.g722'), 160, 320)],
  [track('mp3', 16_000), mp3Pieces()],
  [track('aac', 16_000, { config: aac.config }), aac.pieces],
  [track('opus', 48_000, { channels: 2 }), opusPieces()],
];

describe('sound in another codec', () => {
  const jobs = new FfmpegJobs({ ffmpegPath: 'ffmpeg', limit: 8, clock: systemClock, log: silentLog() });
  const renditions = new AudioRenditions({ jobs, clock: systemClock, random: Math.random, log: silentLog() });
  let opened: AudioRendition[] = [];

  afterEach(async () => {
    for (const rendition of opened) rendition.release();
    opened = [];
    await eventually('no process is left', () => jobs.load().running === 0);
  });

  function listen(hub: StreamHub, codec: RenditionCodec, id = 'ear') {
    const rendition = renditions.open(hub, codec);
    opened.push(rendition);
    const ear = new RecordingSubscriber(id);
    rendition.hub.subscribe(ear, 'none');
    return { rendition, ear };
  }

  function frameOf(about: AudioTrack, data: Uint8Array, ticks: number): EncodedFrame {
    return {
      trackId: about.id,
      kind: 'audio',
      dtsTicks: ticks,
      ptsTicks: ticks,
      key: true,
      data,
      parameterSetBytes: 0,
      wallClockMs: 1000 + (ticks * 1000) / about.clockRate,
    };
  }

  function play(hub: StreamHub, about: AudioTrack, pieces: readonly Piece[], from = 0): number {
    let ticks = from;
    for (const { data, samples } of pieces) {
      hub.frame(frameOf(about, data, ticks));
      ticks += samples;
    }
    return ticks;
  }

  const seconds = (frame: EncodedFrame | undefined, rate: number) => (frame?.ptsTicks ?? 0) / rate;

  it.each(SOUNDS)(
    'is made of $codec, for browsers and for HLS, on the same time line',
    async (about, pieces) => {
      const hub = new StreamHub();
      hub.tracks([about]);
      const heard = (['opus', 'aac'] as const)
        .filter((codec) => codec !== about.codec)
        .map((codec) => ({ codec, ...listen(hub, codec) }));
      const begin = 5 * about.clockRate;
      const end = play(hub, about, pieces, begin) / about.clockRate;
      expect(end).toBeGreaterThan(8.9);
      for (const { codec, ear, rendition } of heard) {
        // The encoder and the demuxer keep a little back until more comes: 256 ms of G.726, which FFmpeg reads by 1024 bytes.
        await eventually(`${codec} up to the end`, () => seconds(ear.frames.at(-1), 48_000) > end - 0.6);
        expect(ear.trackCalls.at(-1)).toMatchObject([{ kind: 'audio', id: 2, codec, clockRate: 48_000 }]);
        expect(rendition.reason).toBeNull();
        const stamps = ear.frames.map((frame) => frame.ptsTicks);
        const step = codec === 'opus' ? 960 : 1024;
        expect(new Set(stamps.slice(1).map((stamp, i) => stamp - (stamps[i] ?? 0)))).toEqual(new Set([step]));
        expect(seconds(ear.frames[0], 48_000)).toBeCloseTo(5, 1);
        expect(ear.frames[0]?.wallClockMs).toBeCloseTo(1000 + seconds(ear.frames[0], 48), 0);
      }
    },
  );

  it('comes from one process however many listen, which ends with the last', async () => {
    const [about, pieces] = SOUNDS[0] ?? [track('pcmu', 8000), []];
    const hub = new StreamHub();
    hub.tracks([about]);
    const ears = ['a', 'b', 'c'].map((id) => listen(hub, 'opus', id));
    play(hub, about, pieces);
    await eventually('all hear', () => ears.every(({ ear }) => ear.frames.length > 100));
    expect(jobs.load().running).toBe(1);
    for (const { rendition } of ears.slice(1)) rendition.release();
    expect(jobs.load().running).toBe(1);
    ears[0]?.rendition.release();
    ears[0]?.rendition.release();
    await eventually('it ended', () => jobs.load().running === 0);
    expect(hub.subscriberCount).toBe(0);
  });

  it('is passed on without a process when it has the codec already', () => {
    const about = track('opus', 48_000, { channels: 2 });
    const hub = new StreamHub();
    hub.tracks([about]);
    const { ear } = listen(hub, 'opus');
    play(hub, about, opusPieces());
    expect(ear.frames.length).toBeGreaterThan(100);
    expect(jobs.load().running).toBe(0);
  });

  it('goes on at the right time after a gap', async () => {
    const [about, pieces] = SOUNDS[0] ?? [track('pcmu', 8000), []];
    const hub = new StreamHub();
    hub.tracks([about]);
    const { ear } = listen(hub, 'opus');
    const end = play(hub, about, pieces.slice(0, 100));
    const resumed = end + 3 * about.clockRate;
    play(hub, about, pieces.slice(0, 100), resumed);
    await eventually('the end', () => seconds(ear.frames.at(-1), 48_000) > resumed / about.clockRate + 1.7);
    const stamps = ear.frames.map((frame) => seconds(frame, 48_000));
    const gaps = stamps.slice(1).map((stamp, i) => stamp - (stamps[i] ?? 0));
    expect(gaps.filter((gap) => gap > 0.05)).toHaveLength(1);
    expect(Math.max(...gaps)).toBeCloseTo(3, 1);
  });

  it('is started again when its process dies', async () => {
    const [about, pieces] = SOUNDS[0] ?? [track('pcmu', 8000), []];
    let pid = 0;
    const spied = new AudioRenditions({
      jobs: {
        run: (job, signal) =>
          jobs.run(
            {
              ...job,
              onStarted: (running) => {
                pid = running.pid;
                job.onStarted?.(running);
              },
            },
            signal,
          ),
      },
      clock: systemClock,
      random: () => 0,
      log: silentLog(),
    });
    const hub = new StreamHub();
    hub.tracks([about]);
    const rendition = spied.open(hub, 'opus');
    opened.push(rendition);
    const ear = new RecordingSubscriber('ear');
    rendition.hub.subscribe(ear, 'none');
    const end = play(hub, about, pieces);
    await eventually('sound', () => ear.frames.length > 50);
    process.kill(pid, 'SIGKILL');
    await eventually('it is noticed', () => rendition.reason === 'ffmpeg_failed');
    const before = ear.frames.length;
    let ticks = end + 8000;
    await eventually('sound again', () => {
      ticks = play(hub, about, pieces.slice(0, 10), ticks);
      return ear.frames.length > before + 50;
    });
    expect(rendition.reason).toBeNull();
  });

  it('begins at the sample that it began at in the source', async () => {
    // One second of silence, then a tone.
    const rate = 16_000;
    const samples = Buffer.alloc(rate * 2 * 2);
    for (let i = rate; i < rate * 2; i += 1)
      samples.writeInt16BE(Math.round(12_000 * Math.sin((i * 2 * Math.PI * 1000) / rate)), i * 2);
    const about = track('l16', rate, { samples: { bits: 16, littleEndian: false } });
    const hub = new StreamHub();
    hub.tracks([about]);
    const { ear } = listen(hub, 'opus');
    play(hub, about, slices(samples, 640, 320));
    await eventually('the tone', () => seconds(ear.frames.at(-1), 48_000) > 1.6);
    const ogg = new OpusOggWriter();
    const file = Buffer.concat([ogg.headers(1), ...ear.frames.map(({ data }) => ogg.packet(data, 960))]);
    const decoded = execFileSync(
      'ffmpeg',
      ['-v', 'error', '-f', 'ogg', '-i', 'pipe:0', '-f', 's16le', '-ar', '48000', 'pipe:1'],
      { input: file },
    );
    let onset = 0;
    while (Math.abs(decoded.readInt16LE(onset * 2)) < 3000) onset += 1;
    expect(seconds(ear.frames[0], 48_000) + onset / 48_000).toBeCloseTo(1, 2);
  });
});
