import { type ProviderFailure, SignInOptions } from '@vedette/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { SignInService } from '../sign-in.ts';
import type { SessionCookie } from '../sign-in-routes.ts';
import { AttemptCookie, ownPath } from './attempt-cookie.ts';
import type { ProviderAccounts } from './provider-accounts.ts';
import { ProviderClient } from './provider-client.ts';
import { ProviderError } from './provider-error.ts';

const tags = ['access'];
const PATH = '/api/v1/sign-in/oidc';

export interface ProviderSignIn {
  /** Text of the button. */
  readonly name: string;
  readonly client: Pick<ProviderClient, 'authorizationUrl' | 'person'>;
  readonly accounts: Pick<ProviderAccounts, 'accountOf'>;
  readonly attempts: AttemptCookie;
  /** Without a slash at its end. */
  readonly publicUrl: string;
}

/** Signing in through an identity provider, under /api/v1. Whatever goes wrong leads back to the sign-in page. */
export function providerRoutes(options: {
  readonly provider: ProviderSignIn | undefined;
  readonly signInService: Pick<SignInService, 'begin'>;
  readonly cookie: SessionCookie;
}): FastifyPluginAsyncZod {
  const { cookie, provider, signInService } = options;
  const attemptCookie = `${cookie.name}-oidc`;
  const attributes = { path: PATH, httpOnly: true, sameSite: 'lax', secure: cookie.secure } as const;
  const failed = (
    request: FastifyRequest,
    reply: FastifyReply,
    failure: ProviderFailure,
    name: string | null,
  ) => {
    request.audit({ kind: 'sign-in-refused', data: { name, reason: failure, provider: true } });
    return reply.clearCookie(attemptCookie, attributes).redirect(`/sign-in?failed=${failure}`, 303);
  };
  return async (app) => {
    app.get(
      '/sign-in/options',
      {
        config: { access: 'public' },
        schema: { tags, summary: 'What the sign-in page offers', response: { 200: SignInOptions } },
      },
      async () => ({ provider: provider?.name ?? null }),
    );
    if (provider === undefined) return;
    const { accounts, attempts, client, publicUrl } = provider;
    app.get(
      '/sign-in/oidc',
      {
        config: { access: 'public' },
        schema: {
          tags,
          summary: 'Leads a browser to the identity provider',
          querystring: z.strictObject({ returnTo: z.string().max(2000).optional() }),
          response: { 303: z.void() },
        },
      },
      async (request, reply) => {
        const attempt = ProviderClient.newAttempt();
        let url: URL;
        try {
          url = await client.authorizationUrl(attempt);
        } catch (error) {
          if (error instanceof ProviderError) return failed(request, reply, error.failure, null);
          throw error;
        }
        const kept = { ...attempt, returnTo: ownPath(request.query.returnTo) };
        reply.setCookie(attemptCookie, await attempts.seal(kept), {
          ...attributes,
          maxAge: AttemptCookie.lifeSeconds,
        });
        return reply.redirect(url.href, 303);
      },
    );
    app.get(
      '/sign-in/oidc/callback',
      {
        config: { access: 'public' },
        schema: {
          tags,
          summary: 'Where the identity provider sends a browser back to',
          response: { 303: z.void() },
        },
      },
      async (request, reply) => {
        const kept = await attempts.open(request.cookies[attemptCookie] ?? '');
        if (kept === undefined) return failed(request, reply, 'expired', null);
        let name: string | null = null;
        try {
          const person = await client.person(new URL(request.url, publicUrl), kept);
          name = person.name;
          const user = await accounts.accountOf(person);
          const { secret, signIn } = await signInService.begin(user, {
            address: request.clientAddress,
            userAgent: request.headers['user-agent'] ?? '',
          });
          request.audit({
            kind: 'signed-in',
            tenantId: user.tenantId,
            actor: { kind: 'user', id: user.id, name: user.name },
            data: { provider: true },
          });
          return reply
            .clearCookie(attemptCookie, attributes)
            .setCookie(cookie.name, secret, {
              path: '/',
              httpOnly: true,
              sameSite: 'strict',
              secure: cookie.secure,
              expires: signIn.expiresAt,
            })
            .redirect(kept.returnTo, 303);
        } catch (error) {
          if (error instanceof ProviderError) return failed(request, reply, error.failure, name);
          throw error;
        }
      },
    );
  };
}
