import { z } from 'zod';
import { Grants } from './grant.ts';
import { TenantId, UserId } from './ids.ts';
import { Role } from './views.ts';

const CONTROL_CHARACTER = /\p{Cc}/u;
const userName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .refine((name) => !CONTROL_CHARACTER.test(name), 'must not contain control characters');
const newPassword = z.string().min(10, 'a password has at least 10 characters').max(255);

/** POST /api/v1/sign-in; answers Me and sets the session cookie. */
export const SignInRequest = z.strictObject({
  name: z.string().min(1).max(100),
  password: z.string().min(1).max(255),
});
export type SignInRequest = z.infer<typeof SignInRequest>;

/** POST /api/v1/users. */
export const UserInput = z.strictObject({
  name: userName,
  password: newPassword,
  role: Role,
  grants: Grants.optional(),
  /** Another tenant than one's own: for who runs the platform. */ tenantId: TenantId.optional(),
});
export type UserInput = z.infer<typeof UserInput>;

/** PATCH /api/v1/users/{id}; what is absent stays. Another password, role or state signs the user out;
 * other grants end the views that they no longer cover. */
export const UserChange = z.strictObject({
  name: userName.optional(),
  password: newPassword.optional(),
  role: Role.optional(),
  grants: Grants.optional(),
  disabled: z.boolean().optional(),
});
export type UserChange = z.infer<typeof UserChange>;

/** POST /api/v1/me/password: my own; other browsers of mine are signed out. */
export const PasswordChange = z.strictObject({
  currentPassword: z.string().min(1).max(255),
  newPassword,
});
export type PasswordChange = z.infer<typeof PasswordChange>;

/** GET /api/v1/me/sign-ins item: one browser that is signed in as me. */
export const SignInView = z.object({
  id: z.string(),
  createdAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  address: z.string(),
  userAgent: z.string(),
  /** The browser that asks. */
  current: z.boolean(),
});
export type SignInView = z.infer<typeof SignInView>;

/** POST /api/v1/tokens: a key for a program; never expires without `expiresInDays`. */
export const ApiTokenInput = z.strictObject({
  name: userName,
  role: Role,
  /** Every camera of the tenant when absent. */
  grants: Grants.optional(),
  /** Names of permissions; all of the role when absent. */
  scopes: z.array(z.string().max(60)).min(1).max(60).optional(),
  expiresInDays: z.int().min(1).max(3650).optional(),
});
export type ApiTokenInput = z.infer<typeof ApiTokenInput>;

/** GET /api/v1/tokens item; the secret is answered once, on creation. */
export const ApiTokenView = z.object({
  id: UserId,
  name: z.string(),
  role: Role,
  grants: Grants,
  scopes: z.array(z.string()).nullable(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
  lastUsedAt: z.iso.datetime().nullable(),
});
export type ApiTokenView = z.infer<typeof ApiTokenView>;

/** Answer 201 of POST /api/v1/tokens; `secret` begins with `vdt_` and goes into `Authorization: Bearer`. */
export const ApiTokenCreated = ApiTokenView.extend({ secret: z.string() });
export type ApiTokenCreated = z.infer<typeof ApiTokenCreated>;
