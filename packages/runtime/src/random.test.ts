import { describe, expect, it } from 'vitest';
import { idSource, newId, newSecret } from './random.ts';

describe.each([
  ['newId', newId],
  ['idSource', idSource()],
])('%s', (_name, newId) => {
  it('is 20 characters that fit a path, never twice the same', () => {
    const ids = Array.from({ length: 5000 }, newId);
    expect(new Set(ids).size).toBe(5000);
    expect(ids.every((id) => /^[0-9a-z]{20}$/.test(id))).toBe(true);
  });

  it('uses every character of its alphabet', () => {
    const seen = new Set(Array.from({ length: 500 }, newId).join(''));
    expect(seen.size).toBe(32);
  });
});

describe('newSecret', () => {
  it('is 256 bits as base64url', () => {
    expect(newSecret()).toMatch(/^[\w-]{43}$/);
    expect(newSecret()).not.toBe(newSecret());
  });
});
