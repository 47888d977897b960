// One run, side by side with MediaMTX when MEDIAMTX_BIN names a binary: first picture, CPU and memory of WebRTC and
// LL-HLS viewers. About five minutes.   node bench/run.ts [--webrtc 1,10,100] [--hls 10,100]
import { execFileSync, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { WhepViewer } from '../simulators/viewers/whep-viewer.ts';
import { eventually } from '../tests/support/eventually.ts';
import { HlsClient } from './hls-client.ts';
import { GOP_MS, startBenchCameras } from './measure/bench-cameras.ts';
import { type Server, startMediaMtx, startVedette } from './measure/peers.ts';
import { cpuTicks, pause, percentile, residentMb } from './measure/process-cost.ts';

const WINDOW_MS = 10_000;
const SETTLE_MS = 4000;
const JOINS = 20;

interface Row {
  readonly what: string;
  readonly unit: string;
  readonly value: number;
  /** At most this many times MediaMTX's. */
  readonly target?: number;
}

const { values } = parseArgs({
  options: { webrtc: { type: 'string', default: '1,10,100' }, hls: { type: 'string', default: '10,100' } },
});
const counts = (text: string) => text.split(',').map(Number);

function send<T>(child: ReturnType<typeof fork>, message: object): Promise<T> {
  return new Promise((resolve) => {
    child.once('message', (answer) => resolve(answer as T));
    child.send(message);
  });
}

/** From the WHEP request to the first packet of a key frame, at random moments of the group of pictures. */
async function joins(server: Server): Promise<Row[]> {
  const coldStartedAt = performance.now();
  const first = await WhepViewer.open(await server.whep());
  await eventually('a first key frame', () => first.counts.keyFrames > 0, { everyMs: 5, withinMs: 20_000 });
  const cold = performance.now() - coldStartedAt;
  await eventually('a whole group of pictures', () => first.counts.keyFrames > 1);
  const warm: number[] = [];
  for (let i = 0; i < JOINS; i += 1) {
    await pause(Math.random() * GOP_MS);
    const viewer = await WhepViewer.open(await server.whep());
    const at = await eventually('a key frame', () => viewer.counts.firstKeyFrameAt, { everyMs: 2 });
    warm.push(at - viewer.openedAt);
    await viewer.close();
  }
  await first.close();
  return [
    { what: 'first key frame, nobody watched', unit: 'ms', value: cold },
    { what: `first key frame, watched, p50 of ${JOINS}`, unit: 'ms', value: percentile(warm, 0.5) },
    { what: `first key frame, watched, p95 of ${JOINS}`, unit: 'ms', value: percentile(warm, 0.95) },
  ];
}

async function webrtc(server: Server, viewers: number): Promise<Row[]> {
  const before = residentMb(server.pid);
  const child = fork(fileURLToPath(new URL('measure/whep-viewers.ts', import.meta.url)), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  try {
    const targets: { url: string; token: string }[] = [];
    for (let i = 0; i < viewers; i += 1) targets.push(await server.whep());
    const { opened, failed } = await send<{ opened: number; failed: number }>(child, { open: targets });
    if (failed > 0) console.error(`${server.name}: ${failed} of ${viewers} viewers were refused`);
    await eventually(
      'pictures for all',
      async () => (await send<{ keyed: number }>(child, { counts: true })).keyed === opened,
      { withinMs: 20_000 },
    );
    await pause(SETTLE_MS);
    const from = await send<{ frames: number; lost: number }>(child, { counts: true });
    const ticks = cpuTicks(server.pid);
    await pause(WINDOW_MS);
    const used = cpuTicks(server.pid) - ticks;
    const to = await send<{ frames: number; lost: number }>(child, { counts: true });
    const memory = residentMb(server.pid);
    await send(child, { close: true });
    const many = viewers >= 100;
    return [
      {
        what: `${viewers} WebRTC viewers: CPU in 10 s`,
        unit: 'ticks',
        value: used,
        ...(viewers === 100 ? { target: 0.5 } : {}),
      },
      { what: `${viewers} WebRTC viewers: resident memory`, unit: 'MB', value: memory },
      ...(many
        ? [
            {
              what: `${viewers} WebRTC viewers: memory a viewer`,
              unit: 'MB',
              value: (memory - before) / viewers,
              target: 0.3,
            },
          ]
        : []),
      {
        what: `${viewers} WebRTC viewers: pictures a viewer and second`,
        unit: '1/s',
        value: (to.frames - from.frames) / viewers / (WINDOW_MS / 1000),
      },
      { what: `${viewers} WebRTC viewers: packets lost`, unit: '', value: to.lost - from.lost },
    ];
  } finally {
    child.kill();
  }
}

async function hls(server: Server, viewers: number): Promise<Row[]> {
  const clients: HlsClient[] = [];
  for (let i = 0; i < viewers; i += 1) clients.push(new HlsClient(await server.hls()));
  const running = clients.map((client) => client.run());
  await pause(WINDOW_MS);
  const requests = () => clients.reduce((sum, client) => sum + client.counts.requests, 0);
  const [ticks, before] = [cpuTicks(server.pid), requests()];
  await pause(WINDOW_MS);
  const [used, done] = [cpuTicks(server.pid) - ticks, requests() - before];
  for (const client of clients) client.stop();
  await Promise.all(running);
  return [
    {
      what: `${viewers} LL-HLS viewers: CPU in 10 s`,
      unit: 'ticks',
      value: used,
      ...(viewers === 100 ? { target: 1 } : {}),
    },
    { what: `${viewers} LL-HLS viewers: requests a second`, unit: '1/s', value: done / (WINDOW_MS / 1000) },
  ];
}

async function measure(start: () => Promise<Server>): Promise<Row[]> {
  await using server = await start();
  // Viewers on one processor, the server on the other, as far as the machine has two.
  execFileSync('taskset', ['-acp', '1', String(server.pid)], { stdio: 'ignore' });
  const rows = await joins(server);
  for (const viewers of counts(values.webrtc)) rows.push(...(await webrtc(server, viewers)));
  await pause(SETTLE_MS);
  for (const viewers of counts(values.hls)) rows.push(...(await hls(server, viewers)));
  return rows;
}

function print(ours: readonly Row[], theirs: readonly Row[] | undefined): void {
  const figure = (row: Row | undefined) =>
    row === undefined ? '' : `${row.value.toFixed(row.value < 10 ? 2 : 0)} ${row.unit}`.trim();
  console.log('\n| | Vedette | MediaMTX | ratio | target |\n| --- | --- | --- | --- | --- |');
  for (const row of ours) {
    const other = theirs?.find((candidate) => candidate.what === row.what);
    const ratio = other === undefined || other.value === 0 ? '' : (row.value / other.value).toFixed(2);
    console.log(
      `| ${row.what} | ${figure(row)} | ${figure(other)} | ${ratio} | ${row.target === undefined ? '' : `<= ${row.target}`} |`,
    );
  }
}

const bench = await startBenchCameras(1);
const [camera] = bench.cameras;
if (camera === undefined) throw new Error('the simulator has no camera');
const binary = process.env['MEDIAMTX_BIN'];
const ours = await measure(() => startVedette(camera));
const theirs =
  binary !== undefined && existsSync(binary) ? await measure(() => startMediaMtx(binary, camera)) : undefined;
if (theirs === undefined) console.log('MediaMTX: skipped, MEDIAMTX_BIN names no binary');
print(ours, theirs);
await bench[Symbol.asyncDispose]();
process.exit();
