// The API is what its description says: every operation asked with requests made from its own schemas, valid, nearly
// valid and hostile. A longer run of others: PROPERTY_SEED=1 VEDETTE_API_RUNS=500 vitest run conformance.
import '../../../../tests/support/property-seed.ts';
import { ALL_CAMERAS, HOME_TENANT, Problem } from '@vedette/contracts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { hostile, nearly, seldom, valuesOf } from './schema-values.fixture.ts';
import { openTestApp, type TestApp } from './test-app.ts';

const RUNS = Number(process.env['VEDETTE_API_RUNS'] ?? 12);
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const Operation = z.object({
  parameters: z.array(z.object({ name: z.string(), in: z.string(), schema: z.unknown() })).default([]),
  requestBody: z.object({ content: z.record(z.string(), z.object({ schema: z.unknown() })) }).optional(),
  responses: z.record(z.string(), z.unknown()),
});
const Description = z.object({
  paths: z.record(z.string(), z.partialRecord(z.enum(METHODS), Operation)),
});
/** Would end the sign-in, hang until the end of time, or open sockets on the network. */
const NOT_ASKED = ['post /api/v1/sign-out', 'get /api/v1/events', 'post /api/v1/discoveries'];
/** Statuses that say what is away here, and not that something broke. */
const AWAY = ['no_node', 'camera_offline', 'unavailable'];

/** Texts with which something is done, and that nobody would come upon. */
const WORDS = [
  'rtsp://10.0.0.1/x',
  'http://hooks.example/x',
  '10.0.0.1',
  'clip.mp4',
  '[{"name":"one","source":{"kind":"rtsp","url":"rtsp://10.0.0.5/x"}}]',
  'camera,10.0.0.7',
];

let t: TestApp;
let operations: {
  name: string;
  method: (typeof METHODS)[number];
  path: string;
  operation: z.infer<typeof Operation>;
}[];
/** Of a thing that is there, by the first part of the path under which it is asked for. */
const ids = new Map<string, string>();
const idFor = (path: string) => ids.get(path.split('/')[3] ?? '') ?? 'nosuchthing';
beforeAll(async () => {
  t = await openTestApp();
  const { paths } = Description.parse((await t.app.inject('/api/openapi.json')).json());
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    METHODS.flatMap((method) => {
      const operation = methods[method];
      return operation === undefined ? [] : [{ name: `${method} ${path}`, method, path, operation }];
    }),
  );
  // What is deleted would be missed by what is asked later.
  operations.sort((one, other) => Number(one.method === 'delete') - Number(other.method === 'delete'));
  const source = { kind: 'file', file: 'clip.mp4' };
  const password = 'correct horse battery';
  for (const [path, payload] of [
    ['cameras', { name: 'Clip', source }],
    ['sites', { name: 'Site' }],
    ['groups', { name: 'Group' }],
    ['recorders', { name: 'Recorder', host: 'nvr.example', maxConnections: 2 }],
    ['users', { name: 'somebody', password, role: 'viewer' }],
    ['tokens', { name: 'token', role: 'viewer' }],
    ['tenants', { name: 'Another' }],
    [
      'alert-targets',
      { name: 'hook', destination: { kind: 'webhook', url: 'http://hooks.example/' }, events: ['node.lost'] },
    ],
    ['discoveries', { interfaces: [], ranges: [] }],
  ] as const) {
    const made = await t.app.inject({ method: 'POST', url: `/api/v1/${path}`, headers: t.admin, payload });
    expect(made.statusCode, `${path} ${made.body}`).toBeLessThan(300);
    ids.set(path, z.object({ id: z.string() }).parse(made.json()).id);
  }
  ids.set('streams', ids.get('cameras') ?? '');
  const incident = { name: 'Fire', cameraIds: [ids.get('cameras')] };
  const begun = await t.app.inject({
    method: 'POST',
    url: '/api/v1/incidents',
    headers: t.admin,
    payload: incident,
  });
  ids.set('incidents', begun.json().id);
  ids.set('policy', '1');
}, 30_000);
afterAll(() => t[Symbol.asyncDispose]());

/** A token of its own for each operation: limits of rate are about who asks too often, not about what. */
async function somebodyNew(): Promise<Record<string, string>> {
  const { secret } = await t.access.apiTokens.create({
    name: 'conformance',
    role: 'admin',
    tenantId: HOME_TENANT,
    grants: ALL_CAMERAS,
    scopes: null,
    createdBy: 'test',
    createdAt: new Date(),
    expiresAt: null,
  });
  return { authorization: `Bearer ${secret}` };
}

describe('the API', () => {
  it('describes every route of its own', () => {
    expect(operations.length).toBeGreaterThan(40);
    for (const { name, operation } of operations) expect(operation.responses, name).toHaveProperty('default');
  });

  it(
    'answers whatever is sent with what it describes, and never breaks',
    async () => {
      let asked = 0;
      let id = 0;
      const words = [...WORDS, ...ids.values()];
      for (const { method, name, operation, path } of operations) {
        if (NOT_ASKED.includes(name)) continue;
        const headers = await somebodyNew();
        const parameters = (where: string) => operation.parameters.filter((one) => one.in === where);
        const bodySchema = operation.requestBody?.content['application/json']?.schema;
        const request = fc.record({
          path: fc.record(
            Object.fromEntries(
              parameters('path').map(({ name: key, schema }) => [
                key,
                fc.oneof(
                  { weight: 3, arbitrary: fc.constant(idFor(path)) },
                  valuesOf(schema, words),
                  hostile,
                ),
              ]),
            ),
          ),
          query: fc.record(
            Object.fromEntries(
              parameters('query').map(({ name: key, schema }) => [
                key,
                seldom(fc.oneof({ weight: 4, arbitrary: valuesOf(schema, words) }, hostile)),
              ]),
            ),
          ),
          body:
            bodySchema === undefined
              ? fc.constant(undefined)
              : fc.oneof(
                  { weight: 3, arbitrary: valuesOf(bodySchema, words) },
                  nearly(bodySchema, words),
                  hostile,
                ),
        });
        await fc.assert(
          fc.asyncProperty(request, async (made) => {
            const url = path.replaceAll(/\{(\w+)\}/g, (_, key: string) =>
              encodeURIComponent(textOf(made.path[key])),
            );
            const query = Object.entries(made.query).flatMap(([key, value]) =>
              value === undefined ? [] : [`${encodeURIComponent(key)}=${encodeURIComponent(textOf(value))}`],
            );
            id += 1;
            const answer = await t.app.inject({
              method: method.toUpperCase() as 'GET',
              url: query.length === 0 ? url : `${url}?${query.join('&')}`,
              remoteAddress: `10.${(id >> 16) & 255}.${(id >> 8) & 255}.${id & 255}`,
              headers: {
                ...headers,
                ...(made.body === undefined ? {} : { 'content-type': 'application/json' }),
              },
              ...(made.body === undefined ? {} : { payload: JSON.stringify(made.body) ?? 'null' }),
            });
            asked += 1;
            check(name, operation, answer);
          }),
          { numRuns: RUNS },
        );
      }
      expect(asked).toBeGreaterThan(operations.length);
    },
    Math.max(120_000, RUNS * 2_000),
  );

  it('answers another content type, a broken body and an unknown method as problems', async () => {
    for (const { method, name, operation, path } of operations) {
      if (operation.requestBody === undefined) continue;
      const headers = await somebodyNew();
      const url = path.replaceAll(/\{\w+\}/g, idFor(path));
      for (const [type, payload, status] of [
        ['text/xml', '<a/>', 415],
        ['application/json', '{"a":', 400],
        ['application/json', '"\ud800"', 400],
      ] as const) {
        const answer = await t.app.inject({
          method: method.toUpperCase() as 'POST',
          url,
          headers: { ...headers, 'content-type': type },
          payload,
        });
        expect([status, 400, 404], `${name} ${type} ${answer.body}`).toContain(answer.statusCode);
        expect(Problem.safeParse(answer.json()).success, name).toBe(true);
      }
    }
  });
});

function check(
  name: string,
  operation: z.infer<typeof Operation>,
  answer: { readonly statusCode: number; readonly body: string; readonly headers: Record<string, unknown> },
): void {
  const about = `${name} ${answer.statusCode} ${answer.body.slice(0, 300)}`;
  if (answer.statusCode < 400) {
    expect(Object.keys(operation.responses), about).toContain(String(answer.statusCode));
    return;
  }
  expect(answer.headers['content-type'], about).toMatch(/^application\/problem\+json/);
  const problem = Problem.parse(JSON.parse(answer.body));
  expect(problem.status, about).toBe(answer.statusCode);
  expect(problem.code, about).not.toBe('rate_limited');
  if (answer.statusCode >= 500) expect(AWAY, about).toContain(problem.code);
}

function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text === '' ? '-' : text.toWellFormed();
}
