// How many views a second one control process starts, and how long each takes, while ten thousand views run:
// the whole HTTP path in process, nodes without media in a process of their own over real connections.
// node bench/starts.ts [--cameras 1000] [--sessions 10000] [--nodes 20] [--starts 4000] [--lanes 50] [--audit] [--redis redis://127.0.0.1:6379]
// With --redis what control processes share is in the Redis at this address, under a name of its own; else in memory.
// With --audit every start is written down as in production: chain, spool file, PGlite in a folder; without, nowhere.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ALL_CAMERAS, HOME_TENANT, type StartAnswer, UserId } from '@vedette/contracts';
import { createMetrics, silentLog, systemClock } from '@vedette/runtime';
import type { FastifyInstance } from 'fastify';
import { openAnalytics } from '../apps/control-plane/src/analytics/open-analytics.ts';
import { openAudit } from '../apps/control-plane/src/audit/open-audit.ts';
import { openDatabase } from '../apps/control-plane/src/database/open-database.ts';
import { createApp } from '../apps/control-plane/src/http/create-app.ts';
import { FolderSecrets } from '../apps/control-plane/src/secrets/folder-secrets.ts';
import { openRedis } from '../apps/control-plane/src/state/redis/open-redis.ts';
import { eventually } from '../tests/support/eventually.ts';
import type { SimulatedViewer } from '../tests/support/simulated-engine.ts';
import { SimulatedNode } from '../tests/support/simulated-node.ts';
import { createViewingHarness, NODE_TOKEN } from '../tests/support/viewing-harness.ts';

const { values } = parseArgs({
  options: {
    cameras: { type: 'string', default: '1000' },
    sessions: { type: 'string', default: '10000' },
    nodes: { type: 'string', default: '20' },
    starts: { type: 'string', default: '4000' },
    lanes: { type: 'string', default: '50' },
    audit: { type: 'boolean', default: false },
    redis: { type: 'string' },
    'as-nodes': { type: 'string' },
  },
});
const CAMERAS = Number(values.cameras);
const SESSIONS = Number(values.sessions);
const NODES = Number(values.nodes);
const STARTS = Number(values.starts);
const LANES = Number(values.lanes);

interface OpenViews {
  readonly node: string;
  readonly viewers: readonly SimulatedViewer[];
}

/** The other process: nodes, and the viewers that it is told of. */
function beNodes(controlUrl: string): void {
  const nodes = new Map<string, SimulatedNode>();
  for (let i = 1; i <= NODES; i++) {
    const nodeId = `node-${i}`;
    nodes.set(
      nodeId,
      new SimulatedNode({ controlUrl, nodeToken: NODE_TOKEN, nodeId, maxWebrtcViewers: 1000 }),
    );
  }
  process.on('message', ({ node, viewers }: OpenViews) => {
    for (const viewer of viewers) nodes.get(node)?.engine.connect(viewer);
  });
  process.on('disconnect', () => process.exit(0));
}

interface Figures {
  readonly name: string;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly cores: number;
}

/** Starts one after the other on each of `lanes`; only 201 counts. */
async function measure(
  name: string,
  app: FastifyInstance,
  options: { readonly count: number; readonly lanes: number; readonly camera: (i: number) => string },
): Promise<{ figures: Figures; answers: { answer: StartAnswer; userId: string }[] }> {
  const times: number[] = [];
  const answers: { answer: StartAnswer; userId: string }[] = [];
  let next = 0;
  const cpu = process.cpuUsage();
  const begun = performance.now();
  const lane = async () => {
    for (let i = next++; i < options.count; i = next++) {
      const userId = `user${name.replace(/\W/g, '')}${i % 400}`;
      const at = performance.now();
      const response = await app.inject({
        method: 'POST',
        url: `/api/v1/streams/${options.camera(i)}/start`,
        // Rate limits count by address and by principal; this is about neither.
        remoteAddress: `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`,
        headers: { authorization: `Bearer ${userId}` },
        payload: { tile: { width: 1280, height: 720, tiles: 1 } },
      });
      times.push(performance.now() - at);
      if (response.statusCode !== 201) throw new Error(`${response.statusCode} ${response.body}`);
      answers.push({ answer: response.json(), userId });
    }
  };
  await Promise.all(Array.from({ length: options.lanes }, lane));
  const elapsedMs = performance.now() - begun;
  const used = process.cpuUsage(cpu);
  times.sort((a, b) => a - b);
  const at = (share: number) =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
  return {
    answers,
    figures: {
      name,
      perSecond: Math.round((options.count * 1000) / elapsedMs),
      p50: at(0.5),
      p99: at(0.99),
      max: at(1),
      cores: (used.user + used.system) / 1000 / elapsedMs,
    },
  };
}

const NO_AUDIT = {
  audit: { append: () => undefined },
  viewLog: { ended: () => undefined, wasWritten: async () => false },
};

async function openRealAudit(opened: AsyncDisposableStack) {
  const dataDir = mkdtempSync(join(tmpdir(), 'vedette-starts-'));
  opened.defer(() => rmSync(dataDir, { recursive: true, force: true }));
  const log = silentLog();
  const database = await openDatabase({ dataDir, databaseUrl: process.env['DATABASE_URL'], log });
  opened.defer(() => database.close());
  const audit = await openAudit({
    database,
    dataDir,
    secrets: new FolderSecrets({ dataDir }),
    clock: systemClock,
    log,
  });
  opened.defer(() => audit.close());
  const { viewLog } = openAnalytics({ database, audit: audit.store, clock: systemClock, log });
  return { audit: audit.log, viewLog };
}

async function beControl(): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const audit = values.audit ? await openRealAudit(opened) : NO_AUDIT;
  const shared =
    values.redis === undefined
      ? undefined
      : await openRedis({
          url: values.redis,
          prefix: `starts-${process.pid}`,
          clock: systemClock,
          log: silentLog(),
          random: Math.random,
        });
  opened.defer(() => shared?.close());
  const harness = await createViewingHarness({
    clock: systemClock,
    audit,
    ...(shared === undefined ? {} : { cluster: { ...shared, controlId: 'control-1' } }),
  });
  for (let i = 0; i < CAMERAS; i++) harness.catalog.add(`camera${i}`, { idleTtlSeconds: 3600 });
  for (let i = 0; i < STARTS; i++) harness.catalog.add(`cold${i}`, { idleTtlSeconds: 3600 });
  const app = await createApp({
    log: silentLog(),
    version: '0.0.0',
    tls: undefined,
    publicUrl: 'http://control.test',
    mediaOrigins: () => harness.viewing.mediaOrigins(),
    authenticator: {
      byCookie: async () => undefined,
      byBearer: async (secret) => ({
        kind: 'user',
        id: UserId.parse(secret),
        name: secret,
        role: 'operator',
        tenantId: HOME_TENANT,
        grants: ALL_CAMERAS,
      }),
    },
    cookieName: 'vedette-bench',
    checks: [],
    metrics: createMetrics(),
    audit: { append: () => undefined },
    dashboardFolder: tmpdir(),
    api: harness.viewing.api,
    root: harness.viewing.root,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const child = fork(fileURLToPath(import.meta.url), [
    '--as-nodes',
    `http://127.0.0.1:${port}`,
    '--nodes',
    String(NODES),
  ]);
  try {
    await eventually('all nodes are connected', async () => {
      const nodes = await app.inject({ url: '/api/v1/nodes', headers: { authorization: 'Bearer bench' } });
      return nodes.json().items.length === NODES;
    });
    /** Lets the viewers connect that were granted. */
    const connect = async (granted: readonly { answer: StartAnswer; userId: string }[]) => {
      const byNode = Map.groupBy(granted, ({ answer }) => answer.node);
      for (const [node, views] of byNode) {
        const viewers = views.map(({ answer: { cameraId, profile, protocol, sessionId }, userId }) => ({
          sessionId,
          userId,
          cameraId,
          path: profile === 'main' ? `cam_${cameraId}` : `cam_${cameraId}_${profile}`,
          profile,
          protocol,
        }));
        child.send({ node, viewers } satisfies OpenViews);
      }
      await eventually('the viewers are connected', async () =>
        (await harness.state.views({})).every(({ state }) => state === 'connected'),
      );
    };
    const table: Figures[] = [];
    const filling = await measure('fill', app, {
      count: SESSIONS,
      lanes: 50,
      camera: (i) => `camera${i % CAMERAS}`,
    });
    await connect(filling.answers);
    const runs = [
      { name: 'warm, one at a time', count: STARTS, lanes: 1, camera: (i: number) => `camera${i % CAMERAS}` },
      {
        name: `warm, ${LANES} at a time`,
        count: STARTS,
        lanes: LANES,
        camera: (i: number) => `camera${i % CAMERAS}`,
      },
      {
        name: `cold, ${LANES} at a time`,
        count: Math.min(STARTS, 1000),
        lanes: LANES,
        camera: (i: number) => `cold${i}`,
      },
    ];
    for (const { name, ...run } of runs) {
      const { answers, figures } = await measure(name, app, run);
      table.push(figures);
      await connect(answers);
    }
    const cpu = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 5000));
    const idle = process.cpuUsage(cpu);
    const running = (await harness.state.views({})).length;
    console.log(`${CAMERAS} cameras, ${SESSIONS} views running on ${NODES} nodes before, ${running} after`);
    console.table(
      table.map(({ cores, max, name, p50, p99, perSecond }) => ({
        run: name,
        'starts/s': perSecond,
        'p50 ms': p50.toFixed(1),
        'p99 ms': p99.toFixed(1),
        'max ms': max.toFixed(1),
        cores: cores.toFixed(2),
      })),
    );
    console.log(`reports alone: ${((idle.user + idle.system) / 1000 / 5000).toFixed(3)} cores`);
  } finally {
    child.disconnect();
    await once(child, 'exit');
    await harness.viewing.close();
    await app.close();
  }
}

if (values['as-nodes'] === undefined) await beControl();
else beNodes(values['as-nodes']);
