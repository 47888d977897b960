// One node pulls many cameras, all started in the same second: until all are up, CPU and memory a stream, beside
// MediaMTX when MEDIAMTX_BIN names a binary. About two minutes.   node bench/cameras.ts [--cameras 200]
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { StreamView } from '@vedette/contracts';
import { Demo } from '../tests/support/demo.ts';
import { eventually } from '../tests/support/eventually.ts';
import { freePort } from '../tests/support/free-ports.ts';
import { startBenchCameras } from './measure/bench-cameras.ts';
import type { Camera } from './measure/peers.ts';
import { cpuTicks, pause, residentMb } from './measure/process-cost.ts';

const { values } = parseArgs({ options: { cameras: { type: 'string', default: '200' } } });
const COUNT = Number(values.cameras);
const SETTLE_MS = 6000;
const WINDOW_MS = 30_000;
const IDLE_TTL_SECONDS = 600;

interface Puller extends AsyncDisposable {
  readonly pid: number;
  /** Begins to pull all cameras at the same time. */
  pullAll(): Promise<void>;
  /** Streams that have pictures. */
  live(): Promise<number>;
}

interface Figures {
  readonly upMs: number;
  readonly cores: number;
  readonly megabytesAStream: number;
}

async function vedette(cameras: readonly Camera[]): Promise<Puller> {
  const demo = await Demo.start({ cameras: 1 });
  const ids: string[] = [];
  for (const [index, camera] of cameras.entries()) {
    const { id } = await demo.api<{ id: string }>('POST', '/cameras', {
      name: `Bench ${index + 1}`,
      source: { kind: 'rtsp', ...camera },
      idleTtlSeconds: IDLE_TTL_SECONDS,
    });
    ids.push(id);
  }
  return {
    pid: demo.pidOf('node') ?? 0,
    async pullAll() {
      await Promise.all(ids.map((id) => demo.api('POST', `/streams/${id}/start?protocol=hls`, {})));
    },
    async live() {
      const { items } = await demo.api<{ items: StreamView[] }>('GET', '/streams?limit=500');
      return items.filter(({ health }) => health === 'live').length;
    },
    [Symbol.asyncDispose]: () => demo.close(),
  };
}

async function mediaMtx(binary: string, cameras: readonly Camera[]): Promise<Puller> {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-bench-'));
  const api = await freePort();
  const off = ['rtsp', 'rtmp', 'srt', 'hls', 'webrtc', 'moq'].map((name) => `${name}: no`);
  const config = join(folder, 'mediamtx.yml');
  writeFileSync(
    config,
    ['logLevel: error', ...off, 'api: yes', `apiAddress: 127.0.0.1:${api}`, ''].join('\n'),
  );
  const child = spawn(binary, [config], { stdio: ['ignore', 'inherit', 'inherit'] });
  const ask = (path: string, body?: object) =>
    fetch(`http://127.0.0.1:${api}/v3${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  await eventually('MediaMTX answers', () => ask('/paths/list').catch(() => undefined));
  return {
    pid: child.pid ?? 0,
    async pullAll() {
      const add = (camera: Camera, index: number) =>
        ask(`/config/paths/add/bench${index}`, {
          source: camera.url.replace('rtsp://', `rtsp://${camera.username}:${camera.password}@`),
          rtspTransport: 'tcp',
        });
      await Promise.all(cameras.map(add));
    },
    async live() {
      const answer = await ask('/paths/list?itemsPerPage=1000');
      const { items } = (await answer.json()) as { items: { ready: boolean }[] };
      return items.filter(({ ready }) => ready).length;
    },
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function measure(puller: Puller): Promise<Figures> {
  execFileSync('taskset', ['-acp', '1', String(puller.pid)], { stdio: 'ignore' });
  const before = residentMb(puller.pid);
  const startedAt = performance.now();
  await puller.pullAll();
  await eventually('pictures of all', async () => (await puller.live()) >= COUNT, {
    withinMs: 60_000,
    everyMs: 100,
  });
  const upMs = performance.now() - startedAt;
  await pause(SETTLE_MS);
  const ticks = cpuTicks(puller.pid);
  await pause(WINDOW_MS);
  const cores = (cpuTicks(puller.pid) - ticks) / 100 / (WINDOW_MS / 1000);
  return { upMs, cores, megabytesAStream: (residentMb(puller.pid) - before) / COUNT };
}

await using bench = await startBenchCameras(COUNT);
execFileSync('taskset', ['-acp', '0', String(bench.pid)], { stdio: 'ignore' });
const rows: [string, Figures][] = [];
{
  await using puller = await vedette(bench.cameras);
  rows.push(['Vedette', await measure(puller)]);
}
const binary = process.env['MEDIAMTX_BIN'];
if (binary !== undefined && existsSync(binary)) {
  await using puller = await mediaMtx(binary, bench.cameras);
  rows.push(['MediaMTX', await measure(puller)]);
} else console.log('MediaMTX: skipped, MEDIAMTX_BIN names no binary');
console.log(`\n| ${COUNT} cameras | all up, ms | cores | MB a stream |\n| --- | --- | --- | --- |`);
for (const [name, { upMs, cores, megabytesAStream }] of rows)
  console.log(`| ${name} | ${upMs.toFixed(0)} | ${cores.toFixed(2)} | ${megabytesAStream.toFixed(2)} |`);
