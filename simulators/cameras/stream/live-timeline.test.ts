import { describe, expect, it } from 'vitest';
import { readInterleaved, readNals } from '../../testing/depacketize.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { FrameWheel } from './frame-wheel.ts';
import { packetize } from './h264-packetizer.ts';
import { LiveTimeline, type PictureReceiver, type SentPicture } from './live-timeline.ts';
import type { Reel } from './reel.ts';

/** Pictures whose only NAL unit holds their index, a key frame every fifth. */
function testClip(options: { pictures?: number; gop?: number; fps?: number } = {}): Reel {
  const { pictures = 20, gop = 5, fps = 15 } = options;
  return {
    fps,
    pictures: Array.from({ length: pictures }, (_, i) =>
      packetize([Buffer.of(0x65, i, 1), Buffer.alloc(2000, 0x41)], i % gop === 0),
    ),
    keyIndexes: Array.from({ length: Math.ceil(pictures / gop) }, (_, i) => i * gop),
    clockRate: 90_000,
    kilobits: 1,
    sdp: [],
  };
}

class Recorder implements PictureReceiver {
  readonly seen: { index: number; sequences: number[]; timestamp: number; key: boolean; atMs: number }[] = [];
  readonly #clock: ManualClock;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  picture(picture: SentPicture): void {
    const packets = readInterleaved(picture.bytes).map(({ packet }) => packet);
    this.seen.push({
      index: readNals(packets)[0]?.[1] ?? -1,
      sequences: packets.map(({ sequence }) => sequence),
      timestamp: packets[0]?.timestamp ?? -1,
      key: picture.key,
      atMs: this.#clock.now(),
    });
  }
}

function setUp(clip = testClip()) {
  const clock = new ManualClock();
  const timeline = new LiveTimeline({ clip, clock, wheel: new FrameWheel({ clock }), phase: 0 });
  return { clock, timeline, viewer: new Recorder(clock) };
}

function expectNoJump(viewer: Recorder, fps: number): void {
  const step = 90_000 / fps;
  const sequences = viewer.seen.flatMap((picture) => picture.sequences);
  for (const [i, sequence] of sequences.slice(1).entries()) {
    expect((sequence - (sequences[i] ?? 0) + 65536) % 65536).toBe(1);
  }
  for (const [i, { timestamp }] of viewer.seen.slice(1).entries()) {
    const grew = (timestamp - (viewer.seen[i]?.timestamp ?? 0) + 2 ** 32) % 2 ** 32;
    expect(Math.abs(grew - step)).toBeLessThanOrEqual(1);
  }
}

describe('LiveTimeline', () => {
  it('loops its clip for ever with no jump in timestamps or sequence numbers, also at uneven rates', () => {
    for (const fps of [8, 15, 29.97, 30]) {
      const { clock, timeline, viewer } = setUp(testClip({ fps }));
      timeline.add(viewer, { keyFrame: false });
      clock.advance(20_000);
      expect(viewer.seen.length).toBeGreaterThanOrEqual(Math.floor(20 * fps) - 1);
      expectNoJump(viewer, fps);
      for (const [i, { index }] of viewer.seen.slice(1).entries()) {
        expect(index).toBe(((viewer.seen[i]?.index ?? 0) + 1) % 20);
      }
    }
  });

  it('shows what time says, whether or not somebody watched before', () => {
    const { clock, timeline, viewer } = setUp();
    clock.advance(10_000);
    expect(timeline.report().frame).toBe(150 % 20);
    timeline.add(viewer, { keyFrame: false });
    clock.advance(100);
    expect(viewer.seen[0]?.index).toBe(151 % 20);
    expect(clock.timers).toBe(1);
    timeline.remove(viewer);
    clock.advance(10_000);
    expect(viewer.seen.length).toBe(1);
    expect(clock.timers).toBe(0);
  });

  it('gives the client that asks for a key frame one as its first picture, within a frame interval', () => {
    for (let wait = 0; wait < 1500; wait += 37) {
      const { clock, timeline, viewer } = setUp();
      clock.advance(wait);
      timeline.add(viewer, { keyFrame: true });
      const first = timeline.nextStamp;
      clock.advance(75);
      expect(viewer.seen[0]?.key).toBe(true);
      expect(viewer.seen[0]?.timestamp).toBe(first.timestamp);
      expect(viewer.seen[0]?.sequences[0]).toBe(first.sequence);
    }
  });

  it('jumps in content but not in time when a key frame is forced while it plays', () => {
    const { clock, timeline, viewer } = setUp();
    timeline.add(viewer, { keyFrame: false });
    for (let i = 0; i < 40; i++) {
      clock.advance(41 + i * 7);
      timeline.forceKeyFrame();
      const before = viewer.seen.length;
      clock.advance(75);
      expect(viewer.seen[before]?.key).toBe(true);
      expect(viewer.seen[before]?.index).not.toBe(viewer.seen[before - 1]?.index);
    }
    expectNoJump(viewer, 15);
  });

  it('goes on with the picture after the last one when it was frozen, at the time of the thaw', () => {
    const { clock, timeline, viewer } = setUp();
    timeline.add(viewer, { keyFrame: false });
    clock.advance(1000);
    timeline.freeze(true);
    const frozen = viewer.seen.length;
    clock.advance(5000);
    expect(viewer.seen.length).toBe(frozen);
    timeline.freeze(false);
    clock.advance(200);
    const [last, next] = viewer.seen.slice(frozen - 1);
    expect(next?.index).toBe(((last?.index ?? 0) + 1) % 20);
    const gap = ((next?.timestamp ?? 0) - (last?.timestamp ?? 0) + 2 ** 32) % 2 ** 32;
    expect(gap / 90).toBeGreaterThan(4950);
    expect(gap / 90).toBeLessThan(5150);
  });

  it('sends no flood of pictures after its process was stopped', () => {
    const { clock, timeline, viewer } = setUp();
    timeline.add(viewer, { keyFrame: false });
    clock.advance(1000);
    const before = viewer.seen.length;
    clock.stall(60_000);
    expect(viewer.seen.length - before).toBeLessThanOrEqual(2);
    clock.advance(1000);
    expect(viewer.seen.length - before).toBeGreaterThanOrEqual(15);
  });

  it('tells for each picture when it was sent and with which timestamp', () => {
    const { clock, timeline, viewer } = setUp();
    timeline.add(viewer, { keyFrame: false });
    clock.advance(30_000);
    const { recent, frame, rtp, frames, fps } = timeline.report();
    expect({ frames, fps }).toEqual({ frames: 20, fps: 15 });
    expect(recent.length).toBe(256);
    const sent = viewer.seen.slice(-256).map((picture) => ({
      frame: picture.index,
      rtp: picture.timestamp,
      sentAtMs: Date.UTC(2026, 0, 1) + picture.atMs,
    }));
    expect(recent).toEqual(sent);
    expect({ frame, rtp }).toEqual({ frame: sent.at(-1)?.frame, rtp: sent.at(-1)?.rtp });
  });

  it('maps the clock to RTP timestamps as its pictures carry them', () => {
    const { clock, timeline, viewer } = setUp();
    timeline.add(viewer, { keyFrame: false });
    clock.advance(3000);
    const last = viewer.seen.at(-1);
    const mapped = timeline.timestampAt(last?.atMs ?? 0);
    // a picture leaves at most 5 ms after the moment its timestamp stands for
    expect((mapped - (last?.timestamp ?? 0) + 2 ** 32) % 2 ** 32).toBeLessThanOrEqual(5 * 90 + 1);
  });
});
