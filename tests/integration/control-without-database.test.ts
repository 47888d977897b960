// The real control process on a real PostgreSQL that is stopped, frozen and started again while views are started all the time.
import { randomBytes } from 'node:crypto';
import { systemClock } from '@vedette/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, ControlProgram } from '../support/control-program.ts';
import { eventually } from '../support/eventually.ts';
import { Postgres, postgresPrograms } from '../support/postgres.ts';
import { SimulatedNode } from '../support/simulated-node.ts';

const NODE_TOKEN = 'a-node-token-of-the-tests';
const CAMERAS = 20;
/** A failover takes 45 s or so: `DATABASE_AWAY_MS=45000` tries that. */
const AWAY_MS = Number(process.env['DATABASE_AWAY_MS'] ?? 1000);
const ROWS = 4;
/** So that a minute of it stays within what a token may ask. */
const PACE_MS = 120;
const programs = postgresPrograms();
if (programs === undefined) console.warn('SKIPPED: PostgreSQL is not installed');

describe.skipIf(programs === undefined)('control while PostgreSQL is away', () => {
  let server: Postgres;
  let control: ControlProgram;
  let node: SimulatedNode;
  let admin: string;
  const viewers: string[] = [];
  const cameras: string[] = [];
  const granted = new Set<string>();

  beforeAll(async () => {
    server = await Postgres.start(programs ?? '');
    control = await ControlProgram.start({
      DATABASE_URL: await server.create('control'),
      MASTER_KEY: randomBytes(32).toString('hex'),
      NODE_TOKEN,
    });
    admin = control.adminToken;
    node = new SimulatedNode({ controlUrl: control.url, nodeToken: NODE_TOKEN });
    await eventually('control is ready', async () => (await control.ask('GET', '/readyz')).status === 200);
    for (let i = 0; i < CAMERAS; i++) cameras.push(await addCamera(`camera ${i}`));
    for (let i = 0; i < ROWS; i++) viewers.push(await newToken());
  });
  afterAll(async () => {
    node?.close();
    await control?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  async function addCamera(name: string): Promise<string> {
    const answer = await create(name);
    expect(answer.status).toBe(201);
    return (answer.body as { id: string }).id;
  }
  const create = (name: string) =>
    control.ask('POST', '/api/v1/cameras', {
      token: admin,
      body: { name, source: { kind: 'rtsp', url: 'rtsp://10.0.0.9/main' }, idleTtlSeconds: 1 },
    });
  async function newToken(): Promise<string> {
    const made = await control.ask('POST', '/api/v1/tokens', {
      token: admin,
      body: { name: 'viewer', role: 'viewer' },
    });
    return (made.body as { secret: string }).secret;
  }
  async function start(camera: string, token = viewers[0]): Promise<Answer> {
    const answer = await control.ask('POST', `/api/v1/streams/${camera}/start`, { token, body: {} });
    const { sessionId } = answer.body as { sessionId?: string };
    if (sessionId !== undefined) granted.add(sessionId);
    return answer;
  }
  async function writtenDown(): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    for (let cursor = ''; ; ) {
      const page = await control.ask('GET', `/api/v1/audit?kind=view-started&limit=500${cursor}`, {
        token: admin,
      });
      const { items, nextCursor } = page.body as {
        items: { sessionId: string }[];
        nextCursor: string | null;
      };
      for (const { sessionId } of items) found.add(sessionId);
      if (nextCursor === null) return found;
      cursor = `&cursor=${nextCursor}`;
    }
  }

  /** Starts views one after the other, in four rows, for as long as `work` takes; answers all that was answered. */
  async function watching(work: () => Promise<void>): Promise<readonly Answer[]> {
    const answers: Answer[] = [];
    const begun = new Set<number>();
    let over = false;
    const row = async (token: string, number: number) => {
      for (let i = number * 5; !over; i += 1) {
        const camera = cameras[i % CAMERAS] ?? '';
        const answer = await start(camera, token);
        answers.push(answer);
        begun.add(number);
        const { sessionId } = answer.body as { sessionId?: string };
        if (sessionId !== undefined)
          await control.ask('POST', `/api/v1/streams/${camera}/stop`, { token, body: { sessionId } });
        await systemClock.sleep(PACE_MS);
      }
    };
    const rows = Promise.all(viewers.map(row));
    try {
      // Somebody who was never seen cannot be known.
      await eventually('every row has started one', () => begun.size === ROWS);
      await work();
    } finally {
      over = true;
      await rows;
    }
    return answers;
  }
  function expectAllStarted(answers: readonly Answer[]): void {
    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused.map(({ body }) => body)).toEqual([]);
    const ms = answers.map((answer) => answer.ms).sort((a, b) => a - b);
    const p99 = ms[Math.floor(ms.length * 0.99)] ?? Number.POSITIVE_INFINITY;
    console.info(`${answers.length} starts, p99 ${Math.round(p99)} ms, max ${Math.round(ms.at(-1) ?? 0)} ms`);
    expect(ms.length).toBeGreaterThanOrEqual(ROWS);
    expect(p99).toBeLessThan(1000);
  }
  async function untilAway(): Promise<void> {
    await eventually('control knows that it is away', async () => {
      const ready = await control.ask('GET', '/readyz');
      expect(ready.status).toBe(200);
      return isDegraded(ready);
    });
  }
  async function untilBack(): Promise<void> {
    await eventually(
      'control knows that it is back',
      async () => !isDegraded(await control.ask('GET', '/readyz')),
      {
        withinMs: 10_000,
      },
    );
  }
  const isDegraded = ({ body }: Answer) =>
    (body as { without?: string[] }).without?.includes('database') === true;
  async function expectChangesRefused(): Promise<void> {
    for (const answer of await Promise.all(Array.from({ length: 10 }, () => create('too soon')))) {
      expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(answer.ms).toBeLessThan(1000);
    }
  }

  it('[R2] goes on starting views while it is stopped, and refuses changes at once', async () => {
    const [cold = ''] = [await addCamera('never watched before')];
    // Who was known goes on; somebody who was never seen cannot be.
    const unseen = await newToken();
    const answers = await watching(async () => {
      await server.stop();
      await untilAway();
      await expectChangesRefused();
      expect((await start(cold)).status).toBe(201);
      expect((await start(cold, unseen)).status).toBe(503);
      const metrics = await (await fetch(`${control.url}/metrics`)).text();
      expect(metrics).toMatch(/^vedette_database_away 1$/m);
      expect(metrics).toMatch(/^vedette_audit_records_waiting [1-9]/m);
      const until = Date.now() + AWAY_MS;
      await eventually('it was away for a while', () => Date.now() > until, { withinMs: 2 * AWAY_MS });
      await server.restart();
      await untilBack();
    });
    expectAllStarted(answers);
    expect((await start(cold, unseen)).status).toBe(201);
    expect((await create('in time')).status).toBe(201);
  });

  it('[R2] goes on starting views while it hangs, none of them for a second', async () => {
    const answers = await watching(async () => {
      server.freeze();
      try {
        await untilAway();
        await expectChangesRefused();
        const until = Date.now() + AWAY_MS;
        await eventually('it hung for a while', () => Date.now() > until, { withinMs: 2 * AWAY_MS });
      } finally {
        server.thaw();
      }
      await untilBack();
    });
    expectAllStarted(answers);
  });

  it('goes on through a restart that nobody announces', async () => {
    const answers = await watching(async () => {
      await server.stop();
      await server.restart();
      const made = await eventually(
        'changes are taken again',
        async () => (await create('after')).status === 201,
        {
          withinMs: 10_000,
        },
      );
      expect(made).toBe(true);
    });
    expectAllStarted(answers);
  });

  it('has written down every view in the end, and nothing is missing', async () => {
    expect(granted.size).toBeGreaterThan(3 * ROWS);
    await eventually('every view is written down', async () => {
      const written = await writtenDown();
      return [...granted].every((sessionId) => written.has(sessionId));
    });
    const verdict = await control.ask('GET', '/api/v1/audit/verify', { token: admin });
    expect(verdict).toMatchObject({ status: 200, body: { chains: 1, faults: [] } });
    expect(node.engine.controlConnected).toBe(true);
  });
});
