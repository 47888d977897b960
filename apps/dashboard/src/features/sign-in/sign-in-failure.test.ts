import type { Problem } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { signInFailure } from './sign-in-failure.ts';

const problem: Problem = { type: '', title: 'T', status: 401, detail: 'D', code: 'unauthenticated' };

describe('a failed sign-in', () => {
  it('does not tell whether the name exists', () => {
    expect(signInFailure(problem)).toContain('do not belong together');
  });

  it('says how long to wait after too many attempts', () => {
    const limited = { ...problem, status: 429, code: 'rate_limited' } as const;
    expect(signInFailure({ ...limited, retryAfterSeconds: 30 })).toBe(
      'Too many attempts. Wait 30 s, then try again.',
    );
    expect(signInFailure(limited)).toBe('Too many attempts. Wait a little, then try again.');
  });

  it('blames neither name nor password when control is away', () => {
    expect(signInFailure({ ...problem, status: 0, code: 'unavailable' })).toContain('cannot be reached');
    expect(signInFailure({ ...problem, status: 503, code: 'unavailable' })).toBe('T. D');
  });
});
