// A cluster without media: simulated nodes that speak the real protocol over real connections, one control process over
// a shared state. How views spread as a shift arrives, and what moves when nodes die.
// node bench/cluster.ts [--cameras 1000] [--nodes 100] [--views 10000] [--redis redis://127.0.0.1:6379]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { NodeId, StartAnswer } from '@vedette/contracts';
import { silentLog, systemClock } from '@vedette/runtime';
import { MemoryProcessBoard } from '../apps/control-plane/src/state/memory-process-board.ts';
import { MemorySharedState } from '../apps/control-plane/src/state/memory-shared-state.ts';
import { openRedis } from '../apps/control-plane/src/state/redis/open-redis.ts';
import { eventually } from '../tests/support/eventually.ts';
import type { SimulatedViewer } from '../tests/support/simulated-engine.ts';
import { SimulatedNode } from '../tests/support/simulated-node.ts';
import { openViewingApp } from '../tests/support/viewing-app.ts';
import { createViewingHarness, NODE_TOKEN, somebody } from '../tests/support/viewing-harness.ts';

const { values } = parseArgs({
  options: {
    cameras: { type: 'string', default: '1000' },
    nodes: { type: 'string', default: '100' },
    views: { type: 'string', default: '10000' },
    redis: { type: 'string' },
    'as-nodes': { type: 'string' },
  },
});
const CAMERAS = Number(values.cameras);
const NODES = Number(values.nodes);
const VIEWS = Number(values.views);
/** Arrivals rise and fall over a shift change: as many again in the middle as at its ends. */
const LANES = [10, 20, 40, 60, 40, 20, 10];

type Order =
  | { readonly do: 'connect'; readonly node: string; readonly viewers: readonly SimulatedViewer[] }
  | { readonly do: 'die'; readonly nodes: readonly string[] };

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
  process.on('message', (order: Order) => {
    if (order.do === 'connect') {
      for (const viewer of order.viewers) nodes.get(order.node)?.engine.connect(viewer);
    } else for (const id of order.nodes) nodes.get(id)?.link.close();
  });
  process.on('disconnect', () => process.exit(0));
}

const percentile = (times: readonly number[], share: number) =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;

async function beControl(): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const shared =
    values.redis === undefined
      ? { state: new MemorySharedState(), board: new MemoryProcessBoard(), close: () => undefined }
      : await openRedis({
          url: values.redis,
          prefix: `cluster-${process.pid}`,
          clock: systemClock,
          log: silentLog(),
          random: Math.random,
        });
  opened.defer(() => shared.close());
  const dead = new Set<NodeId>();
  const harness = await createViewingHarness({
    clock: systemClock,
    cluster: { ...shared, controlId: 'control-1' },
    refuses: (id) => dead.has(id),
    who: (id) => somebody(id, 'operator'),
  });
  opened.defer(() => harness.viewing.close());
  for (let i = 0; i < CAMERAS; i++) harness.catalog.add(`camera${i}`, { idleTtlSeconds: 3600 });
  const app = await openViewingApp(harness);
  opened.defer(() => app.close());
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const child = fork(fileURLToPath(import.meta.url), ['--as-nodes', address, '--nodes', String(NODES)]);
  opened.defer(async () => {
    child.disconnect();
    await once(child, 'exit');
  });
  const order = (what: Order) => child.send(what);
  await eventually('all nodes are connected', async () => (await harness.state.knownNodes()).size === NODES, {
    withinMs: 60_000,
  });

  const times: number[] = [];
  let next = 0;
  const begun = performance.now();
  const cpu = process.cpuUsage();
  for (const lanes of LANES) {
    const until = next + Math.ceil(VIEWS / LANES.length);
    const granted: { answer: StartAnswer; userId: string }[] = [];
    const lane = async () => {
      for (let i = next++; i < Math.min(until, VIEWS); i = next++) {
        const by = somebody(`user${i % 400}`, 'operator');
        const at = performance.now();
        const answer = await harness.start(`camera${i % CAMERAS}`, {
          by,
          request: { tile: { width: 1280, height: 720, tiles: 1 } },
        });
        times.push(performance.now() - at);
        granted.push({ answer, userId: by.id });
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    next = until;
    for (const [node, views] of Map.groupBy(granted, ({ answer }) => answer.node))
      order({
        do: 'connect',
        node,
        viewers: views.map(({ answer: { cameraId, profile, protocol, sessionId }, userId }) => ({
          sessionId,
          userId,
          cameraId,
          path: profile === 'main' ? `cam_${cameraId}` : `cam_${cameraId}_${profile}`,
          profile,
          protocol,
        })),
      });
  }
  const elapsed = performance.now() - begun;
  const used = process.cpuUsage(cpu);
  await eventually(
    'the viewers are connected',
    async () => (await harness.state.views({})).every(({ state }) => state === 'connected'),
    { withinMs: 60_000, everyMs: 500 },
  );
  const spread = [...(await harness.state.streamCounts()).values()];
  console.log(
    `${CAMERAS} cameras, ${NODES} nodes, ${VIEWS} views, ${values.redis === undefined ? 'in memory' : 'in Redis'}: ` +
      `${Math.round((VIEWS * 1000) / elapsed)} starts/s, p50 ${percentile(times, 0.5).toFixed(1)} ms, ` +
      `p99 ${percentile(times, 0.99).toFixed(1)} ms, ${((used.user + used.system) / 1000 / elapsed).toFixed(2)} cores`,
  );
  console.log(
    `streams a node: ${Math.min(...spread)} to ${Math.max(...spread)}, ${(spread.reduce((a, b) => a + b, 0) / NODES).toFixed(1)} on the average, ${NODES - spread.length} nodes without any`,
  );

  /** Kills nodes, and tells what moved and how long it took. */
  const kill = async (count: number) => {
    // What nobody watches is left to its time to live: the viewers of an earlier blow do not come back here.
    const watched = (await harness.state.streams()).filter(({ views }) => views > 0);
    const before = new Map(watched.map(({ nodeId, path }) => [path, nodeId]));
    const alive = [...new Set(before.values())].filter((id) => !dead.has(id));
    const victims = alive.slice(0, count);
    const lost = [...before.values()].filter((id) => victims.includes(id)).length;
    for (const id of victims) dead.add(id);
    const at = performance.now();
    order({ do: 'die', nodes: victims });
    await eventually(
      'every view on them was told to move',
      async () =>
        (await harness.state.streams()).every(({ nodeId, views }) => views === 0 || !dead.has(nodeId)),
      { withinMs: 30_000, everyMs: 20 },
    );
    const tookMs = performance.now() - at;
    const after = await harness.state.streams();
    // Moved to a node that died as well; it is placed again when its viewers ask.
    const twice = after.filter(({ nodeId, path }) => before.has(path) && dead.has(nodeId)).length;
    const others = after.filter(({ nodeId, path }) => {
      const was = before.get(path);
      return was !== undefined && was !== nodeId && !victims.includes(was);
    }).length;
    console.log(
      `${count} of ${alive.length} nodes killed: ${lost} of ${before.size} streams placed elsewhere after ${tookMs.toFixed(0)} ms (${twice} on another that died), ${others} others moved`,
    );
  };
  await kill(1);
  await kill(10);
}

if (values['as-nodes'] === undefined) await beControl();
else beNodes(values['as-nodes']);
