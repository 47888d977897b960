import { describe, expect, it } from 'vitest';
import { AttemptLimiter } from './attempt-limiter.ts';

function limiter(options: { attempts: number; maxKeys?: number }) {
  const time = { ms: 0 };
  return { time, limit: new AttemptLimiter({ clock: { now: () => time.ms }, windowMs: 10_000, ...options }) };
}

describe('attempts', () => {
  it('are allowed up to a number in any window, and the answer says how long to wait', () => {
    const { time, limit } = limiter({ attempts: 3 });
    expect([limit.take('a'), limit.take('a'), limit.take('a')]).toEqual([0, 0, 0]);
    time.ms = 4_000;
    expect(limit.take('a')).toBe(6);
    expect(limit.take('b')).toBe(0);
    time.ms = 10_000;
    expect(limit.take('a')).toBe(0);
  });

  it('do not wait longer for being repeated while refused', () => {
    const { time, limit } = limiter({ attempts: 1 });
    limit.take('a');
    for (time.ms = 0; time.ms < 10_000; time.ms += 100) expect(limit.take('a')).toBeGreaterThan(0);
    expect(limit.take('a')).toBe(0);
  });

  it('that went well do not count', () => {
    const { limit } = limiter({ attempts: 1 });
    for (let i = 0; i < 5; i++) {
      expect(limit.take('a')).toBe(0);
      limit.giveBack('a');
    }
    limit.take('a');
    limit.clear('a');
    expect(limit.take('a')).toBe(0);
  });

  it('of very many keys take bounded memory: the longest unused is forgotten', () => {
    const { limit } = limiter({ attempts: 1, maxKeys: 2 });
    limit.take('a');
    limit.take('b');
    limit.take('a');
    limit.take('c');
    expect(limit.take('a')).toBeGreaterThan(0);
    expect(limit.take('b')).toBe(0);
  });
});
