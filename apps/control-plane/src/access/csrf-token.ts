import { createHmac } from 'node:crypto';
import { sameSecret } from '@vedette/runtime';

/**
 * Bound to the sign-in whose cookie it is made from: a page of another origin can make a browser send
 * the cookie, but can read neither the cookie nor this.
 */
export function csrfTokenOf(cookieSecret: string): string {
  return createHmac('sha256', cookieSecret).update('vedette csrf token').digest('base64url');
}

export function isCsrfToken(token: unknown, cookieSecret: string): boolean {
  return typeof token === 'string' && sameSecret(token, csrfTokenOf(cookieSecret));
}

/**
 * Whether a page of this origin may make changes: the host that the request was sent to, or the public URL.
 * No Origin header means that no page of another origin sent it.
 */
export function isOwnOrigin(
  origin: string | undefined,
  own: { readonly host: string; readonly publicOrigin: string },
): boolean {
  if (origin === undefined || origin === own.publicOrigin) return true;
  return URL.canParse(origin) && new URL(origin).host === own.host && own.host !== '';
}
