import type { SessionId } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { type Reading, sendRates } from './send-rates.ts';

const reading = (atMs: number, bytes: Readonly<Record<string, number>>): Reading => ({
  atMs,
  bytes: new Map(Object.entries(bytes).map(([id, count]) => [id as SessionId, count])),
});

describe('send rates', () => {
  it('are bits a second between two readings', () => {
    expect([...sendRates(reading(1000, { a: 1000 }), reading(3000, { a: 251_000 })).values()]).toEqual([
      1_000_000,
    ]);
  });

  it('are not known of a session that was not there before', () => {
    expect(sendRates(reading(0, { a: 0 }), reading(1000, { b: 9 })).size).toBe(0);
    expect(sendRates(undefined, reading(1000, { b: 9 })).size).toBe(0);
  });

  it('are never negative when a total starts anew', () => {
    expect([...sendRates(reading(0, { a: 500 }), reading(1000, { a: 10 })).values()]).toEqual([0]);
  });
});
