import {
  type AuditEvent,
  EndpointAnswer,
  LiveEvent,
  NodeView,
  RenewAnswer,
  SessionView,
  StartAnswer,
  StreamView,
} from '@vedette/contracts';
import { systemClock } from '@vedette/runtime';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { eventually } from '../../../../tests/support/eventually.ts';
import { SimulatedNode } from '../../../../tests/support/simulated-node.ts';
import { openViewingApp } from '../../../../tests/support/viewing-app.ts';
import {
  createViewingHarness,
  NODE_TOKEN,
  VICTOR,
  type ViewingHarness,
} from '../../../../tests/support/viewing-harness.ts';

let harness: ViewingHarness;
let app: FastifyInstance;
let node: SimulatedNode;
let address: string;
const audited: Omit<AuditEvent, 'at'>[] = [];

beforeAll(async () => {
  harness = await createViewingHarness({ clock: systemClock });
  for (const id of ['c1', 'c2', 'c3', 'secret']) harness.catalog.add(id);
  app = await openViewingApp(harness, { audit: { append: (event) => audited.push(event) } });
  address = await app.listen({ host: '127.0.0.1', port: 0 });
  node = new SimulatedNode({ controlUrl: address, nodeToken: NODE_TOKEN });
  await eventually('the node is there', () => harness.viewing.hasNode());
});
afterAll(async () => {
  node.close();
  harness.viewing.close();
  await app.close();
});

const ask = (method: 'GET' | 'POST' | 'DELETE', path: string, more: InjectOptions = {}, who = 'alice') =>
  app.inject({
    method,
    url: `/api/v1${path}`,
    ...more,
    headers: { authorization: `Bearer ${who}`, ...more.headers },
  });
async function start(cameraId: string, who = 'alice'): Promise<StartAnswer> {
  const answer = await ask('POST', `/streams/${cameraId}/start`, {}, who);
  expect(answer.statusCode).toBe(201);
  return StartAnswer.parse(answer.json());
}
function open(answer: StartAnswer, userId = 'alice'): void {
  const { cameraId, profile, protocol, sessionId } = answer;
  node.engine.connect({ sessionId, userId, cameraId, path: `cam_${cameraId}`, profile, protocol });
}

describe('start and stop over HTTP', () => {
  it('need no body at all', async () => {
    const { cameraId, sessionId } = await start('c1');
    const stop = () => ask('POST', `/streams/${cameraId}/stop`, { payload: { sessionId } });
    expect((await stop()).statusCode).toBe(204);
    expect((await stop()).statusCode).toBe(204);
  });

  it.each<[string, string, InjectOptions, number, string, string[]]>([
    ['another protocol', '/streams/c1/start?protocol=rtmp', {}, 400, 'invalid_request', ['protocol']],
    ['an unknown field', '/streams/c1/start', { payload: { camera: 1 } }, 400, 'invalid_request', ['camera']],
    [
      'a tile of no size',
      '/streams/c1/start',
      { payload: { tile: { width: 0, height: 9 } } },
      400,
      'invalid_request',
      ['tile.width'],
    ],
    ['an id that is none', '/streams/C-1/start', {}, 400, 'invalid_request', ['cameraId']],
    [
      'a key with blanks',
      '/streams/c1/start',
      { headers: { 'idempotency-key': 'a b' } },
      400,
      'invalid_request',
      ['idempotency-key'],
    ],
    ['an unknown camera', '/streams/nowhere/start', {}, 404, 'camera_not_found', []],
    ['a camera that may not be seen', '/streams/secret/start', {}, 404, 'camera_not_found', []],
    [
      'a session that is none',
      '/streams/c1/stop',
      { payload: { sessionId: '!' } },
      400,
      'invalid_request',
      ['sessionId'],
    ],
    ['the end of all views by an operator', '/streams/c1/stop', {}, 403, 'forbidden', []],
  ])('refuse %s', async (_, path, more, status, code, fields) => {
    const answer = await ask('POST', path, more);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.json()).toMatchObject({ code });
    expect((answer.json().fields ?? []).map((field: { path: string }) => field.path)).toEqual(fields);
  });

  it('refuse who is not signed in', async () => {
    expect((await ask('POST', '/streams/c1/start', {}, 'nobody')).statusCode).toBe(401);
  });

  it('repeat a view by its idempotency key', async () => {
    const more = { headers: { 'idempotency-key': 'wall-7' } };
    const answers = await Promise.all([1, 2, 3].map(() => ask('POST', '/streams/c2/start', more)));
    expect(new Set(answers.map((answer) => answer.json().sessionId)).size).toBe(1);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([201, 201, 201]);
  });
});

describe('the API description', () => {
  it('names every route of views', async () => {
    const { paths } = (await app.inject({ url: '/api/openapi.json' })).json();
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([
        '/api/v1/streams/{cameraId}/start',
        '/api/v1/streams/{cameraId}/stop',
        '/api/v1/streams/{cameraId}/endpoint',
        '/api/v1/streams',
        '/api/v1/sessions',
        '/api/v1/sessions/{id}/renew',
        '/api/v1/sessions/{id}',
        '/api/v1/nodes',
        '/api/v1/events',
      ]),
    );
  });
});

describe('lists over HTTP', () => {
  it('show streams, views and nodes by contract, page by page', async () => {
    for (const id of ['c1', 'c2', 'c3']) open(await start(id));
    await eventually('all are live', async () => {
      const { items } = (await ask('GET', '/streams')).json();
      return (
        items.length === 3 && items.every((item: StreamView) => item.health === 'live' && item.viewers > 0)
      );
    });
    const paths: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: unknown[]; nextCursor: string | null } = (
        await ask('GET', `/streams?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`)
      ).json();
      paths.push(...page.items.map((item) => StreamView.parse(item).path));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(paths).toEqual(['cam_c1', 'cam_c2', 'cam_c3']);

    const sessions = (await ask('GET', '/sessions?cameraId=c3')).json();
    expect(sessions.items.map((item: unknown) => SessionView.parse(item))).toMatchObject([
      { cameraId: 'c3', userName: 'Alice', state: 'connected', clientAddress: '127.0.0.1' },
    ]);
    const first = (await ask('GET', '/sessions?limit=1')).json();
    const second = (await ask('GET', `/sessions?limit=1&cursor=${first.nextCursor}`)).json();
    expect(second.items[0].id).not.toBe(first.items[0].id);

    const { items } = (await ask('GET', '/nodes')).json();
    expect(NodeView.parse(items[0])).toMatchObject({ id: 'node-1', state: 'connected', streams: 3 });
  });

  it('are not for who only watches', async () => {
    for (const path of ['/streams', '/sessions', '/nodes']) {
      expect((await ask('GET', path, {}, 'victor')).statusCode).toBe(403);
    }
  });
});

describe('a view of somebody else', () => {
  it('is neither seen, renewed, stopped nor ended by who may not, by any route', async () => {
    const { cameraId, sessionId } = await start('c2');
    const routes = [
      ['POST', `/sessions/${sessionId}/renew`],
      ['POST', `/streams/${cameraId}/stop`, { payload: { sessionId } }],
      ['POST', `/streams/${cameraId}/stop`],
      ['DELETE', `/sessions/${sessionId}`],
      ['GET', `/streams/${cameraId}/endpoint`],
      ['GET', '/sessions'],
      ['GET', '/streams'],
    ] as const;
    // An administrator of another tenant; and of this one an auditor, a token cut down, and one who only watches.
    const expected = {
      otto: [404, 204, 404, 404, 404, 200, 200],
      audrey: [403, 403, 403, 403, 403, 200, 403],
      reader: [403, 403, 403, 403, 403, 403, 403],
      victor: [404, 204, 403, 403, 200, 403, 403],
    };
    for (const [who, statuses] of Object.entries(expected)) {
      for (const [index, [method, path, more]] of routes.entries()) {
        const answer = await ask(method, path, more ?? {}, who);
        expect(answer.statusCode, `${who}: ${method} ${path} ${answer.body}`).toBe(statuses[index]);
        if (who !== 'audrey') expect(answer.body, `${who}: ${method} ${path}`).not.toContain(sessionId);
      }
    }
    expect((await ask('POST', `/sessions/${sessionId}/renew`)).statusCode).toBe(200);
    await ask('POST', `/streams/${cameraId}/stop`, { payload: { sessionId } });
  });
});

describe('a view over HTTP', () => {
  it('is renewed for its own viewer, by a token of its own', async () => {
    const { sessionId, token } = await start('c1');
    // Tokens tell time by the second.
    await eventually('the token is a fresh one', async () => {
      const renewed = RenewAnswer.parse((await ask('POST', `/sessions/${sessionId}/renew`)).json());
      expect(renewed.sessionId).toBe(sessionId);
      return renewed.token !== token;
    });
    expect((await ask('POST', `/sessions/${sessionId}/renew`, {}, 'victor')).statusCode).toBe(404);
  });

  it('is ended by an administrator, at the node within a second, and said to be so', async () => {
    const answer = await start('c1');
    open(answer);
    await eventually(
      'it is connected',
      async () => (await harness.state.view(answer.sessionId))?.state === 'connected',
    );
    expect((await ask('DELETE', `/sessions/${answer.sessionId}`, {}, 'victor')).statusCode).toBe(403);
    expect((await ask('DELETE', `/sessions/${answer.sessionId}`, {}, 'admin')).statusCode).toBe(204);
    await eventually(
      'it is cut',
      () => !node.engine.sessions.some(({ sessionId }) => sessionId === answer.sessionId),
      {
        withinMs: 1000,
      },
    );
    expect((await ask('POST', `/sessions/${answer.sessionId}/renew`)).json()).toMatchObject({
      code: 'session_revoked',
    });
    expect((await ask('DELETE', `/sessions/${answer.sessionId}`, {}, 'admin')).statusCode).toBe(404);
    const theirs = await start('c1');
    const stop = { payload: { sessionId: theirs.sessionId } };
    for (const who of ['alice', 'admin']) await ask('POST', '/streams/c1/stop', stop, who);
    await ask('POST', '/streams/c1/stop', { payload: { sessionId: (await start('c1')).sessionId } }, 'admin');
    expect(audited.filter(({ kind }) => kind === 'view-revoked')).toMatchObject([
      { actor: { id: 'admin' }, sessionId: answer.sessionId, data: { userId: 'alice' } },
      { actor: { id: 'admin' }, cameraId: 'c1', data: { userId: 'alice' } },
    ]);
  });

  it('can be asked where it runs', async () => {
    const { sessionId } = await start('c2', 'victor');
    const answer = EndpointAnswer.parse((await ask('GET', '/streams/c2/endpoint', {}, 'victor')).json());
    expect(answer).toMatchObject({ sessionId, node: 'node-1', url: 'http://node-1.test:8081/whep/cam_c2' });
    const none = await ask('GET', '/streams/secret/endpoint');
    expect(none.statusCode).toBe(404);
  });
});

describe('live events', () => {
  async function listen(who: string) {
    const abort = new AbortController();
    const response = await fetch(`${address}/api/v1/events`, {
      headers: { authorization: `Bearer ${who}` },
      signal: abort.signal,
    });
    const heard: LiveEvent[] = [];
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body ?? []) {
        text += Buffer.from(chunk).toString();
        const parts = text.split('\n\n');
        text = parts.pop() ?? '';
        for (const part of parts) {
          const data = /^data: (.*)$/m.exec(part)?.[1];
          if (data !== undefined) heard.push(LiveEvent.parse(JSON.parse(data)));
        }
      }
    })().catch(() => undefined);
    return { response, heard, reading, stop: () => abort.abort() };
  }

  it('tell each what concerns them, and nobody more', async () => {
    const [operator, viewer] = [await listen('alice'), await listen('victor')];
    const stranger = await listen('otto');
    expect(operator.response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const own = await start('c3', 'victor');
    open(own, 'victor');
    open(await start('c3'));
    harness.bus.publish({ type: 'camera.changed', cameraId: harness.catalog.add('secret').id });
    harness.bus.publish({ type: 'camera.changed', cameraId: own.cameraId });
    const types = (events: readonly LiveEvent[]) => new Set(events.map(({ type }) => type));
    await eventually('both have heard', () =>
      [operator, viewer].every(
        ({ heard }) => types(heard).has('camera.changed') && types(heard).has('session.started'),
      ),
    );
    const started = (events: readonly LiveEvent[]) => events.filter(({ type }) => type === 'session.started');
    await eventually('the operator hears of both views', () => started(operator.heard).length === 2);
    expect(started(viewer.heard)).toMatchObject([{ sessionId: own.sessionId }]);
    expect(types(viewer.heard)).not.toContain('node.state');
    for (const { heard } of [operator, viewer]) {
      expect(heard.some((event) => 'cameraId' in event && event.cameraId === 'secret')).toBe(false);
    }
    // An administrator, but of another tenant.
    expect(stranger.response.status).toBe(200);
    expect(stranger.heard).toEqual([]);
    for (const { stop } of [operator, viewer, stranger]) stop();
  });

  it('end for who lost the right to hear them', async () => {
    const { reading, response } = await listen('victor');
    expect(response.status).toBe(200);
    await harness.viewing.endViewsOfUser(VICTOR.id);
    await reading;
  });
});

describe('the node link over HTTP', () => {
  it.each([
    ['no token', undefined],
    ['a wrong token', 'Bearer nope'],
  ])('refuses a node with %s', async (_, authorization) => {
    const socket = new WebSocket(`${address.replace('http', 'ws')}/internal/node`, {
      headers: authorization === undefined ? {} : { authorization },
    });
    const status = await new Promise<number | undefined>((resolve) => {
      socket.on('error', () => undefined);
      socket.on('open', () => resolve(undefined));
      socket.on('unexpected-response', (_request, response) => {
        resolve(response.statusCode);
        response.destroy();
      });
    });
    expect(status).toBe(401);
  });

  it('publishes the keys that nodes were given', async () => {
    const answer = await app.inject({ url: '/.well-known/jwks.json' });
    expect(answer.json()).toEqual(node.jwks);
  });
});
