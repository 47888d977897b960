import { describe, expect, it } from 'vitest';
import { picture, VIDEO_ONLY, WALL_START_MS } from '../../apps/media-node/src/egress/hls/frames.fixture.ts';
import { HlsMuxer } from '../../apps/media-node/src/egress/hls/hls-muxer.ts';
import { HeldClock } from '../support/held-clock.ts';
import { HlsValidator } from '../support/hls-validator.ts';

function judge(change: (text: string) => string, changeDelta = change): string[] {
  const clock = new HeldClock(WALL_START_MS);
  const secret = Buffer.alloc(32);
  const muxer = new HlsMuxer({ id: 'm', clock, path: 'cam_a', run: 'r', secret, expectedGopMs: 2000 });
  const validator = new HlsValidator({
    media: (uri) => {
      const data = muxer.media(uri.split('/').at(-1) ?? '', 1);
      return data instanceof Buffer ? data : undefined;
    },
  });
  const read = (delta: boolean) => {
    const rendered = muxer.playlist({ delta, timeoutMs: 1, owner: undefined });
    return rendered instanceof Promise ? '' : rendered.plain.toString();
  };
  muxer.tracks(VIDEO_ONLY);
  for (let n = 0; n < 280; n += 1) muxer.frame(picture(n));
  validator.see(read(false), read(true));
  for (let n = 280; n < 283; n += 1) muxer.frame(picture(n));
  validator.see(change(read(false)), changeDelta(read(true)));
  return validator.problems;
}

/** The same in the playlist and in its delta update, so that each breach is seen for itself. */
describe('the validator of playlists', () => {
  it('finds nothing wrong with what is right', () => {
    expect(judge((text) => text)).toEqual([]);
  });

  it.each([
    [/TARGETDURATION:2/, 'TARGETDURATION:3', 'EXT-X-TARGETDURATION changed while the stream lived'],
    [/PART-TARGET=0.2/, 'PART-TARGET=0.19', 'a part is longer than PART-TARGET'],
    [/PART-HOLD-BACK=0.6/, 'PART-HOLD-BACK=0.5', 'PART-HOLD-BACK is too small'],
    [/MEDIA-SEQUENCE:(\d+)/, 'MEDIA-SEQUENCE:1', 'MEDIA-SEQUENCE went back'],
    [/DISCONTINUITY-SEQUENCE:\d+/, 'DISCONTINUITY-SEQUENCE:9999', 'DISCONTINUITY-SEQUENCE is wrong'],
    [/#EXTINF:2,/, '#EXTINF:2.9,', 'EXTINF exceeds TARGETDURATION'],
    [/#EXT-X-PART:DURATION=0.2,/, '#EXT-X-PART:DURATION=0.1,', 'a part is too short'],
    [/,INDEPENDENT=YES/, '', 'a segment is not independent'],
    [/#EXT-X-PRELOAD-HINT.*\n/, '', 'no hint at the end'],
    [/#EXT-X-PROGRAM-DATE-TIME.*\n/, '', 'a segment without PROGRAM-DATE-TIME'],
    [/#EXT-X-VERSION:9\n/, '', 'VERSION is below 9'],
  ])('sees %s replaced by %j', (what, by, problem) => {
    expect(judge((text) => text.replace(what, by))).toContain(problem);
  });

  it('sees parts of which one is not there, and a delta update that is not the playlist', () => {
    const moved = judge((text) => text.replace(/p(\d+)\.[\w-]{16}\.m4s"\n/, 'p$1.AAAAAAAAAAAAAAAA.m4s"\n'));
    expect(moved).toContain('a listed part cannot be fetched');
    const other = judge(
      (text) => text,
      (text) => text.replace(/#EXTINF:2,/, '#EXTINF:1,'),
    );
    expect(other).toContain('a delta update differs from the playlist');
  });
});
