import { describe, expect, it } from 'vitest';
import { planMedia } from './media-plan.ts';

const h264 = { index: 0, codec_type: 'video', codec_name: 'h264', pix_fmt: 'yuv420p' };
const aac = { index: 1, codec_type: 'audio', codec_name: 'aac' };

function plan(format: string, streams: readonly object[]) {
  const { video, audio } = planMedia(JSON.stringify({ format: { format_name: format }, streams }));
  const word = (stream: { readonly copy: boolean } | undefined) =>
    stream === undefined ? 'none' : stream.copy ? 'copy' : 'encode';
  return [word(video), word(audio)];
}

describe('what is made of a file', () => {
  it.each([
    ['mov,mp4,m4a,3gp,3g2,mj2', [h264, aac], ['copy', 'copy']],
    [
      'matroska,webm',
      [
        { ...h264, codec_name: 'vp9' },
        { ...aac, codec_name: 'opus' },
      ],
      ['encode', 'copy'],
    ],
    ['mov,mp4,m4a,3gp,3g2,mj2', [{ ...h264, pix_fmt: 'yuv422p10le' }], ['encode', 'none']],
    ['matroska,webm', [{ ...h264, codec_name: 'hevc', pix_fmt: 'yuv420p10le' }], ['copy', 'none']],
    ['mpegts', [h264, aac], ['copy', 'encode']],
    ['wav', [{ ...aac, codec_name: 'pcm_s16le' }], ['none', 'encode']],
    [
      'mp3',
      [
        { ...aac, codec_name: 'mp3' },
        { ...h264, codec_name: 'mjpeg', disposition: { attached_pic: 1 } },
      ],
      ['none', 'copy'],
    ],
    [
      'mov,mp4,m4a,3gp,3g2,mj2',
      [
        { index: 0, codec_type: 'data' },
        { ...h264, index: 1 },
      ],
      ['copy', 'none'],
    ],
  ] as const)('of %s with %j is %j', (format, streams, expected) => {
    expect(plan(format, streams)).toEqual(expected);
  });

  it.each([
    ['hls', [h264], 'source_not_allowed'],
    ['concat', [h264], 'source_not_allowed'],
    ['sdp', [h264], 'source_not_allowed'],
    ['mpegts', [], 'codec_unsupported'],
    ['mpegts', [{ index: 0, codec_type: 'subtitle' }], 'codec_unsupported'],
  ] as const)('of %s with %j is refused', (format, streams, code) => {
    expect(() => plan(format, streams)).toThrow(expect.objectContaining({ code }));
  });

  it.each(['', '{}', '[1]', 'not json', '{"format":{"format_name":3},"streams":[]}'])(
    'of an answer that is none is an error of ours: %j',
    (answer) => {
      expect(() => planMedia(answer)).toThrow(expect.objectContaining({ code: 'ffmpeg_failed' }));
    },
  );
});
