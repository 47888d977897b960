import type { EncodedFrame } from '@vedette/media-types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finishAnswer } from './answer-sdp.ts';
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
    const stamps = timeline.replay([frame(0), frame(6000), frame(12_000)]);
    expect(stamps[1]).toBeGreaterThan(stamps[0] ?? 0);
    expect(ahead(timeline.live(frame(18_000)), stamps[2] ?? 0)).toBe(6000);
  });

  it('takes no visible time for a replayed group of pictures', () => {
    const stamps = new RtpTimeline(1000).replay(Array.from({ length: 60 }, (_, i) => frame(i * 3000)));
    expect(ahead(stamps.at(-1) ?? 0, stamps[0] ?? 0)).toBeLessThan(90_000 * 0.1);
  });

  it('goes on rising over a discontinuity, wherever the camera begins again', () => {
    fc.assert(
      fc.property(
        fc.nat(2 ** 31),
        fc.array(fc.tuple(fc.boolean(), fc.nat(2 ** 40)), { minLength: 2, maxLength: 40 }),
        (start, steps) => {
          const timeline = new RtpTimeline(start);
          let last: number | undefined;
          for (const [jump, ticks] of steps) {
            if (jump) timeline.discontinuity();
            const stamp = timeline.live(frame(ticks));
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

describe('finishAnswer', () => {
  const plan = { mid: '0', payloadType: 108, codec: 'h264', fmtp: 'x=1', playoutDelayId: 5 } as const;
  const answer = [
    'v=0',
    'm=video 1 UDP/TLS/RTP/SAVPF 108',
    'a=mid:0',
    'a=rtcp-fb:108 transport-cc',
    'a=rtcp-rsize',
    'a=fmtp:108 y',
    'a=candidate:1 1 UDP 1 10.0.0.1 5 typ host',
    'a=end-of-candidates',
  ].join('\r\n');

  it('strips feedback that nobody reads, and writes format, extension and configured addresses', () => {
    const lines = finishAnswer(answer, plan, { udpPort: 8189, publicHosts: ['203.0.113.9'] }).split('\r\n');
    expect(lines.some((line) => /transport-cc|rtcp-rsize/.test(line))).toBe(false);
    expect(lines).toContain('a=fmtp:108 x=1');
    expect(lines.filter((line) => line.startsWith('a=extmap:5 '))).toHaveLength(1);
    const candidates = lines.filter((line) => line.startsWith('a=candidate:'));
    expect(candidates).toHaveLength(2);
    expect(candidates[1]).toMatch(/203\.0\.113\.9 8189 typ host$/);
    expect(lines.indexOf('a=end-of-candidates')).toBeGreaterThan(lines.indexOf(candidates[1] ?? ''));
  });
});
