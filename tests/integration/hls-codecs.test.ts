import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AudioTrack, EncodedFrame, VideoTrack } from '@vedette/media-types';
import { systemClock } from '@vedette/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HlsMuxer } from '../../apps/media-node/src/egress/hls/hls-muxer.ts';
import { multivariantPlaylist } from '../../apps/media-node/src/egress/hls/multivariant-playlist.ts';
import { audioClip, type CodecClip, videoClip } from '../support/codec-clips.ts';
import { HlsValidator } from '../support/hls-validator.ts';

const run = promisify(execFile);
const FFMPEG = process.env['FFMPEG_PATH'] ?? 'ffmpeg';
const FFPROBE = FFMPEG.replace(/ffmpeg$/, 'ffprobe');
const SECONDS = 12;
const PREFIX = '../../-/cam_a/run/';

type Video = 'h264' | 'h265' | 'none';
type Audio = 'aac' | 'mp3' | 'opus' | 'none';

const videos = new Map<Video, CodecClip<VideoTrack>>();
const audios = new Map<Audio, CodecClip<AudioTrack>>();
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-codecs-'));
  await Promise.all([
    ...(['h264', 'h265'] as const).map(
      async (codec) => void videos.set(codec, await videoClip(codec, SECONDS)),
    ),
    ...(['aac', 'mp3', 'opus'] as const).map(
      async (codec) => void audios.set(codec, await audioClip(codec, SECONDS)),
    ),
  ]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Published {
  readonly validator: HlsValidator;
  readonly multivariant: string;
  /** Folder of the last playlist with all that it lists. */
  readonly playlistFile: string;
  readonly versions: number;
}

/** A camera that starts anew after 8 of 12 seconds, its playlist looked at after each change. */
async function publish(video: Video, audio: Audio): Promise<Published> {
  const clips = [videos.get(video), audios.get(audio)].filter((clip) => clip !== undefined);
  const muxer = new HlsMuxer({
    id: 'hls-cam_a',
    clock: systemClock,
    path: 'cam_a',
    run: 'run',
    secret: Buffer.alloc(32, 1),
    expectedGopMs: 1000,
  });
  const media = (uri: string) => {
    const data = muxer.media(uri.replace(PREFIX, ''), 1);
    return data instanceof Buffer ? data : undefined;
  };
  const validator = new HlsValidator({ media });
  const read = (delta: boolean) => {
    const rendered = muxer.playlist({ delta, timeoutMs: 1, owner: undefined });
    if (rendered instanceof Promise) throw new Error('there is no playlist');
    return rendered.plain.toString();
  };
  let last = '';
  let versions = 0;
  const look = () => {
    if (!muxer.started) return;
    const text = read(false);
    if (text === last) return;
    versions += 1;
    last = text;
    validator.see(text, read(true));
  };
  const tracks = clips.map((clip) => clip.track);
  const frames: EncodedFrame[] = clips
    .flatMap((clip) => clip.frames)
    .sort((a, b) => a.wallClockMs - b.wallClockMs);
  const began = frames[0]?.wallClockMs ?? 0;
  let restarted = false;
  muxer.tracks(tracks);
  for (const frame of frames) {
    if (!restarted && frame.wallClockMs - began >= 8000) {
      restarted = true;
      muxer.tracks(tracks);
      look();
    }
    muxer.frame(frame);
    look();
  }
  muxer.tracks(tracks);
  look();
  const facts = await muxer.facts(1, undefined);
  const multivariant = multivariantPlaylist([{ facts, mediaPlaylistUri: 'stream.m3u8' }]);
  validator.seeMultivariant(multivariant);
  const listed = last.replace(/#EXT-X-PRELOAD-HINT.*\n/, '');
  const names = [...listed.matchAll(/[ips]\d+\.[\w-]+\.m(?:p4|4s)/g)].map(([name]) => name);
  for (const name of new Set(names)) {
    const data = media(name);
    if (data !== undefined) writeFileSync(join(folder, name), data);
  }
  const playlistFile = join(folder, `${video}-${audio}.m3u8`);
  writeFileSync(playlistFile, `${listed.replaceAll(PREFIX, '')}#EXT-X-ENDLIST\n`);
  return { validator, multivariant, playlistFile, versions };
}

const PAIRS = (['h264', 'h265', 'none'] as const)
  .flatMap((video) => (['none', 'aac', 'mp3', 'opus'] as const).map((audio) => [video, audio] as const))
  .filter(([video, audio]) => video !== 'none' || audio !== 'none');

const CODECS: Readonly<Record<Video | Audio, string>> = {
  h264: 'avc1\\.[0-9A-F]{6}',
  h265: 'hvc1\\.1\\.6\\.L\\d+\\.\\w+',
  aac: 'mp4a\\.40\\.2',
  mp3: 'mp4a\\.6B',
  opus: 'opus',
  none: '',
};

describe.each(PAIRS)('HLS of %s with %s', (video, audio) => {
  it('keeps the authoring rules in every version of its playlist, across a restart, and FFmpeg finds nothing wrong', async () => {
    const { validator, multivariant, playlistFile, versions } = await publish(video, audio);
    expect(validator.problems).toEqual([]);
    expect(versions).toBeGreaterThan(40);
    const codecs = [CODECS[video], CODECS[audio]].filter((codec) => codec !== '').join(',');
    expect(multivariant).toMatch(new RegExp(`CODECS="${codecs}"`));

    const extensions = ['-allowed_extensions', 'ALL'];
    const [probed, decoded] = await Promise.all([
      run(FFPROBE, [
        '-v',
        'error',
        '-show_error',
        '-show_entries',
        'stream=codec_name,codec_tag_string',
        '-of',
        'json',
        ...extensions,
        playlistFile,
      ]),
      run(FFMPEG, ['-v', 'error', ...extensions, '-i', playlistFile, '-map', '0', '-f', 'null', '-'], {
        timeout: 30_000,
      }),
    ]);
    expect(probed.stderr).toBe('');
    expect(decoded.stderr).toBe('');
    const { streams, error } = JSON.parse(probed.stdout);
    expect(error).toBeUndefined();
    expect(streams.map((stream: { codec_name: string }) => stream.codec_name)).toEqual(
      [video === 'h265' ? 'hevc' : video, audio].filter((codec) => codec !== 'none'),
    );
    if (video === 'h265') expect(streams[0].codec_tag_string).toBe('hvc1');
  });
});
