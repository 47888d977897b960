import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { Problem } from '@vedette/contracts';
import type { FastifyInstance } from 'fastify';
import { createJsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';

type Security = { readonly [scheme: string]: readonly string[] };
const SIGNED_IN: readonly Security[] = [{ token: [] }, { browser: [] }];
const PROBLEM_REFERENCE = { $ref: '#/components/schemas/Problem' };

/** Adds the OpenAPI 3.1 description of all routes registered afterwards, and a page to browse it. */
export async function addApiDescription(app: FastifyInstance, options: { version: string }): Promise<void> {
  const transform = createJsonSchemaTransform({});
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Vedette',
        version: options.version,
        description:
          'Live video from many cameras. Every error is a problem by RFC 9457 with a stable `code`. A browser signs in and sends the cookie with `x-csrf-token` on every change; a program sends an API token.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      components: {
        schemas: { Problem: problemSchema() },
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'An API token, `vdt_…`' },
          browser: { type: 'apiKey', in: 'cookie', name: 'vedette', description: 'Set by sign-in' },
        },
      },
    },
    transform: (document) => {
      const described = transform(document);
      const access = document.route.config?.access;
      if (described.schema.hide === true || access === undefined)
        return { ...described, schema: { hide: true } };
      return {
        ...described,
        schema: {
          ...described.schema,
          security: access === 'public' || access === 'own-check' ? [] : SIGNED_IN,
          response: {
            ...withoutEmptyBodies(described.schema.response),
            ...plainAnswer(document.route.config?.produces),
            default: {
              description: 'What went wrong',
              content: { 'application/problem+json': { schema: PROBLEM_REFERENCE } },
            },
          },
        },
      };
    },
  });
  await app.register(swaggerUi, {
    routePrefix: '/api/docs',
    logLevel: 'warn',
    theme: { title: 'Vedette API' },
    uiConfig: { url: '/api/openapi.json', deepLinking: true },
  });
  app.get(
    '/api/openapi.json',
    { config: { access: 'public' }, schema: { hide: true } },
    async (_request, reply) => reply.header('cache-control', 'no-cache').send(app.swagger()),
  );
}

/** 204 has no body, whatever the schema of nothing looks like. */
function withoutEmptyBodies(responses: unknown): Record<string, unknown> {
  if (typeof responses !== 'object' || responses === null) return {};
  return Object.fromEntries(
    Object.entries(responses).map(([status, answer]) => [
      status,
      status === '204' ? { description: 'Done', type: 'null' } : answer,
    ]),
  );
}

function plainAnswer(types: readonly string[] | undefined): Record<string, unknown> {
  if (types === undefined) return {};
  const content = Object.fromEntries(types.map((type) => [type, { schema: {} }]));
  return { 200: { description: 'As asked for', content } };
}

function problemSchema(): Record<string, unknown> {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(Problem);
  return schema;
}
