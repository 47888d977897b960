import type { AudioTrack, CloseReason, EncodedFrame, Track, VideoTrack } from '@vedette/media-types';
import { describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../../tests/support/held-clock.ts';
import { StreamHub } from '../../hub/stream-hub.ts';
import { AUDIO, picture, VIDEO, WALL_START_MS } from './frames.fixture.ts';
import { HlsFeed } from './hls-feed.ts';

const PCMU: AudioTrack = { kind: 'audio', id: 2, codec: 'pcmu', clockRate: 8000, channels: 1 };
const MADE: AudioTrack = { ...AUDIO, id: PCMU.id };

function said(track: AudioTrack, seconds: number, wallClockMs: number): EncodedFrame {
  const ticks = Math.round(seconds * track.clockRate);
  return {
    trackId: track.id,
    kind: 'audio',
    dtsTicks: ticks,
    ptsTicks: ticks,
    key: true,
    data: Uint8Array.of(1),
    parameterSetBytes: 0,
    wallClockMs,
  };
}

function setUp() {
  const clock = new HeldClock(WALL_START_MS);
  const hub = new StreamHub({ clock });
  const made = new StreamHub({ clock });
  let opened = 0;
  const release = () => {
    opened -= 1;
  };
  const out: (readonly Track[] | EncodedFrame)[] = [];
  const closed: CloseReason[] = [];
  const feed = new HlsFeed({
    id: 'hls-cam_a',
    hub,
    clock,
    sink: {
      tracks: (tracks) => out.push(tracks),
      frame: (frame) => out.push(frame),
      close: (reason) => closed.push(reason),
    },
    renditions: {
      open: () => {
        opened += 1;
        return { hub: made, reason: null, release: () => release() };
      },
    },
  });
  const codecs = () =>
    out
      .filter((one): one is readonly Track[] => Array.isArray(one))
      .map((tracks) => tracks.map(({ codec }) => codec));
  const frames = () => out.filter((one): one is EncodedFrame => !Array.isArray(one));
  const kinds = () =>
    frames()
      .map((frame) => (frame.kind === 'video' ? 'v' : 'a'))
      .join('');
  return { clock, closed, codecs, feed, frames, hub, kinds, made, opened: () => opened };
}

describe('the feed of a muxer', () => {
  it('passes on what can be packaged, and asks nobody for sound', () => {
    const { codecs, feed, hub, kinds, opened } = setUp();
    feed.start('gop');
    hub.tracks([VIDEO, AUDIO]);
    hub.frame(picture(0));
    hub.frame(said(AUDIO, 0, WALL_START_MS));
    expect(codecs()).toEqual([['h264', 'aac']]);
    expect(kinds()).toBe('va');
    expect(opened()).toBe(0);
  });

  it('exchanges sound that has no place in MP4 for AAC, each at its moment, pictures in step with it', () => {
    const { codecs, feed, frames, hub, kinds, made } = setUp();
    feed.start('gop');
    hub.tracks([VIDEO, PCMU]);
    for (let n = 0; n < 4; n += 1) hub.frame(picture(n));
    hub.frame(said(PCMU, 0.02, WALL_START_MS + 20));
    expect(codecs()).toEqual([]);
    made.tracks([MADE]);
    expect(codecs()).toEqual([['h264', 'aac']]);
    made.frame(said(MADE, 0, 0));
    made.frame(said(MADE, 0.1, 0));
    hub.frame(picture(4));
    made.frame(said(MADE, 0.3, 0));
    expect(kinds()).toBe('vavavvva');
    expect(
      frames()
        .filter(({ kind }) => kind === 'audio')
        .map(({ wallClockMs }) => wallClockMs - WALL_START_MS),
    ).toEqual([0, 100, 300]);
  });

  it('plays sound alone as well', () => {
    const { codecs, feed, hub, kinds, made } = setUp();
    feed.start('gop');
    hub.tracks([PCMU]);
    hub.frame(said(PCMU, 0, WALL_START_MS));
    made.tracks([MADE]);
    made.frame(said(MADE, 0, 0));
    expect(codecs()).toEqual([['aac']]);
    expect(kinds()).toBe('a');
  });

  it('goes without sound when none is made in two seconds, for good', async () => {
    const { clock, codecs, feed, hub, kinds, made, opened } = setUp();
    feed.start('gop');
    hub.tracks([VIDEO, PCMU]);
    hub.frame(picture(0));
    hub.frame(picture(1));
    await clock.pass(2100);
    expect(codecs()).toEqual([['h264']]);
    expect(kinds()).toBe('vv');
    expect(opened()).toBe(0);
    made.tracks([MADE]);
    hub.frame(picture(2));
    expect(codecs()).toHaveLength(1);
    expect(kinds()).toBe('vvv');
  });

  it('holds a picture no longer than 0.4 s for sound that stopped, and in step again once it is back', async () => {
    const { clock, feed, hub, kinds, made } = setUp();
    feed.start('gop');
    hub.tracks([VIDEO, PCMU]);
    made.tracks([MADE]);
    hub.frame(picture(0));
    await clock.pass(300);
    expect(kinds()).toBe('');
    await clock.pass(150);
    expect(kinds()).toBe('v');
    hub.frame(picture(1));
    expect(kinds()).toBe('vv');
    made.frame(said(MADE, 0.05, 0));
    hub.frame(picture(2));
    expect(kinds()).toBe('vva');
    made.frame(said(MADE, 0.2, 0));
    expect(kinds()).toBe('vvava');
  });

  it('tells a source that starts anew as such, and leaves the sound when it is over', () => {
    const { closed, codecs, feed, hub, kinds, made, opened } = setUp();
    feed.start('gop');
    hub.tracks([VIDEO, PCMU]);
    made.tracks([MADE]);
    hub.tracks([VIDEO as VideoTrack, PCMU]);
    // A process that is started again says the same once more.
    made.tracks([{ ...MADE }]);
    expect(codecs()).toEqual([
      ['h264', 'aac'],
      ['h264', 'aac'],
    ]);
    hub.tracks([VIDEO, AUDIO]);
    expect(opened()).toBe(0);
    hub.frame(picture(0));
    expect(kinds()).toBe('v');
    hub.close('stream_dropped');
    feed.close('viewer_left');
    expect(closed).toEqual(['stream_dropped']);
  });
});
