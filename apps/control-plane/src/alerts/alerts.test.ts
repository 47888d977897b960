import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { type AlertMessage, CameraId, HOME_TENANT, TenantId } from '@vedette/contracts';
import { AllowedHosts, silentLog } from '@vedette/runtime';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../../tests/support/eventually.ts';
import { freePort } from '../../../../tests/support/free-ports.ts';
import { HeldClock } from '../../../../tests/support/held-clock.ts';
import type { Database } from '../database/database.ts';
import { openTestDatabase } from '../database/test-database.ts';
import { openTestApp, type TestApp } from '../http/test-app.ts';
import { AlertDispatcher, MAX_ATTEMPTS } from './alert-dispatcher.ts';
import { type Alert, AlertGatherer, type CameraNews, GATHER_MS, messageOf } from './alert-gatherer.ts';
import { AlertStore, type AlertTarget } from './alert-store.ts';
import { DeliveryFailure } from './delivery-failure.ts';
import { textOf } from './mail-sender.ts';
import { newWebhookSecret, signWebhook, WebhookSender } from './webhook-sender.ts';

const news = (
  id: string,
  kind: CameraNews['kind'] = 'camera.offline',
  siteId: string | null = 'north',
): CameraNews => ({
  kind,
  tenantId: HOME_TENANT,
  siteId,
  cameraId: CameraId.parse(id),
  name: `Camera ${id}`,
  reason: 'camera_unreachable',
});

describe('cameras that go together', () => {
  function gather() {
    const clock = new HeldClock();
    const alerts: Alert[] = [];
    const gatherer = new AlertGatherer({ clock, onAlert: (alert) => alerts.push(alert) });
    return { alerts, clock, gatherer };
  }

  it('are one alert, not a hundred', async () => {
    const { alerts, clock, gatherer } = gather();
    for (let i = 0; i < 100; i++) gatherer.camera(news(`c${i}`));
    await clock.pass(GATHER_MS['camera.offline']);
    expect(alerts).toHaveLength(1);
    expect(alerts[0]?.message).toMatchObject({
      kind: 'camera.offline',
      title: 'Camera c0, Camera c1, Camera c2 and 97 more are offline',
    });
    expect(alerts[0]?.message.cameras).toHaveLength(100);
  });

  it('at two places, or one gone and one back, are two', async () => {
    const { alerts, clock, gatherer } = gather();
    gatherer.camera(news('a'));
    gatherer.camera(news('b', 'camera.offline', 'south'));
    gatherer.camera(news('c', 'camera.online'));
    await clock.pass(GATHER_MS['camera.offline']);
    expect(alerts.map(({ message }) => message.title).sort()).toEqual([
      'Camera a is offline',
      'Camera b is offline',
      'Camera c is back',
    ]);
  });

  it('are told of before a stop', () => {
    const { alerts, gatherer } = gather();
    gatherer.camera(news('a'));
    gatherer.close();
    expect(alerts).toHaveLength(1);
  });
});

describe('a mail', () => {
  it('can be read at four in the morning', () => {
    const message = messageOf('camera.offline', 'Camera a is offline', 0, [news('a')], null);
    expect(textOf(message, 'https://vedette.example')).toBe(
      [
        'Camera a is offline.',
        '',
        '- Camera a: No route to the camera: check its address, power and network.',
        '',
        'Since 1970-01-01 00:00 UTC.',
        'Look here: https://vedette.example/cameras',
        '',
      ].join('\n'),
    );
  });
});

const servers: (Server | TcpServer)[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function receiver(answer: (count: number) => number, location?: string) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      response.writeHead(answer(received.length), location === undefined ? {} : { location }).end();
    });
  });
  servers.push(server);
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { port, received };
}

describe('a webhook', () => {
  const sender = (hosts: string[], addresses: string[]) =>
    new WebhookSender({ hosts: new AllowedHosts(hosts), resolve: async () => addresses });
  const message = messageOf('camera.offline', 'Camera a is offline', 0, [news('a')], null);
  const secret = newWebhookSecret();

  it('is signed as Standard Webhooks says, so that the other side can tell who it is from', async () => {
    const { port, received } = await receiver(() => 204);
    await sender(['hooks.example'], ['127.0.0.1']).send(
      new URL(`http://hooks.example:${port}/a?b=1`),
      secret,
      message,
      1_700_000_000_000,
    );
    const [got] = received;
    expect(got?.headers).toMatchObject({
      host: `hooks.example:${port}`,
      'webhook-id': message.id,
      'webhook-timestamp': '1700000000',
      'webhook-signature': signWebhook(secret, message.id, 1_700_000_000, got?.body ?? ''),
    });
    expect(JSON.parse(got?.body ?? '')).toEqual(message);
    // The example of the specification.
    expect(
      signWebhook(
        'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        'msg_p5jXN8AQM9LWM0D4loKWxJek',
        1614265330,
        '{"test": 2432232314}',
      ),
    ).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it('goes to listed hosts alone, to the address that was judged, and never to metadata services', async () => {
    const refused = (hosts: string[], addresses: string[]) =>
      sender(hosts, addresses).refusal(new URL('https://hooks.example/'));
    expect(await refused([], ['203.0.113.1'])).toContain('WEBHOOK_HOSTS');
    expect(await refused(['hooks.example'], ['203.0.113.1'])).toBeUndefined();
    expect(await refused(['10.0.0.0/8'], ['10.0.0.1'])).toBeUndefined();
    expect(await refused(['10.0.0.0/8'], ['10.0.0.1', '192.168.0.1'])).toContain('WEBHOOK_HOSTS');
    expect(await refused(['hooks.example'], ['169.254.169.254'])).toContain('metadata');
    const url = new URL('https://user:pw@hooks.example/');
    expect(await sender(['hooks.example'], []).refusal(url)).toContain('credentials');
    const rebound = sender(['hooks.example'], ['169.254.169.254']);
    await expect(rebound.send(new URL('http://hooks.example/'), secret, message, 0)).rejects.toMatchObject({
      isFinal: true,
    });
  });

  it('is not led elsewhere, and gives up at once where nobody wants it any more', async () => {
    const away = await receiver(() => 302, 'http://169.254.169.254/');
    const url = (port: number) => new URL(`http://hooks.example:${port}/`);
    const to = sender(['hooks.example'], ['127.0.0.1']);
    await expect(to.send(url(away.port), secret, message, 0)).rejects.toThrow('answered 302');
    const gone = await receiver(() => 410);
    await expect(to.send(url(gone.port), secret, message, 0)).rejects.toMatchObject({ isFinal: true });
    await expect(to.send(url(await freePort()), secret, message, 0)).rejects.toMatchObject({
      isFinal: false,
    });
  });
});

describe('an alert on its way', () => {
  let database: Database;
  beforeAll(async () => {
    database = await openTestDatabase();
  }, 30_000);
  afterAll(() => database.close());

  async function world(send: (count: number) => Error | undefined) {
    const store = new AlertStore({ database });
    const clock = new HeldClock();
    const tenantId = TenantId.parse(`t${Math.random().toString(36).slice(2, 10)}`);
    const sent: AlertMessage[] = [];
    let count = 0;
    const dispatcher = new AlertDispatcher({
      store,
      send: async (_: AlertTarget, message) => {
        count += 1;
        const failure = send(count);
        if (failure !== undefined) throw failure;
        sent.push(message);
      },
      clock,
      random: () => 1,
      log: silentLog(),
    });
    await store.addTarget({
      id: tenantId,
      tenantId,
      name: 'hook',
      destination: { kind: 'webhook', url: 'http://hooks.example/' },
      sealedSecret: null,
      events: ['camera.offline'],
      enabled: true,
    });
    dispatcher.start();
    const message = messageOf('camera.offline', 'x', 0, [], null);
    const deliveries = (state?: 'pending' | 'done' | 'dead') =>
      store.deliveries(tenantId, { state, limit: 10 });
    const pass = async (ms: number) => {
      for (let at = 0; at < ms; at += 1000) await clock.pass(1000);
    };
    return { attempts: () => count, clock, deliveries, dispatcher, message, pass, sent, store, tenantId };
  }

  it('is tried again, ever more seldom, until it has arrived', async () => {
    const { attempts, deliveries, dispatcher, message, pass, sent, tenantId } = await world((n) =>
      n < 4 ? new DeliveryFailure('away') : undefined,
    );
    dispatcher.take({ tenantId, message });
    await eventually('it has arrived', async () => {
      await pass(2000);
      return sent.length === 1;
    });
    expect(attempts()).toBe(4);
    expect(await deliveries('done')).toHaveLength(1);
    await dispatcher.close();
  });

  it('is given up after so many attempts, is listed then, and can be sent again by hand', async () => {
    let works = false;
    const { attempts, clock, deliveries, dispatcher, message, pass, sent, store, tenantId } = await world(
      () => (works ? undefined : new DeliveryFailure('The other side answered 500.')),
    );
    dispatcher.take({ tenantId, message });
    await eventually('it is given up', async () => {
      await pass(60_000);
      return (await deliveries('dead')).length === 1;
    });
    expect(attempts()).toBe(MAX_ATTEMPTS);
    const [dead] = await deliveries('dead');
    expect(dead?.delivery).toMatchObject({
      lastError: 'The other side answered 500.',
      attempts: MAX_ATTEMPTS,
    });
    works = true;
    expect(await store.retry(tenantId, dead?.delivery.id ?? '', new Date(clock.wallNow()))).toBe(true);
    expect(await store.retry(TenantId.parse('stranger'), dead?.delivery.id ?? '', new Date())).toBe(false);
    await eventually('it has arrived', async () => {
      await pass(2000);
      return sent.length === 1;
    });
    await dispatcher.close();
  }, 20_000);

  it('is kept before a stop, and goes to those alone who want its kind', async () => {
    const { deliveries, dispatcher, message, sent, tenantId } = await world(() => undefined);
    dispatcher.take({ tenantId, message });
    dispatcher.take({ tenantId, message: { ...message, kind: 'node.lost' } });
    await dispatcher.close();
    expect(sent).toEqual([]);
    expect((await deliveries('pending')).map(({ delivery }) => delivery.event.kind)).toEqual([
      'camera.offline',
    ]);
  });
});

/** The least of a mail server (RFC 5321); no real one is needed to see what is sent to it. */
async function mailServer(): Promise<{ port: number; mails: string[] }> {
  const mails: string[] = [];
  const server = createTcpServer((socket) => {
    let text = '';
    let inData = false;
    socket.write('220 test\r\n');
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8');
      for (;;) {
        const end = text.indexOf(inData ? '\r\n.\r\n' : '\r\n');
        if (end < 0) return;
        const line = text.slice(0, end);
        text = text.slice(end + (inData ? 5 : 2));
        if (inData) mails.push(line);
        inData = !inData && /^DATA/i.test(line);
        socket.write(inData ? '354 go on\r\n' : /^QUIT/i.test(line) ? '221 bye\r\n' : '250 ok\r\n');
      }
    });
  });
  servers.push(server);
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { port, mails };
}

describe('alert targets', () => {
  const ask = (t: TestApp, method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object) =>
    t.app.inject({
      method,
      url: `/api/v1${url}`,
      headers: t.admin,
      ...(payload === undefined ? {} : { payload }),
    });

  it('are told by webhook and by mail, and a test says whether it arrived', async () => {
    const { mails, port: smtpPort } = await mailServer();
    const { port, received } = await receiver(() => 200);
    await using t = await openTestApp({
      mail: { smtpUrl: `smtp://127.0.0.1:${smtpPort}`, from: 'vedette@example.org', publicUrl: 'http://v' },
    });
    const hook = await ask(t, 'POST', '/alert-targets', {
      name: 'PSIM',
      destination: { kind: 'webhook', url: `http://hooks.example:${port}/vedette` },
      events: ['camera.offline', 'node.lost'],
    });
    const { id, secret } = hook.json();
    expect(secret).toMatch(/^whsec_/);
    expect((await ask(t, 'GET', '/alert-targets')).body).not.toContain(secret);
    expect((await ask(t, 'POST', `/alert-targets/${id}/test`)).json()).toEqual({
      delivered: true,
      detail: 'It has arrived.',
    });
    const { body, headers } = received[0] ?? { body: '', headers: {} };
    const at = Number(headers['webhook-timestamp']);
    expect(headers['webhook-signature']).toBe(signWebhook(secret, String(headers['webhook-id']), at, body));

    const mail = await ask(t, 'POST', '/alert-targets', {
      name: 'Night shift',
      destination: { kind: 'email', to: 'night@example.org' },
      events: ['camera.offline'],
    });
    expect((await ask(t, 'POST', `/alert-targets/${mail.json().id}/test`)).json().delivered).toBe(true);
    expect(mails[0]).toContain('Subject: This is a test of Vedette');

    t.alerts.start();
    t.bus.publish({ type: 'node.state', nodeId: 'n1' as never, state: 'lost', load: null });
    await eventually('the webhook has heard of the lost node', () => received.length === 2);
    expect(JSON.parse(received[1]?.body ?? '')).toMatchObject({
      kind: 'node.lost',
      title: 'Media node n1 is lost',
    });
    const arrived = (await ask(t, 'GET', '/alert-deliveries?state=done')).json().items;
    expect(arrived).toMatchObject([{ targetName: 'PSIM', attempts: 1, lastError: null }]);
    expect((await ask(t, 'DELETE', `/alert-targets/${id}`)).statusCode).toBe(204);
    expect((await ask(t, 'GET', '/alert-deliveries')).json().items).toEqual([]);
  }, 30_000);

  it('are refused where they could not be, with what to do about it', async () => {
    await using t = await openTestApp();
    const add = (destination: object) =>
      ask(t, 'POST', '/alert-targets', { name: 'x', destination, events: ['camera.offline'] });
    expect((await add({ kind: 'webhook', url: 'http://hooks.example/' })).statusCode).toBe(201);
    for (const [destination, word] of [
      [{ kind: 'webhook', url: 'ftp://hooks.example/' }, 'url'],
      [{ kind: 'webhook', url: 'http://u:p@hooks.example/' }, 'credentials'],
      [{ kind: 'email', to: 'a@example.org' }, 'SMTP_URL'],
      [{ kind: 'email', to: 'nobody' }, 'to'],
    ] as const) {
      const answer = await add(destination);
      expect(answer.statusCode, JSON.stringify(destination)).toBe(400);
      expect(answer.body).toContain(word);
    }
  }, 30_000);
});
