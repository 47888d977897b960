import { describe, expect, it, vi } from 'vitest';
import { bearerApi } from './bearer-api.ts';
import { HeldClock } from './clock.fixture.ts';
import { idempotencyKey } from './idempotency-key.ts';
import { StartStopwatch } from './start-stopwatch.ts';
import { STATE_WORDS } from './state-words.ts';
import { Ticker } from './ticker.ts';
import { tileOf } from './tile-size.ts';

describe('the page’s one timer', () => {
  it('runs only while somebody listens', () => {
    const clock = new HeldClock();
    const ticker = new Ticker({ clock, everyMs: 250 });
    expect(clock.timers).toBe(0);
    const heard = vi.fn();
    const [stopOne, stopTwo] = [ticker.listen(heard), ticker.listen(heard)];
    clock.pass(500);
    expect([heard.mock.calls.length, clock.timers]).toEqual([4, 1]);
    stopOne();
    stopOne();
    clock.pass(250);
    expect(heard.mock.calls.length).toBe(5);
    stopTwo();
    clock.pass(1000);
    expect([heard.mock.calls.length, clock.timers]).toEqual([5, 0]);
  });
});

describe('what a tile covers', () => {
  it('is told in device pixels, within what the API takes', () => {
    expect(tileOf({ clientWidth: 320, clientHeight: 180 }, 2, 9)).toEqual({
      width: 640,
      height: 360,
      tiles: 9,
    });
    expect(tileOf({ clientWidth: 99_999, clientHeight: 1 }, 1, 1000)).toEqual({
      width: 16_384,
      height: 1,
      tiles: 100,
    });
  });

  it('is unknown while the element has no size', () => {
    expect(tileOf({ clientWidth: 0, clientHeight: 0 }, 1, null)).toBeUndefined();
  });
});

describe('the steps of a start', () => {
  it('count from its begin, and the first time counts', () => {
    const clock = new HeldClock();
    const watch = new StartStopwatch({ begunAtMs: 0, now: () => clock.now() });
    clock.pass(20);
    watch.note('offerMs');
    clock.pass(20);
    expect(watch.note('offerMs')).toBe(20);
    expect(watch.timeline).toMatchObject({ offerMs: 20, answerMs: null });
  });
});

describe('the rest', () => {
  it('keys are 128 random bits', () => {
    const keys = new Set(Array.from({ length: 50 }, idempotencyKey));
    expect(keys.size).toBe(50);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{32}$/);
  });

  it('a bearer goes into the header and nowhere else', async () => {
    const asked = vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response());
    await bearerApi('https://c.example/', 'secret').fetch('/api/v1/me', { headers: { accept: 'x' } });
    const [url, init] = asked.mock.calls[0] ?? [];
    asked.mockRestore();
    expect(url).toBe('https://c.example/api/v1/me');
    const headers = new Headers(init?.headers);
    expect([headers.get('authorization'), headers.get('accept')]).toEqual(['Bearer secret', 'x']);
  });

  it('every state has a word', () => {
    expect(Object.values(STATE_WORDS).every((word) => /^[A-Z][a-z ]+$/.test(word))).toBe(true);
  });
});
