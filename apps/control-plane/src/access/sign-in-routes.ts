import { Me, PasswordChange, SignInRequest, SignInView, type TenantId } from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { pageOf } from '../http/page.ts';
import type { AccountService } from './account-service.ts';
import { principalOfUser } from './authenticator.ts';
import { csrfTokenOf } from './csrf-token.ts';
import { permissionsOf } from './permission.ts';
import { type Principal, principalOf } from './principal.ts';
import type { SignInService } from './sign-in.ts';
import type { SignInStore } from './sign-in-store.ts';

export interface SessionCookie {
  readonly name: string;
  /** Only sent back over TLS. */
  readonly secure: boolean;
}

/** Signing in and out, and my own account. */
export function signInRoutes(options: {
  readonly signInService: Pick<SignInService, 'signIn'>;
  readonly signIns: Pick<SignInStore, 'ofUser'>;
  readonly accounts: Pick<AccountService, 'signOut' | 'changeOwnPassword'>;
  /** What a tenant is called. */
  readonly tenantName: (id: TenantId) => Promise<string>;
  readonly cookie: SessionCookie;
}): FastifyPluginAsyncZod {
  const { signInService, signIns, accounts, cookie, tenantName } = options;
  const cookieAttributes = { path: '/', httpOnly: true, sameSite: 'strict', secure: cookie.secure } as const;

  const me = async (principal: Principal, secret: string): Promise<Me> => ({
    id: principal.id,
    name: principal.name,
    role: principal.role,
    tenantId: principal.tenantId,
    tenantName: await tenantName(principal.tenantId),
    permissions: permissionsOf(principal),
    // A program needs none: what carries a bearer token was not sent by a foreign page.
    csrfToken: principal.kind === 'user' ? csrfTokenOf(secret) : '',
  });
  const dropCookie = (reply: FastifyReply) => reply.clearCookie(cookie.name, cookieAttributes);

  return async (app) => {
    app.post(
      '/sign-in',
      {
        config: { access: 'public' },
        schema: {
          tags: ['access'],
          summary: 'Sign in by name and password',
          body: SignInRequest,
          response: { 200: Me },
        },
      },
      async (request, reply) => {
        const { name } = request.body;
        const { user, signIn, secret } = await signInService
          .signIn({
            ...request.body,
            address: request.clientAddress,
            userAgent: request.headers['user-agent'] ?? '',
          })
          .catch((error: unknown) => {
            const reason = error instanceof VedetteError ? error.code : 'internal_error';
            request.audit({ kind: 'sign-in-refused', data: { name: name.slice(0, 100), reason } });
            throw error;
          });
        request.audit({
          kind: 'signed-in',
          tenantId: user.tenantId,
          actor: { kind: 'user', id: user.id, name: user.name },
        });
        reply.setCookie(cookie.name, secret, { ...cookieAttributes, expires: signIn.expiresAt });
        return me(principalOfUser(user), secret);
      },
    );

    app.post(
      '/sign-out',
      {
        config: { access: 'self' },
        schema: { tags: ['access'], summary: 'End this sign-in', response: { 204: z.void() } },
      },
      async (request, reply) => {
        const principal = principalOf(request);
        if (principal.signInId !== undefined) await accounts.signOut(principal.id, principal.signInId);
        request.audit({ kind: 'signed-out' });
        return dropCookie(reply).code(204).send();
      },
    );

    app.get(
      '/me',
      {
        config: { access: 'self' },
        schema: { tags: ['access'], summary: 'Who I am', response: { 200: Me } },
      },
      async (request) => me(principalOf(request), request.cookies[cookie.name] ?? ''),
    );

    app.post(
      '/me/password',
      {
        config: { access: 'self' },
        schema: {
          tags: ['access'],
          summary: 'Change my password; my other browsers are signed out',
          body: PasswordChange,
          response: { 204: z.void() },
        },
      },
      async (request, reply) => {
        await accounts.changeOwnPassword(principalOf(request), request.body);
        request.audit({ kind: 'password-changed' });
        return reply.code(204).send();
      },
    );

    app.get(
      '/me/sign-ins',
      {
        config: { access: 'self' },
        schema: { tags: ['access'], summary: 'Where I am signed in', response: { 200: pageOf(SignInView) } },
      },
      async (request) => {
        const principal = principalOf(request);
        const found = principal.kind === 'user' ? await signIns.ofUser(principal.id, new Date()) : [];
        const items = found.map((signIn) => ({
          id: signIn.id,
          createdAt: signIn.createdAt.toISOString(),
          lastSeenAt: signIn.lastSeenAt.toISOString(),
          expiresAt: signIn.expiresAt.toISOString(),
          address: signIn.address,
          userAgent: signIn.userAgent,
          current: signIn.id === principal.signInId,
        }));
        return { items, nextCursor: null };
      },
    );

    app.delete(
      '/me/sign-ins/:id',
      {
        config: { access: 'self' },
        schema: {
          tags: ['access'],
          summary: 'Sign one of my browsers out',
          params: z.object({ id: z.string().max(40) }),
          response: { 204: z.void() },
        },
      },
      async (request, reply) => {
        const principal = principalOf(request);
        if (!(await accounts.signOut(principal.id, request.params.id))) throw new VedetteError('not_found');
        if (request.params.id === principal.signInId) dropCookie(reply);
        return reply.code(204).send();
      },
    );
  };
}
