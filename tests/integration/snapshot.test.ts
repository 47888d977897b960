import { silentLog, systemClock } from '@vedette/runtime';
import { describe, expect, it } from 'vitest';
import { createDecodePicture } from '../../apps/media-node/src/egress/snapshot/decode-picture.ts';
import { Snapshots } from '../../apps/media-node/src/egress/snapshot/snapshots.ts';
import { FfmpegJobs } from '../../apps/media-node/src/ffmpeg/ffmpeg-jobs.ts';
import { StreamHub } from '../../apps/media-node/src/hub/stream-hub.ts';
import { videoClip } from '../support/codec-clips.ts';

const FFMPEG = process.env['FFMPEG_PATH'] ?? 'ffmpeg';

/** Pixels, from the frame header of a baseline JPEG (ITU-T T.81 section B.2.2). */
function jpegSize(jpeg: Buffer): { width: number; height: number } {
  expect(jpeg.readUInt16BE(0)).toBe(0xffd8);
  expect(jpeg.readUInt16BE(jpeg.length - 2)).toBe(0xffd9);
  for (let at = 2; at < jpeg.length; ) {
    if (jpeg[at + 1] === 0xc0) return { height: jpeg.readUInt16BE(at + 5), width: jpeg.readUInt16BE(at + 7) };
    at += 2 + jpeg.readUInt16BE(at + 2);
  }
  throw new Error('there is no frame header');
}

describe('a snapshot', () => {
  it.each(['h264', 'h265'] as const)(
    'of %s is decoded by FFmpeg, made smaller, never larger',
    async (codec) => {
      const { track, frames } = await videoClip(codec, 1);
      const hub = new StreamHub();
      hub.tracks([track]);
      for (const frame of frames) hub.frame(frame);
      const jobs = new FfmpegJobs({ ffmpegPath: FFMPEG, limit: 2, clock: systemClock, log: silentLog() });
      const snapshots = new Snapshots({ decode: createDecodePicture(jobs), lookup: () => hub });
      const [small, large] = await Promise.all([snapshots.take('cam_a', 160), snapshots.take('cam_a', 1280)]);
      expect(jpegSize(small.jpeg)).toEqual({ width: 160, height: 90 });
      expect(jpegSize(large.jpeg)).toEqual({ width: 320, height: 180 });
      expect(jobs.load()).toEqual({ running: 0, queued: 0 });
    },
  );

  it('of a broken picture, or without FFmpeg, is refused and leaves nothing behind', async () => {
    const { track, frames } = await videoClip('h264', 1);
    const hub = new StreamHub();
    hub.tracks([track]);
    const [frame] = frames;
    if (frame === undefined) throw new Error('there is no frame');
    hub.frame({ ...frame, data: frame.data.map((byte, i) => (i < 40 ? byte : 0x55)).subarray(0, 44) });
    for (const ffmpegPath of [FFMPEG, '/nowhere/ffmpeg']) {
      const jobs = new FfmpegJobs({ ffmpegPath, limit: 2, clock: systemClock, log: silentLog() });
      const snapshots = new Snapshots({ decode: createDecodePicture(jobs), lookup: () => hub });
      await expect(snapshots.take('cam_a', 160)).rejects.toMatchObject({ code: 'unavailable' });
      expect(jobs.load()).toEqual({ running: 0, queued: 0 });
    }
  });
});
