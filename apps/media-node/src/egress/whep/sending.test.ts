import type { EncodedFrame } from '@vedette/media-types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FeedbackLimits } from './feedback-limits.ts';
import { hasReorderedPictures } from './picture-order.ts';
import { chooseReplay, paceBitsPerSecond } from './replay-decision.ts';
import { RtpTimeline } from './rtp-timeline.ts';
import { SendBudget } from './send-budget.ts';

function frame(ptsTicks: number): EncodedFrame {
  return {
    trackId: 1,
    kind: 'video',
    dtsTicks: ptsTicks,
    ptsTicks,
    key: false,
    data: new Uint8Array(1),
    parameterSetBytes: 0,
    wallClockMs: 0,
  };
}

const ahead = (later: number, earlier: number) => (later - earlier) >>> 0;

describe('RtpTimeline', () => {
  it('ends a replay at the live edge: the next live frame follows at the distance the camera gave it', () => {
    const timeline = new RtpTimeline(1000);
    const stamps = timeline.replay([frame(0), frame(6000), frame(12_000)], 0);
    expect(stamps[1]).toBeGreaterThan(stamps[0] ?? 0);
    const distance = ahead(timeline.live(frame(18_000), 66), stamps[2] ?? 0);
    // What the replay took is given back in small parts.
    expect(distance).toBeLessThanOrEqual(6000);
    expect(distance).toBeGreaterThan(5000);
  });

  it('takes no visible time for a replayed group of pictures', () => {
    const stamps = new RtpTimeline(1000).replay(
      Array.from({ length: 60 }, (_, i) => frame(i * 3000)),
      0,
    );
    expect(ahead(stamps.at(-1) ?? 0, stamps[0] ?? 0)).toBeLessThan(90_000 * 0.1);
  });

  it('goes on by the clock after an outage of the camera, whatever its stamps say', () => {
    const timeline = new RtpTimeline(1000);
    const before = timeline.live(frame(1_000_000), 0);
    timeline.discontinuity();
    expect(ahead(timeline.live(frame(500), 60_000), before)).toBe(90 * 60_000);
  });

  it('does not run ahead of the clock over a thousand repeated groups of pictures', () => {
    const timeline = new RtpTimeline(0);
    let pts = 0;
    const start = timeline.live(frame(pts), 0);
    let last = start;
    for (let round = 1; round <= 1000; round += 1) {
      const gop = Array.from({ length: 50 }, (_, i) => frame(pts - (49 - i) * 3600));
      timeline.discontinuity();
      timeline.replay(gop, pts / 90);
      for (let i = 0; i < 50; i += 1) {
        pts += 3600;
        last = timeline.live(frame(pts), pts / 90);
      }
    }
    expect(last - start - pts).toBeLessThan(90 * 20);
    expect(timeline.aheadTicks).toBe(last - start - pts);
  });

  it('goes on rising over a discontinuity, wherever the camera begins again', () => {
    fc.assert(
      fc.property(
        fc.nat(2 ** 31),
        fc.array(fc.tuple(fc.boolean(), fc.nat(2 ** 40)), { minLength: 2, maxLength: 40 }),
        (start, steps) => {
          const timeline = new RtpTimeline(start);
          let last: number | undefined;
          for (const [index, [jump, ticks]] of steps.entries()) {
            if (jump) timeline.discontinuity();
            const stamp = timeline.live(frame(ticks), index * 40);
            expect(Number.isInteger(stamp) && stamp >= 0 && stamp < 2 ** 32).toBe(true);
            if (last !== undefined && stamp !== last) expect(ahead(stamp, last)).toBeGreaterThan(0);
            last = stamp;
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('chooseReplay', () => {
  const gop = (bytes: number) => ({ bytes, frames: { length: 10 } });

  it('replays what reaches the live edge within half a second, and shows a still otherwise', () => {
    expect(chooseReplay(gop(250_000), 1_000_000)).toBe('gop');
    expect(chooseReplay(gop(5_000_000), 4_000_000)).toBe('key-frame');
    expect(chooseReplay({ bytes: 0, frames: [] }, 0)).toBe('none');
  });

  it('paces far above what the stream needs', () => {
    expect(paceBitsPerSecond(1_000_000)).toBe(20_000_000);
    expect(paceBitsPerSecond(10_000_000)).toBe(40_000_000);
  });
});

describe('SendBudget', () => {
  it('lets one frame through whatever its size, and refuses what would wait longer than a second', () => {
    const budget = new SendBudget(8_000_000);
    expect(budget.take(5_000_000, 0)).toBe(true);
    expect(budget.take(1000, 10)).toBe(false);
    expect(budget.take(1000, 6000)).toBe(true);
  });

  it('never refuses a stream that stays below the pace', () => {
    const budget = new SendBudget(8_000_000);
    for (let i = 0; i < 1000; i += 1) expect(budget.take(30_000, i * 40)).toBe(true);
  });
});

describe('B-frames', () => {
  it('are told by pictures that are shown before an earlier one, not by what an SPS allows', () => {
    const shown = (...times: number[]) => times.map(frame);
    expect(hasReorderedPictures(shown(0, 3000, 6000))).toBe(false);
    expect(hasReorderedPictures(shown(0, 9000, 3000, 6000))).toBe(true);
    const delayed = shown(0, 3000, 6000).map((one) => ({ ...one, dtsTicks: one.dtsTicks - 6000 }));
    expect(hasReorderedPictures(delayed)).toBe(false);
    expect(hasReorderedPictures(shown(6000, 0).map((one) => ({ ...one, kind: 'audio' as const })))).toBe(
      false,
    );
  });
});

describe('FeedbackLimits', () => {
  it('bears what browsers send under heavy loss, and no flood', () => {
    const limits = new FeedbackLimits();
    for (let i = 0; i < 100; i += 1) {
      expect(limits.message(i * 10)).toBe(true);
      expect(limits.retransmissions(10, i * 10)).toBe(true);
    }
    expect(Array.from({ length: 600 }, () => limits.message(5000)).at(-1)).toBe(false);
    expect(limits.retransmissions(5000, 5000)).toBe(false);
    expect(limits.message(6100)).toBe(true);
  });
});
