// What a start costs in shared state, in memory and in one Redis on this machine, and how that grows with cameras,
// nodes and running views; what the reports of all nodes cost each second.   Half a minute.
// node bench/shared-state.ts [--views 10000] [--starts 4000] [--lanes 16] [--only 1000x100]
import { parseArgs } from 'node:util';
import { CameraId, NodeId, type NodeSession, SessionId, StreamPath, UserId } from '@vedette/contracts';
import { idSource, silentLog, systemClock } from '@vedette/runtime';
import { MemorySharedState } from '../apps/control-plane/src/state/memory-shared-state.ts';
import { openRedis } from '../apps/control-plane/src/state/redis/open-redis.ts';
import type {
  OpenView,
  SharedState,
  StreamRecord,
  ViewRecord,
} from '../apps/control-plane/src/state/shared-state.ts';
import { Redis, redisProgram } from '../tests/support/redis.ts';

const { values } = parseArgs({
  options: {
    views: { type: 'string', default: '10000' },
    starts: { type: 'string', default: '4000' },
    lanes: { type: 'string', default: '16' },
    only: { type: 'string' },
  },
});
const VIEWS = Number(values.views);
const STARTS = Number(values.starts);
const LANES = Number(values.lanes);
const SIZES = (values.only === undefined ? ['100x1', '100x100', '1000x1', '1000x100'] : [values.only]).map(
  (size) => {
    const [cameras = 0, nodes = 0] = size.split('x').map(Number);
    return { cameras, nodes };
  },
);
const REPORT_ROUNDS = 3;
const CONNECT_PORTION = 500;
const newSessionId = idSource();

interface System {
  readonly state: SharedState;
  /** Absent in memory. */
  readonly redis: Redis | undefined;
  readonly cameras: number;
  readonly nodes: OpenView['nodes'];
  readonly names: readonly NodeId[];
}

/** As admission asks: five counters, every node by name, the whole ranking only where it is needed. */
function request({ cameras, names, nodes }: System, camera: number, isPlaced: boolean): OpenView {
  const nowMs = Date.now();
  const id = `camera${camera % cameras}`;
  const userId = UserId.parse(`user${camera % 500}`);
  const stream = {
    path: StreamPath.parse(`cam_${id}`),
    cameraId: CameraId.parse(id),
    profile: 'main',
    ttlMs: 15_000,
    alwaysOn: false,
    budgets: [`device ${id}`],
  } as const;
  const most = Number.MAX_SAFE_INTEGER;
  return {
    sessionId: SessionId.parse(newSessionId()),
    userId,
    offers: [
      { protocol: 'webrtc', stream },
      { protocol: 'hls', stream },
    ],
    cameraLimits: { webrtc: 1000, hls: 1000 },
    counters: [
      { key: `user ${userId}`, max: 1000, limit: 'user' },
      { key: `viewers ${id}`, max: most, limit: 'policy' },
      { key: 'tenant home', max: most, limit: 'tenant' },
      { key: 'quota home guards', max: most, limit: 'quota-group' },
    ],
    budgets: [{ key: `device ${id}`, max: 4, limit: 'device' }],
    makesRoom: true,
    tier: 5,
    preempts: false,
    revokeUntilMs: nowMs + 3_600_000,
    nodes,
    ranking: isPlaced
      ? []
      : names.map((_, i) => names[(camera + i) % names.length] ?? names[0]).filter(isDefined),
    idempotencyKey: undefined,
    nowMs,
    connectBeforeMs: nowMs + 600_000,
  };
}

function isDefined<T>(value: T | undefined): value is T {
  return value !== undefined;
}

/** Runs `count` calls on so many lanes; answers how long each took, in ms, in rising order. */
async function onLanes(
  count: number,
  lanes: number,
  call: (i: number) => Promise<unknown>,
): Promise<number[]> {
  const times: number[] = [];
  let next = 0;
  const lane = async () => {
    for (let i = next++; i < count; i = next++) {
      const startedAt = performance.now();
      await call(i);
      times.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return times.sort((a, b) => a - b);
}

interface RedisCost {
  readonly cpuUs: number;
  readonly scripts: number;
  readonly commands: number;
}

/** Since the last time it was asked. */
async function redisCost(redis: Redis | undefined): Promise<RedisCost> {
  if (redis === undefined) return { cpuUs: 0, scripts: 0, commands: 0 };
  const cpu = String(await redis.ask('INFO', 'cpu'));
  const stats = String(await redis.ask('INFO', 'commandstats'));
  await redis.ask('CONFIG', 'RESETSTAT');
  const seconds = ['used_cpu_sys', 'used_cpu_user'].map((name) =>
    Number(new RegExp(`^${name}:([0-9.]+)`, 'm').exec(cpu)?.[1] ?? 0),
  );
  const calls = [...stats.matchAll(/^cmdstat_([a-z|_]+):calls=([0-9]+)/gm)];
  const sum = (of: (name: string) => boolean) =>
    calls.reduce((total, [, name = '', count]) => total + (of(name) ? Number(count) : 0), 0);
  return {
    cpuUs: 1e6 * seconds.reduce((a, b) => a + b, 0),
    scripts: sum((name) => name === 'evalsha'),
    commands: sum((name) => !['evalsha', 'ping', 'info', 'config|resetstat', 'hello', 'auth'].includes(name)),
  };
}

async function phase(
  system: System,
  what: string,
  options: { readonly count: number; readonly lanes: number; readonly call: (i: number) => Promise<unknown> },
): Promise<void> {
  const { count } = options;
  const before = await redisCost(system.redis);
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const times = await onLanes(count, options.lanes, options.call);
  const seconds = (performance.now() - startedAt) / 1000;
  const { system: inKernel, user } = process.cpuUsage(cpu);
  const after = await redisCost(system.redis);
  const at = (part: number) => (times[Math.floor(part * (times.length - 1))] ?? 0).toFixed(2);
  const redisUs = (after.cpuUs - before.cpuUs) / count;
  const inRedis =
    system.redis === undefined
      ? ''
      : ` | Redis ${redisUs.toFixed(0)} µs CPU each (${(1e6 / redisUs).toFixed(0)}/s a shard), ` +
        `${(after.scripts / count).toFixed(2)} scripts of ${(after.commands / after.scripts).toFixed(0)} commands`;
  console.log(
    `${what.padEnd(34)} ${(count / seconds).toFixed(0).padStart(7)}/s  p50 ${at(0.5)} ms  p99 ${at(0.99)} ms` +
      ` | control ${((user + inKernel) / count).toFixed(0)} µs CPU each${inRedis}`,
  );
}

function sessionOf({ cameraId, path, profile, protocol, sessionId, userId }: ViewRecord): NodeSession {
  return {
    ...{ sessionId, userId, cameraId, path, profile, protocol, connectedAt: 0, clientAddress: '127.0.0.1' },
    ...{ bytesSent: 0, framesSent: 0, framesDropped: 0, packetsLost: 0, rttMs: null },
  };
}

async function measure(system: System): Promise<void> {
  const { names, state } = system;
  let seq = 0;
  const running = new Map<NodeId, StreamRecord[]>();
  const sessions = new Map<NodeId, NodeSession[]>();
  const reportOf = async (nodeId: NodeId, isFirst = false) =>
    state.applyReport({
      nodeId,
      epoch: 'life',
      seq: ++seq,
      nowMs: Date.now(),
      sessions: sessions.get(nodeId) ?? [],
      ended: [],
      revokeLapsedUntilMs: Date.now(),
      running: (running.get(nodeId) ?? []).map(({ path }) => path),
      ...(isFirst ? { adoptable: running.get(nodeId) ?? [] } : {}),
    });
  for (const nodeId of names) await reportOf(nodeId, true);
  const open = async (camera: number, isPlaced: boolean) => {
    const result = await state.openView(request(system, camera, isPlaced));
    if (result.outcome !== 'opened') throw new Error(`not opened: ${result.outcome}`);
    return result.view;
  };
  await phase(system, 'first views, placed', {
    count: system.cameras,
    lanes: LANES,
    call: (i) => open(i, false),
  });
  await onLanes(VIEWS - system.cameras, LANES, (i) => open(i, true));
  for (const stream of await state.streams()) {
    running.set(stream.nodeId, [...(running.get(stream.nodeId) ?? []), stream]);
  }
  const views = await state.views({});
  const first = performance.now();
  for (let i = 0; i < views.length; i += CONNECT_PORTION) {
    const portion = views.slice(i, i + CONNECT_PORTION);
    for (const view of portion) {
      const known = sessions.get(view.nodeId);
      if (known === undefined) sessions.set(view.nodeId, [sessionOf(view)]);
      else known.push(sessionOf(view));
    }
    for (const nodeId of new Set(portion.map((view) => view.nodeId))) await reportOf(nodeId);
  }
  console.log(`all views connect: ${(performance.now() - first).toFixed(0)} ms`);

  const opened: SessionId[] = [];
  const started = async (i: number) => opened.push((await open(i * 7, true)).sessionId);
  const stopped = (i: number) =>
    state.closeView({
      sessionId: opened[i] ?? SessionId.parse('none'),
      reason: 'viewer_left',
      nowMs: Date.now(),
    });
  for (const lanes of [1, LANES]) {
    await phase(system, `starts, ${lanes} at once`, { count: STARTS, lanes, call: started });
    await phase(system, `stops, ${lanes} at once`, { count: STARTS, lanes, call: stopped });
    opened.splice(0);
  }
  const nodeOf = (i: number) => names[i % names.length] ?? NodeId.parse('none');
  await phase(system, `reports, ${(VIEWS / names.length).toFixed(0)} views each`, {
    count: names.length * REPORT_ROUNDS,
    lanes: 1,
    call: (i) => reportOf(nodeOf(i)),
  });
  await phase(system, 'desired states', {
    count: names.length,
    lanes: 1,
    call: (i) => state.nodeState(nodeOf(i), Date.now()),
  });
  await phase(system, 'lists of all views', { count: 3, lanes: 1, call: () => state.views({}) });
  if (system.redis === undefined) return;
  await system.redis.ask('FLUSHALL');
  await state.streams().catch(() => undefined);
  await phase(system, 'all taken over from the nodes', {
    count: names.length,
    lanes: 1,
    call: (i) => reportOf(nodeOf(i), true),
  });
}

const program = redisProgram();
for (const { cameras, nodes } of SIZES) {
  const names = Array.from({ length: nodes }, (_, i) => NodeId.parse(`node-${i + 1}`));
  const limits = { webrtc: 20_000, hls: 20_000, rtsp: 100 };
  const rest = { cameras, names, nodes: new Map(names.map((name) => [name, limits])) };
  console.log(`\n${cameras} cameras, ${nodes} nodes, ${VIEWS} views, in memory`);
  await measure({ state: new MemorySharedState(), redis: undefined, ...rest });
  if (program === undefined) continue;
  console.log(`\n${cameras} cameras, ${nodes} nodes, ${VIEWS} views, in Redis`);
  await using redis = await Redis.start(program);
  const opened = await openRedis({
    url: redis.url,
    // One node alone tells of all views in one report.
    answerMs: 10_000,
    clock: systemClock,
    log: silentLog(),
    random: Math.random,
  });
  await measure({ state: opened.state, redis, ...rest });
  console.log(/^used_memory_human:(.*)$/m.exec(String(await redis.ask('INFO', 'memory')))?.[0]?.trim());
  opened.close();
}
