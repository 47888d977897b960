import type { ProviderFailure } from '@vedette/contracts';

/** Signing in through the provider failed, for a reason of the closed set. */
export class ProviderError extends Error {
  readonly failure: ProviderFailure;

  constructor(failure: ProviderFailure, options: { readonly cause?: unknown } = {}) {
    super(`signing in through the identity provider failed: ${failure}`, options);
    this.name = 'ProviderError';
    this.failure = failure;
  }
}
