import { describe, expect, it } from 'vitest';
import { StaleSources } from './stale-sources.ts';

function rtp(ssrc: number): Uint8Array {
  return Uint8Array.of(0x80, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, ssrc);
}
const report = (ssrc: number) => Uint8Array.of(0x80, 200, 0, 1, 0, 0, 0, ssrc);

describe('StaleSources', () => {
  it('lets everything pass where nothing came early', () => {
    expect(new StaleSources().isStale(rtp(1), 0)).toBe(false);
  });

  it('holds back whoever was heard early, packets and reports, as long as another is heard', () => {
    const stale = new StaleSources();
    stale.early(rtp(9));
    expect(stale.isStale(rtp(9), 0)).toBe(true);
    expect(stale.isStale(report(9), 10)).toBe(true);
    expect(stale.isStale(rtp(1), 20)).toBe(false);
    expect(stale.isStale(rtp(9), 60_000)).toBe(true);
  });

  it('believes whoever was heard early when nobody else comes: a camera may use one name for all', () => {
    const stale = new StaleSources();
    stale.early(rtp(9));
    expect(stale.isStale(rtp(9), 1000)).toBe(true);
    expect(stale.isStale(rtp(9), 4000)).toBe(true);
    expect(stale.isStale(rtp(9), 4001)).toBe(false);
    expect(stale.isStale(rtp(9), 4002)).toBe(false);
  });

  it('makes nothing of what is no packet', () => {
    const stale = new StaleSources();
    stale.early(Uint8Array.of(1, 2, 3));
    stale.early(new Uint8Array());
    expect(stale.isStale(Uint8Array.of(1, 2, 3), 0)).toBe(false);
  });
});
