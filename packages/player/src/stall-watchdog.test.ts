import { describe, expect, it } from 'vitest';
import { StallWatchdog } from './stall-watchdog.ts';

const TICK_MS = 250;

/** Samples every quarter of a second; `frames` says how many pictures were shown until then. */
function watch(
  untilMs: number,
  frames: (nowMs: number) => number,
  hidden: (nowMs: number) => boolean = () => false,
) {
  const watchdog = new StallWatchdog({ nowMs: 0, frames: frames(0), hidden: false, frozenSinceMs: null });
  const told: [number, string][] = [];
  for (let nowMs = TICK_MS; nowMs <= untilMs; nowMs += TICK_MS) {
    const verdict = watchdog.sample({ nowMs, frames: frames(nowMs), hidden: hidden(nowMs) });
    if (verdict !== 'same') told.push([nowMs, verdict]);
  }
  return { told, watchdog };
}

const every = (ms: number) => (nowMs: number) => Math.floor(nowMs / ms);

describe('the watch over a picture', () => {
  it.each([40, 66, 125, 500, 1000])('finds nothing wrong with a picture every %i ms', (ms) => {
    expect(watch(20_000, every(ms)).told).toEqual([]);
  });

  it('calls a picture frozen before it is 2 s old (V11), asks for help soon after, and again', () => {
    const stop = 3010;
    const { told } = watch(15_000, (nowMs) => Math.floor(Math.min(nowMs, stop) / 66));
    const ages = told.map(([atMs, verdict]) => [verdict, Math.floor((atMs - stop) / 1000)]);
    expect(ages).toEqual([
      ['frozen', 1],
      ['starved', 2],
      ['starved', 7],
    ]);
  });

  it('tells when the picture has moved again for a second', () => {
    const { told } = watch(10_000, (nowMs) => (nowMs < 3000 || nowMs > 6000 ? every(66)(nowMs) : 45));
    expect(told.filter(([, verdict]) => verdict !== 'starved')).toEqual([
      [4750, 'frozen'],
      [7250, 'moving'],
    ]);
  });

  it('does not fall for a burst of old pictures every 3 s, nor forget how old the last new one is', () => {
    const burst = (nowMs: number) =>
      Math.floor(nowMs / 3000) * 12 + Math.min(12, Math.floor((nowMs % 3000) / 50));
    const { told, watchdog } = watch(20_000, (nowMs) =>
      nowMs < 3000 ? every(66)(nowMs) : 45 + burst(nowMs - 1500),
    );
    expect(told.map(([, verdict]) => verdict).filter((verdict) => verdict === 'moving')).toEqual([]);
    expect(told.filter(([, verdict]) => verdict === 'starved').length).toBeGreaterThan(1);
    expect(20_000 - watchdog.newsMs).toBeGreaterThan(14_000);
  });

  it('believes a connection that follows a freeze only once its pictures go on', () => {
    const verdicts = (frames: (nowMs: number) => number) => {
      const watchdog = new StallWatchdog({ nowMs: 0, frames: 0, hidden: false, frozenSinceMs: -3000 });
      return Array.from({ length: 24 }, (_, i) => (i + 1) * TICK_MS).flatMap((nowMs) => {
        const verdict = watchdog.sample({ nowMs, frames: frames(nowMs), hidden: false });
        return verdict === 'same' ? [] : [`${verdict} ${nowMs}`];
      });
    };
    expect(verdicts(every(66))).toEqual(['moving 1000']);
    expect(verdicts((nowMs) => Math.min(12, nowMs / 50))).toEqual(['starved 5000']);
  });

  it('learns that a camera is slow, after it has been wrong about it once', () => {
    const { told } = watch(60_000, every(3000));
    expect(told.filter(([atMs]) => atMs > 10_000)).toEqual([]);
  });

  it('does not take one freeze for a slow camera', () => {
    const frames = (nowMs: number) =>
      nowMs < 5000 ? every(66)(nowMs) : nowMs < 12_000 ? 75 : nowMs < 20_000 ? every(66)(nowMs) : 400;
    const frozen = watch(24_000, frames).told.filter(([, verdict]) => verdict === 'frozen');
    expect(frozen.map(([atMs]) => atMs < 22_100)).toEqual([true, true]);
  });

  it('says nothing while the page is hidden, and gives the picture time after that', () => {
    const hidden = (nowMs: number) => nowMs > 2000 && nowMs < 20_000;
    const frames = (nowMs: number) =>
      nowMs < 2000 ? every(66)(nowMs) : nowMs < 21_000 ? 30 : every(66)(nowMs);
    expect(watch(30_000, frames, hidden).told).toEqual([]);
  });

  it('tells how old the picture is', () => {
    const { watchdog } = watch(10_000, (nowMs) => Math.floor(Math.min(nowMs, 3000) / 66));
    expect(10_000 - watchdog.newsMs).toBe(7000);
  });
});
