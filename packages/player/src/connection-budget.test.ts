import { describe, expect, it } from 'vitest';
import { ConnectionBudget } from './connection-budget.ts';

const URL_A = 'http://a.example/hls/x/y/index.m3u8';

describe('the six connections of HTTP/1.1', () => {
  const budget = () => new ConnectionBudget({ multiplexed: (origin) => origin.startsWith('https:') });

  it('let two tiles of an origin block, ten play parts, the rest whole segments', () => {
    const shared = budget();
    const modes = Array.from({ length: 14 }, () => shared.take(URL_A).mode);
    expect(modes).toEqual([
      ...Array(2).fill('blocking'),
      ...Array(10).fill('parts'),
      ...Array(2).fill('segments'),
    ]);
    expect(shared.take('http://b.example/').mode).toBe('blocking');
  });

  it('are no matter over HTTP/2', () => {
    const shared = budget();
    expect(Array.from({ length: 50 }, () => shared.take('https://a.example/').mode)).toEqual(
      Array(50).fill('blocking'),
    );
  });

  it('come back when a tile leaves, once', () => {
    const shared = budget();
    const leave = shared.take(URL_A);
    shared.take(URL_A);
    leave.release();
    leave.release();
    expect([shared.take(URL_A).mode, shared.take(URL_A).mode]).toEqual(['blocking', 'parts']);
  });
});
