// Seconds of picture and sound in every codec that HLS carries, made by FFmpeg, as the frames that a hub would give.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  H264_NAL,
  H265_NAL,
  h264NalType,
  h265NalType,
  isH265Irap,
  opusSamples,
  parseH264Sps,
  parseH265Sps,
  splitAnnexB,
  toLengthPrefixed,
} from '@vedette/bitstream';
import type { AudioTrack, EncodedFrame, VideoTrack } from '@vedette/media-types';
import { OggReader } from '../../apps/media-node/src/ffmpeg/audio/ogg-pages.ts';
import { AudioFrameReader } from '../../apps/media-node/src/ingest/http-audio/audio-frame-reader.ts';

export interface CodecClip<T extends VideoTrack | AudioTrack> {
  readonly track: T;
  readonly frames: readonly EncodedFrame[];
}

const run = promisify(execFile);
const FFMPEG = process.env['FFMPEG_PATH'] ?? 'ffmpeg';
const FRAMES_PER_SECOND = 10;
const VIDEO_ID = 1;
const AUDIO_ID = 2;
const WALL_START_MS = Date.UTC(2026, 10, 20, 12);

async function encode(input: string, output: readonly string[]): Promise<Buffer> {
  const args = ['-v', 'error', '-f', 'lavfi', '-i', input, ...output, '-'];
  const { stdout } = await run(FFMPEG, args, { encoding: 'buffer', maxBuffer: 32_000_000 });
  return stdout;
}

/** A key frame each second, no B-frames, one slice a picture. */
export async function videoClip(codec: 'h264' | 'h265', seconds: number): Promise<CodecClip<VideoTrack>> {
  const input = `testsrc2=s=320x180:r=${FRAMES_PER_SECOND}:d=${seconds}`;
  const args =
    codec === 'h264'
      ? [
          '-c:v',
          'libx264',
          '-preset',
          'ultrafast',
          '-x264-params',
          'keyint=10:min-keyint=10:bframes=0:slices=1',
          '-f',
          'h264',
        ]
      : [
          '-c:v',
          'libx265',
          '-preset',
          'ultrafast',
          '-x265-params',
          'log-level=none:keyint=10:min-keyint=10:bframes=0:slices=1',
          '-f',
          'hevc',
        ];
  const stream = await encode(input, ['-pix_fmt', 'yuv420p', ...args]);
  return codec === 'h264' ? h264(stream) : h265(stream);
}

function h264(stream: Buffer): CodecClip<VideoTrack> {
  const sets = new Map<number, Uint8Array>();
  const frames: EncodedFrame[] = [];
  for (const nal of splitAnnexB(stream)) {
    const type = h264NalType(nal[0] ?? 0);
    if (type === H264_NAL.sps || type === H264_NAL.pps) sets.set(type, nal);
    const key = type === H264_NAL.idr;
    if (key || type === H264_NAL.slice)
      frames.push(picture(frames.length, nal, key ? [...sets.values()] : []));
  }
  const [sps, pps] = [sets.get(H264_NAL.sps), sets.get(H264_NAL.pps)];
  const facts = sps === undefined ? null : parseH264Sps(sps);
  if (sps === undefined || pps === undefined || facts === null) throw new Error('FFmpeg made no H.264');
  return { track: track('h264', { sps, pps }, facts), frames };
}

function h265(stream: Buffer): CodecClip<VideoTrack> {
  const sets = new Map<number, Uint8Array>();
  const frames: EncodedFrame[] = [];
  for (const nal of splitAnnexB(stream)) {
    const type = h265NalType(nal[0] ?? 0);
    if (type >= H265_NAL.vps && type <= H265_NAL.pps) sets.set(type, nal);
    if (type > H265_NAL.lastSlice) continue;
    frames.push(picture(frames.length, nal, isH265Irap(type) ? [...sets.values()] : []));
  }
  const [vps, sps, pps] = [H265_NAL.vps, H265_NAL.sps, H265_NAL.pps].map((type) => sets.get(type));
  const facts = sps === undefined ? null : parseH265Sps(sps);
  if (vps === undefined || sps === undefined || pps === undefined || facts === null)
    throw new Error('FFmpeg made no H.265');
  return { track: track('h265', { vps, sps, pps }, facts), frames };
}

function track(
  codec: VideoTrack['codec'],
  parameterSets: VideoTrack['parameterSets'],
  { width, height }: { readonly width: number; readonly height: number },
): VideoTrack {
  return { kind: 'video', id: VIDEO_ID, codec, clockRate: 90_000, parameterSets, width, height };
}

function picture(index: number, nal: Uint8Array, sets: readonly Uint8Array[]): EncodedFrame {
  const prefix = toLengthPrefixed(sets);
  const ticks = (index * 90_000) / FRAMES_PER_SECOND;
  return {
    trackId: VIDEO_ID,
    kind: 'video',
    dtsTicks: ticks,
    ptsTicks: ticks,
    key: sets.length > 0,
    data: Buffer.concat([prefix, toLengthPrefixed([nal])]),
    parameterSetBytes: prefix.byteLength,
    wallClockMs: WALL_START_MS + ticks / 90,
  };
}

export async function audioClip(
  codec: 'aac' | 'mp3' | 'opus',
  seconds: number,
): Promise<CodecClip<AudioTrack>> {
  const input = `sine=frequency=440:sample_rate=48000:duration=${seconds}`;
  const two = ['-ac', '2'];
  if (codec === 'opus') {
    const stream = await encode(input, [...two, '-c:a', 'libopus', '-b:a', '64k', '-f', 'ogg']);
    const packets: Uint8Array[] = [];
    const reader = new OggReader((packet) => packets.push(packet));
    reader.push(stream);
    const [head, , ...sound] = packets;
    return clip(
      { codec, clockRate: 48_000, channels: 2, config: head },
      sound.map((data) => ({ data, samples: opusSamples(data) })),
    );
  }
  const args =
    codec === 'aac' ? ['-c:a', 'aac', '-f', 'adts'] : ['-c:a', 'libmp3lame', '-reservoir', '0', '-f', 'mp3'];
  const frames: { data: Uint8Array; samples: number; config: Uint8Array | undefined }[] = [];
  new AudioFrameReader((frame) => frames.push(frame)).push(await encode(input, [...two, ...args]));
  return clip({ codec, clockRate: 48_000, channels: 2, config: frames[0]?.config }, frames);
}

function clip(
  {
    codec,
    clockRate,
    channels,
    config,
  }: Pick<AudioTrack, 'codec' | 'clockRate' | 'channels'> & { readonly config: Uint8Array | undefined },
  sound: readonly { readonly data: Uint8Array; readonly samples: number }[],
): CodecClip<AudioTrack> {
  let ticks = 0;
  const frames = sound.map(({ data, samples }): EncodedFrame => {
    const at = ticks;
    ticks += samples;
    const wallClockMs = WALL_START_MS + (at * 1000) / clockRate;
    return {
      trackId: AUDIO_ID,
      kind: 'audio',
      dtsTicks: at,
      ptsTicks: at,
      key: true,
      data,
      parameterSetBytes: 0,
      wallClockMs,
    };
  });
  const told = config === undefined ? {} : { config };
  return { track: { kind: 'audio', id: AUDIO_ID, codec, clockRate, channels, ...told }, frames };
}
