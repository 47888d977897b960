import { z } from 'zod';

/** GET /api/v1/sign-in/options: what the sign-in page offers. */
export const SignInOptions = z.object({
  /** Text of the button that leads to the identity provider; null when there is none. */
  provider: z.string().nullable(),
});
export type SignInOptions = z.infer<typeof SignInOptions>;

/** Why signing in through the provider failed, as `?failed=` of the sign-in page. A closed set. */
export const ProviderFailure = z.enum([
  /** It cannot be reached, or answered what cannot be believed. */
  'provider',
  /** Too late, another browser, or a second time. */
  'expired',
  /** The person refused, or the provider did. */
  'refused',
  /** None of their groups gives a role here. */
  'no-role',
  /** A person of that name signs in by password. */
  'name-taken',
  'disabled',
]);
export type ProviderFailure = z.infer<typeof ProviderFailure>;
