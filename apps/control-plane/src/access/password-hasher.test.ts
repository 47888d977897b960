import { describe, expect, it } from 'vitest';
import { PasswordHasher } from './password-hasher.ts';

const cheap = { memoryCost: 64, timeCost: 1, parallelism: 1 };

describe('passwords', () => {
  it('are kept as argon2id with 19 MiB and two passes', async () => {
    expect(await new PasswordHasher().hash('x')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('match themselves only, and nobody matches a user that does not exist', async () => {
    const hasher = new PasswordHasher({ cost: cheap });
    const hash = await hasher.hash('right');
    expect(await hasher.verify(hash, 'right')).toBe(true);
    expect(await hasher.verify(hash, 'wrong')).toBe(false);
    expect(await hasher.verify(undefined, 'right')).toBe(false);
  });

  it('are refused rather than piled up when very many are asked at once', async () => {
    const hasher = new PasswordHasher({ cost: cheap });
    const hash = await hasher.hash('x');
    const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => hasher.verify(hash, 'x')));
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'rate_limited' });
  });
});
