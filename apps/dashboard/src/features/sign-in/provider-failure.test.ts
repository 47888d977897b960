import { describe, expect, it } from 'vitest';
import { providerAddress, providerFailure } from './provider-failure.ts';

describe('signing in through the identity provider', () => {
  it('says what failed, and something also for words that it does not know', () => {
    expect(providerFailure('')).toBeUndefined();
    expect(providerFailure('?failed=no-role')).toContain('none of your groups');
    expect(providerFailure('?failed=constructor')).toBe('Signing in failed. Try again.');
  });

  it('leads back to the page that was wanted', () => {
    expect(providerAddress('/audit', '?kind=view-started')).toBe(
      '/api/v1/sign-in/oidc?returnTo=%2Faudit%3Fkind%3Dview-started',
    );
    expect(providerAddress('/sign-in', '?failed=expired')).toBe('/api/v1/sign-in/oidc?returnTo=%2F');
  });
});
