import type { Problem } from '@vedette/contracts';

/** Why signing in failed, in words for the person who just tried. */
export function signInFailure(problem: Problem): string {
  if (problem.status === 401)
    return 'That name and password do not belong together, or the account is disabled.';
  if (problem.code === 'rate_limited') {
    const wait = problem.retryAfterSeconds;
    return `Too many attempts.${wait === undefined ? ' Wait a little' : ` Wait ${wait} s`}, then try again.`;
  }
  if (problem.status === 0) return 'Control cannot be reached. Check the network, then try again.';
  if (problem.status >= 500) return `${problem.title}. ${problem.detail}`;
  return problem.detail;
}
