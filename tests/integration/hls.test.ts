import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  H265_NAL,
  h265NalType,
  isH265Irap,
  parseH265Sps,
  splitAnnexB,
  toLengthPrefixed,
} from '@vedette/bitstream';
import type { EncodedFrame, VideoTrack } from '@vedette/media-types';
import { silentLog, systemClock } from '@vedette/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { playClip } from '../../apps/media-node/src/egress/hls/clip.fixture.ts';
import { HlsMuxer } from '../../apps/media-node/src/egress/hls/hls-muxer.ts';
import { AudioRenditions } from '../../apps/media-node/src/ffmpeg/audio/audio-renditions.ts';
import { FfmpegJobs } from '../../apps/media-node/src/ffmpeg/ffmpeg-jobs.ts';
import { HLS_PATH, HlsNode } from '../support/hls-node.ts';
import { feedPcmuTone, PCMU_TONE } from '../support/tone-feeder.ts';

const run = promisify(execFile);
const FFMPEG = process.env['FFMPEG_PATH'] ?? 'ffmpeg';
const FFPROBE = FFMPEG.replace(/ffmpeg$/, 'ffprobe');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-hls-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Probe {
  readonly error?: { readonly string: string };
  readonly streams?: readonly Record<string, unknown>[];
}

/** Everything ffprobe finds wrong goes to stderr at this level; `-show_error` says why it could not open. */
async function probe(url: string): Promise<{ report: Probe; complaints: string }> {
  const args = ['-v', 'error', '-show_error', '-show_streams', '-of', 'json', url];
  const { stdout, stderr } = await run(FFPROBE, args, { timeout: 30_000 });
  return { report: JSON.parse(stdout) as Probe, complaints: stderr };
}

describe('a live playlist in FFmpeg', () => {
  it('is one that ffprobe finds nothing wrong with, from the first part of a cold camera on', async () => {
    await using node = await HlsNode.start();
    const probing = probe(node.playlistUrl());
    node.camera();
    const { report, complaints } = await probing;
    expect(complaints).toBe('');
    expect(report.error).toBeUndefined();
    expect(report.streams).toHaveLength(1);
    expect(report.streams?.[0]).toMatchObject({
      codec_name: 'h264',
      profile: 'High',
      width: 1280,
      height: 720,
      codec_tag_string: 'avc1',
      start_time: '8.000000',
    });
  });

  it('decodes without a complaint, across segments and a source that starts anew', async () => {
    await using node = await HlsNode.start();
    node.camera();
    const args = ['-v', 'error', '-xerror', '-i', node.playlistUrl(), '-frames:v', '75', '-f', 'null', '-'];
    const decoding = run(FFMPEG, args, { timeout: 50_000 });
    await expect
      .poll(() => node.egress.viewers()[0]?.stats().framesSent, { timeout: 10_000 })
      .toBeGreaterThan(40);
    node.camera();
    const { stderr } = await decoding;
    expect(stderr).toBe('');
  });

  it('is played from the stable address by name and password, through its redirection', async () => {
    await using node = await HlsNode.start();
    node.camera();
    const stable = `${node.address}/hls/${HLS_PATH}/index.m3u8`;
    const args = [
      '-v',
      'error',
      '-i',
      stable.replace('://', '://guard:sesame@'),
      '-frames:v',
      '20',
      '-f',
      'null',
      '-',
    ];
    const { stderr } = await run(FFMPEG, args, { timeout: 20_000 });
    expect(stderr).toBe('');
    expect(node.egress.viewers().map(({ claims }) => claims.sid)).toEqual(['viewer9']);
    const open = await fetch(stable);
    expect([open.status, open.headers.get('www-authenticate')?.slice(0, 5)]).toEqual([401, 'Basic']);
  });

  it('lets go of the stream once nobody asks any more', async () => {
    await using node = await HlsNode.start();
    node.camera();
    await probe(node.playlistUrl());
    const left = await fetch(node.playlistUrl().replace('/index.m3u8', ''), { method: 'DELETE' });
    expect(left.status).toBe(204);
    expect(node.egress.viewers()).toEqual([]);
  });
});

describe('sound that MP4 does not carry', () => {
  it('is heard as AAC beside the picture while somebody watches', async () => {
    const jobs = new FfmpegJobs({ ffmpegPath: FFMPEG, limit: 2, clock: systemClock, log: silentLog() });
    const renditions = new AudioRenditions({
      jobs,
      clock: systemClock,
      random: Math.random,
      log: silentLog(),
    });
    await using node = await HlsNode.start({ renditions });
    node.hub.tracks([node.clip.track, PCMU_TONE]);
    using _tone = feedPcmuTone((frame) => node.hub.frame(frame));
    const stop = playClip(node.clip, { tracks: () => undefined, frame: (frame) => node.hub.frame(frame) });
    try {
      const args = ['-v', 'error', '-i', node.playlistUrl(), '-t', '4', '-map', '0', '-f', 'framehash', '-'];
      const { stdout, stderr } = await run(FFMPEG, args, { timeout: 30_000 });
      expect(stderr).toBe('');
      expect(stdout).toContain('#codec_id 0: rawvideo');
      expect(stdout).toContain('#sample_rate 1: 48000');
      const sounds = stdout.split('\n').filter((line) => line.startsWith('1,'));
      expect(sounds.length).toBeGreaterThan(60);
      expect(new Set(sounds.map((line) => line.split(',').at(-1))).size).toBeGreaterThan(30);
    } finally {
      stop();
    }
    node.egress.close();
    await expect.poll(() => jobs.load().running, { timeout: 5000 }).toBe(0);
  });
});

/** An H.265 file as frames; x265 without B-frames, so that decoding follows presentation. */
function h265Frames(file: string, framesPerSecond: number): { track: VideoTrack; frames: EncodedFrame[] } {
  const sets = new Map<number, Uint8Array>();
  const frames: EncodedFrame[] = [];
  for (const nal of splitAnnexB(readFileSync(file))) {
    const type = h265NalType(nal[0] ?? 0);
    if (type >= H265_NAL.vps && type <= H265_NAL.pps) sets.set(type, nal);
    if (type > H265_NAL.lastSlice) continue;
    const key = isH265Irap(type);
    const prefix = key ? toLengthPrefixed([...sets.values()]) : new Uint8Array(0);
    const ticks = Math.round((frames.length * 90_000) / framesPerSecond);
    frames.push({
      trackId: 1,
      kind: 'video',
      dtsTicks: ticks,
      ptsTicks: ticks,
      key,
      data: Buffer.concat([prefix, toLengthPrefixed([nal])]),
      parameterSetBytes: prefix.byteLength,
      wallClockMs: Date.now(),
    });
  }
  const [vps, sps, pps] = [H265_NAL.vps, H265_NAL.sps, H265_NAL.pps].map((type) => sets.get(type));
  const facts = sps === undefined ? null : parseH265Sps(sps);
  if (vps === undefined || sps === undefined || pps === undefined || facts === null) throw new Error(file);
  const { width, height } = facts;
  const parameterSets = { vps, sps, pps };
  return {
    track: { kind: 'video', id: 1, codec: 'h265', clockRate: 90_000, parameterSets, width, height },
    frames,
  };
}

/** AAC frames of an ADTS file (ISO 14496-3 section 1.A.3.2), headers of seven bytes taken off. */
function aacFrames(file: string): EncodedFrame[] {
  const bytes = readFileSync(file);
  const frames: EncodedFrame[] = [];
  for (let at = 0; at + 7 <= bytes.length; ) {
    const length = (bytes.readUInt32BE(at + 2) >>> 5) & 0x1fff;
    if (length < 8) throw new Error(`${file} is no ADTS file`);
    const ticks = frames.length * 1024;
    frames.push({
      trackId: 2,
      kind: 'audio',
      dtsTicks: ticks,
      ptsTicks: ticks,
      key: true,
      data: bytes.subarray(at + 7, at + length),
      parameterSetBytes: 0,
      wallClockMs: 0,
    });
    at += length;
  }
  return frames;
}

describe('packaged media in FFmpeg', () => {
  it('decodes H.265 as hvc1 with AAC beside it, in step', async () => {
    const source = ['-v', 'error', '-y', '-f', 'lavfi'];
    const video = join(folder, 'video.h265');
    const audio = join(folder, 'audio.aac');
    const x265 = ['-c:v', 'libx265', '-x265-params', 'log-level=none:keyint=20:min-keyint=20:bframes=0'];
    execFileSync(FFMPEG, [
      ...source,
      '-i',
      'testsrc2=s=320x180:r=10',
      '-t',
      '4',
      ...x265,
      '-f',
      'hevc',
      video,
    ]);
    execFileSync(FFMPEG, [...source, '-i', 'sine=r=48000', '-t', '4', '-c:a', 'aac', '-f', 'adts', audio]);

    const { track, frames } = h265Frames(video, 10);
    const sound = aacFrames(audio);
    const muxer = new HlsMuxer({
      id: 'hls-test',
      clock: systemClock,
      path: 'cam_test',
      run: 'run',
      secret: Buffer.alloc(32, 1),
      expectedGopMs: 2000,
    });
    const config = Uint8Array.of(0x11, 0x88); // AAC LC, 48 kHz, one channel
    muxer.tracks([track, { kind: 'audio', id: 2, codec: 'aac', clockRate: 48_000, channels: 1, config }]);
    const timed = [
      ...frames.map((frame) => ({ ...frame, wallClockMs: 1e12 + frame.dtsTicks / 90 })),
      ...sound.map((frame) => ({ ...frame, wallClockMs: 1e12 + frame.dtsTicks / 48 })),
    ].sort((a, b) => a.wallClockMs - b.wallClockMs);
    for (const frame of timed) muxer.frame(frame);
    muxer.tracks([]);

    const rendered = muxer.playlist({ delta: false, timeoutMs: 1, owner: undefined });
    if (rendered instanceof Promise) throw new Error('there is no playlist');
    const playlist = rendered.plain.toString();
    const names = [...playlist.matchAll(/(?:MAP:URI=")?([is]\d+\.[\w-]+\.m(?:p4|4s))/g)].map(
      (match) => match[1],
    );
    const media = names.map((name) => muxer.media(name ?? '', 1));
    const file = join(folder, 'all.mp4');
    writeFileSync(file, Buffer.concat(media.filter((data): data is Buffer => data instanceof Buffer)));

    const { report, complaints } = await probe(file);
    expect(complaints).toBe('');
    expect(report.streams?.map((stream) => stream['codec_tag_string'])).toEqual(['hvc1', 'mp4a']);
    const counting = [
      '-v',
      'error',
      '-count_frames',
      '-show_entries',
      'stream=nb_read_frames',
      '-of',
      'csv=p=0',
    ];
    const { stdout, stderr } = await run(FFPROBE, [...counting, file]);
    expect(stderr).toBe('');
    const [pictures, sounds] = stdout.trim().split('\n').map(Number);
    // The still before the camera's own 40.
    expect(pictures).toBe(41);
    expect(sounds).toBeGreaterThan(180);
    const { codecs } = await muxer.facts(1, undefined);
    expect(codecs.join()).toMatch(/^hvc1\.1\.6\.L\d+\.90,mp4a\.40\.2$/);
  });
});
