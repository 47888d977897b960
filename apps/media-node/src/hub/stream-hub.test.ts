import type { EncodedFrame } from '@vedette/media-types';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AUDIO, audio, RecordingSubscriber, VIDEO, video } from './frames.fixture.ts';
import { StreamHub } from './stream-hub.ts';

function feed(hub: StreamHub, frames: readonly EncodedFrame[]): void {
  for (const frame of frames) hub.frame(frame);
}

describe('joining', () => {
  test('a subscriber that came before the tracks gets them first and starts at a key frame', () => {
    const hub = new StreamHub();
    const viewer = new RecordingSubscriber('a');
    hub.subscribe(viewer, 'gop');
    expect(viewer.trackCalls).toEqual([]);
    hub.tracks([VIDEO]);
    feed(hub, [video(0), video(1, true), video(2)]);
    expect(viewer.trackCalls).toEqual([[VIDEO]]);
    expect(viewer.frames.map((f) => f.wallClockMs)).toEqual([1, 2]);
  });

  test('replay "gop" gives everything since the key frame, then live without a gap', () => {
    const hub = new StreamHub();
    hub.tracks([VIDEO]);
    feed(hub, [video(1, true), video(2), video(3)]);
    const viewer = new RecordingSubscriber('a');
    hub.subscribe(viewer, 'gop');
    expect(viewer.frames.map((f) => f.wallClockMs)).toEqual([1, 2, 3]);
    hub.frame(video(4));
    expect(viewer.frames.map((f) => f.wallClockMs)).toEqual([1, 2, 3, 4]);
  });

  test('replay "key-frame" gives the still picture, then nothing until the next key frame', () => {
    const hub = new StreamHub();
    hub.tracks([VIDEO]);
    feed(hub, [video(1, true), video(2)]);
    const viewer = new RecordingSubscriber('a');
    hub.subscribe(viewer, 'key-frame');
    feed(hub, [video(3), video(4, true), video(5)]);
    expect(viewer.frames.map((f) => f.wallClockMs)).toEqual([1, 4, 5]);
  });

  test('after the source was lost nothing old is replayed, and everybody waits for the next key frame', () => {
    const hub = new StreamHub();
    hub.tracks([VIDEO]);
    const before = new RecordingSubscriber('before');
    hub.subscribe(before, 'gop');
    feed(hub, [video(1, true), video(2)]);
    hub.interrupted();
    const after = new RecordingSubscriber('after');
    hub.subscribe(after, 'gop');
    expect(after.frames).toEqual([]);
    feed(hub, [video(3), video(4, true), video(5)]);
    expect(after.frames.map((f) => f.wallClockMs)).toEqual([4, 5]);
    expect(before.frames.map((f) => f.wallClockMs)).toEqual([1, 2, 4, 5]);
  });

  test('replay "none" gives nothing until the next key frame', () => {
    const hub = new StreamHub();
    hub.tracks([VIDEO]);
    feed(hub, [video(1, true), video(2)]);
    const viewer = new RecordingSubscriber('a');
    hub.subscribe(viewer, 'none');
    feed(hub, [video(3), video(4, true)]);
    expect(viewer.frames.map((f) => f.wallClockMs)).toEqual([4]);
  });

  test('a viewer that subscribes from within a delivery gets that frame exactly once', () => {
    const hub = new StreamHub();
    hub.tracks([VIDEO]);
    const first = new RecordingSubscriber('first');
    const second = new RecordingSubscriber('second');
    first.onFrame = () => {
      first.onFrame = () => {};
      hub.subscribe(second, 'gop');
    };
    hub.subscribe(first, 'gop');
    feed(hub, [video(1, true), video(2)]);
    expect(second.frames.map((f) => f.wallClockMs)).toEqual([1, 2]);
  });

  test('the same id again closes the older one as replaced', () => {
    const hub = new StreamHub();
    const older = new RecordingSubscriber('a');
    const newer = new RecordingSubscriber('a');
    hub.subscribe(older, 'gop');
    hub.subscribe(newer, 'gop');
    expect(older.closed).toEqual(['replaced']);
    expect(hub.subscriberCount).toBe(1);
  });

  test('a subscriber above the maximum is refused with at_capacity', () => {
    const hub = new StreamHub({ maxSubscribers: 1 });
    hub.subscribe(new RecordingSubscriber('a'), 'gop');
    expect(() => hub.subscribe(new RecordingSubscriber('b'), 'gop')).toThrowError(
      expect.objectContaining({ code: 'at_capacity' }),
    );
  });
});

describe('the cached GOP', () => {
  test('starts anew at every key frame and carries audio in order', () => {
    const hub = new StreamHub();
    hub.tracks([VIDEO, AUDIO]);
    feed(hub, [audio(0), video(1, true), audio(2), video(16)]);
    expect(hub.gop()).toMatchObject({ bytes: 300, durationMs: 1000, complete: true });
    hub.frame(video(17, true));
    expect(hub.gop().frames.map((f) => f.wallClockMs)).toEqual([17]);
  });

  test.each([
    ['bytes', { gopLimitBytes: 350 }],
    ['media time', { gopLimitMs: 199 }],
  ])('outgrowing its limit of %s leaves the key frame, and live waits for the next one', (_, limits) => {
    const hub = new StreamHub(limits);
    hub.tracks([VIDEO]);
    feed(hub, [video(1, true), video(2), video(3), video(4), video(5)]);
    expect(hub.gop()).toMatchObject({ bytes: 100, durationMs: 0, complete: false });
    const viewer = new RecordingSubscriber('a');
    hub.subscribe(viewer, 'gop');
    feed(hub, [video(6), video(7, true)]);
    expect(viewer.frames.map((f) => f.wallClockMs)).toEqual([1, 7]);
  });

  test('a snapshot taken before a key frame is not changed by it', () => {
    const hub = new StreamHub();
    hub.tracks([VIDEO]);
    feed(hub, [video(1, true), video(2)]);
    const { frames } = hub.gop();
    hub.frame(video(3, true));
    expect(frames.map((f) => f.wallClockMs)).toEqual([1, 2]);
  });
});

describe('discontinuity', () => {
  test('new tracks empty the cache, reach everybody and hold frames until a key frame', () => {
    const hub = new StreamHub();
    hub.tracks([VIDEO]);
    const viewer = new RecordingSubscriber('a');
    hub.subscribe(viewer, 'gop');
    feed(hub, [video(1, true), video(2)]);
    const smaller = { ...VIDEO, width: 640 };
    hub.tracks([smaller]);
    expect(hub.gop().frames).toEqual([]);
    feed(hub, [video(3), video(4, true)]);
    expect(viewer.trackCalls).toEqual([[VIDEO], [smaller]]);
    expect(viewer.frames.map((f) => f.wallClockMs)).toEqual([1, 2, 4]);
  });

  test('audio is held back with the picture where there is one, and needs no key where there is none', () => {
    const hub = new StreamHub();
    const viewer = new RecordingSubscriber('a');
    hub.subscribe(viewer, 'none');
    hub.tracks([VIDEO, AUDIO]);
    feed(hub, [audio(1), video(2, true), audio(3)]);
    hub.tracks([AUDIO]);
    hub.frame(audio(4));
    expect(viewer.frames.map((f) => f.wallClockMs)).toEqual([2, 3, 4]);
  });

  test('a frame of a track that was never announced is dropped', () => {
    const hub = new StreamHub();
    hub.tracks([VIDEO]);
    const viewer = new RecordingSubscriber('a');
    hub.subscribe(viewer, 'none');
    feed(hub, [audio(1), video(2, true), audio(3)]);
    expect(viewer.frames.map((f) => f.wallClockMs)).toEqual([2]);
  });
});

describe('leaving', () => {
  test('a subscriber that throws is closed and removed, the others see nothing of it', () => {
    const failures: string[] = [];
    const hub = new StreamHub({ onSubscriberError: (id) => failures.push(id) });
    hub.tracks([VIDEO]);
    const bad = new RecordingSubscriber('bad');
    bad.onFrame = () => {
      throw new Error('socket is gone');
    };
    const good = new RecordingSubscriber('good');
    hub.subscribe(bad, 'gop');
    hub.subscribe(good, 'gop');
    feed(hub, [video(1, true), video(2)]);
    expect(bad.frames).toHaveLength(1);
    expect(bad.closed).toEqual(['stream_dropped']);
    expect(good.frames).toHaveLength(2);
    expect(failures).toEqual(['bad']);
    expect(hub.subscriberCount).toBe(1);
  });

  test('one that unsubscribes another during a delivery spares it that frame', () => {
    const hub = new StreamHub();
    hub.tracks([VIDEO]);
    const a = new RecordingSubscriber('a');
    const b = new RecordingSubscriber('b');
    a.onFrame = () => hub.unsubscribe('b');
    hub.subscribe(a, 'gop');
    hub.subscribe(b, 'gop');
    hub.frame(video(1, true));
    expect(b.frames).toEqual([]);
    expect(b.closed).toEqual([]);
  });

  test('one that unsubscribes itself during the replay gets nothing more', () => {
    const hub = new StreamHub();
    hub.tracks([VIDEO]);
    feed(hub, [video(1, true), video(2), video(3)]);
    const viewer = new RecordingSubscriber('a');
    viewer.onFrame = () => hub.unsubscribe('a');
    hub.subscribe(viewer, 'gop');
    expect(viewer.frames).toHaveLength(1);
  });

  test('close reaches every subscriber once, and those that come later at once', () => {
    const hub = new StreamHub();
    hub.tracks([VIDEO]);
    const early = new RecordingSubscriber('early');
    hub.subscribe(early, 'gop');
    hub.close('shutting_down');
    hub.close('stream_dropped');
    feed(hub, [video(1, true)]);
    const late = new RecordingSubscriber('late');
    hub.subscribe(late, 'gop');
    expect(early.closed).toEqual(['shutting_down']);
    expect(early.frames).toEqual([]);
    expect(late.closed).toEqual(['shutting_down']);
    expect(hub.subscriberCount).toBe(0);
  });
});

describe('statistics', () => {
  test('tell of pictures that are shown in another order than they come, until the stream begins anew', () => {
    const hub = new StreamHub();
    hub.tracks([VIDEO]);
    const shown = (...at: number[]) =>
      feed(
        hub,
        at.map((n, i) => ({ ...video(n, i === 0), dtsTicks: i * 6000 })),
      );
    shown(0, 1, 2, 3);
    expect(hub.stats().hasBFrames).toBe(false);
    shown(4, 7, 5, 6);
    expect(hub.stats().hasBFrames).toBe(true);
    hub.tracks([VIDEO]);
    shown(0, 1, 2);
    expect(hub.stats().hasBFrames).toBe(false);
  });

  test('rates follow the last seconds and fall to zero when the source is silent', () => {
    let now = 1_000_000;
    const hub = new StreamHub({ clock: { wallNow: () => now } });
    hub.tracks([VIDEO]);
    expect(hub.stats()).toMatchObject({ framesIn: 0, keyFrameIntervalMs: null, lastFrameAtMs: null });
    for (let n = 0; n < 150; n += 1) {
      hub.frame(video(n, n % 30 === 0, 1000));
      now += 1000 / 15;
    }
    const { frameRate, bitsPerSecond, ...rest } = hub.stats();
    expect(frameRate).toBeCloseTo(15, 0);
    expect(bitsPerSecond / 120_000).toBeCloseTo(1, 1);
    expect(rest).toMatchObject({ framesIn: 150, bytesIn: 150_000, keyFrameIntervalMs: 2000 });
    now += 10_000;
    expect(hub.stats()).toMatchObject({ frameRate: 0, bitsPerSecond: 0, framesIn: 150 });
  });

  test('a wall clock that steps back does no harm', () => {
    let now = 5_000_000;
    const hub = new StreamHub({ clock: { wallNow: () => now } });
    hub.tracks([VIDEO]);
    hub.frame(video(1, true));
    now = 1_000_000;
    hub.frame(video(2));
    expect(hub.stats().frameRate).toBeGreaterThan(0);
  });
});

test('whatever joins, leaves and fails, each viewer sees a key frame first and never a hole inside a GOP', () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('frame' as const), key: fc.boolean() }) },
    fc.record({ do: fc.constant('join' as const), replay: fc.constantFrom('gop', 'key-frame', 'none') }),
    fc.record({ do: fc.constant('leave' as const), who: fc.nat(20) }),
    fc.record({ do: fc.constant('tracks' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const hub = new StreamHub();
      hub.tracks([VIDEO]);
      const viewers: RecordingSubscriber[] = [];
      const sent: EncodedFrame[] = [];
      let n = 0;
      for (const one of steps) {
        if (one.do === 'frame') {
          const frame = video(n++, one.key);
          sent.push(frame);
          hub.frame(frame);
        } else if (one.do === 'join') {
          const viewer = new RecordingSubscriber(`v${viewers.length}`);
          viewers.push(viewer);
          hub.subscribe(viewer, one.replay);
        } else if (one.do === 'leave') hub.unsubscribe(`v${one.who}`);
        else hub.tracks([VIDEO]);
      }
      for (const viewer of viewers) {
        viewer.frames.forEach((frame, i) => {
          if (frame.key) return;
          expect(viewer.frames[i - 1]?.wallClockMs).toBe(frame.wallClockMs - 1);
        });
      }
    }),
    { numRuns: 200 },
  );
});
