// CPU and memory that low-latency HLS viewers cost, ours beside MediaMTX when MEDIAMTX_BIN names a binary.
//   node bench/hls-load.ts [--viewers 10,100] [--seconds 12] [--clip FILE --rate 15]
// Without --clip ffmpeg makes one: 1 Mbit/s, 1280x720, 15 frames a second, GOP 2 s.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { HlsClient } from './hls-client.ts';

interface Server {
  readonly name: string;
  readonly pid: number;
  url(viewer: number): string;
  stop(): Promise<void>;
}

interface Row {
  readonly name: string;
  readonly viewers: number;
  readonly ticks: number;
  readonly requestsPerSecond: number;
  readonly megabitsPerSecond: number;
  readonly partsPerViewerSecond: number;
  readonly residentMb: number;
  readonly errors: number;
}

/** Long enough for just-in-time compilation to end. */
const WARM_UP_MS = 10_000;
const REPEATS = 20;
const folder = mkdtempSync(join(tmpdir(), 'vedette-hls-bench-'));

function makeClip(): string {
  const file = join(folder, 'bench.h264');
  const x264 =
    '-c:v libx264 -preset veryfast -bf 0 -g 30 -keyint_min 30 -sc_threshold 0 -b:v 1M -maxrate 1M -bufsize 1M';
  const source = 'testsrc2=s=1280x720:r=15,noise=c0s=8:c0f=t';
  execFileSync('ffmpeg', [
    '-v',
    'error',
    '-f',
    'lavfi',
    '-i',
    source,
    '-t',
    '16',
    ...x264.split(' '),
    '-f',
    'h264',
    file,
  ]);
  return file;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

async function startOurs(clip: string, rate: string): Promise<Server> {
  const script = fileURLToPath(new URL('hls-server.ts', import.meta.url));
  const child = spawn(process.execPath, [script, clip, rate], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  const { address } = JSON.parse(line) as { address: string };
  return {
    name: 'vedette',
    pid: child.pid ?? 0,
    url: (viewer) => `${address}/hls/v${viewer}/cam_bench/index.m3u8`,
    stop: () => stop(child),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function startMediaMtx(binary: string, clip: string, rate: string): Promise<Server> {
  const [rtsp, hls] = [await freePort(), await freePort()];
  const config = join(folder, 'mediamtx.yml');
  writeFileSync(
    config,
    `logLevel: warn
rtspAddress: 127.0.0.1:${rtsp}
rtspTransports: [tcp]
rtmp: no
webrtc: no
srt: no
moq: no
hlsAddress: 127.0.0.1:${hls}
hlsVariant: lowLatency
hlsSegmentCount: 7
hlsSegmentDuration: 1s
hlsPartDuration: 200ms
hlsAlwaysRemux: yes
paths:
  cam_bench:
`,
  );
  const child = spawn(binary, [config], { stdio: ['ignore', 'inherit', 'inherit'], cwd: folder });
  await new Promise((resolve) => setTimeout(resolve, 1000));
  // ffmpeg's own looping jumps in time, upon which MediaMTX closes the stream: the clip is repeated as a file.
  const long = join(folder, 'long.h264');
  writeFileSync(long, Buffer.concat(Array.from({ length: REPEATS }, () => readFileSync(clip))));
  const input = ['-re', '-r', rate, '-f', 'h264', '-i', long];
  const output = ['-c', 'copy', '-f', 'rtsp', '-rtsp_transport', 'tcp', `rtsp://127.0.0.1:${rtsp}/cam_bench`];
  const camera = spawn('ffmpeg', ['-v', 'error', ...input, ...output], {
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  return {
    name: 'mediamtx',
    pid: child.pid ?? 0,
    url: () => `http://127.0.0.1:${hls}/cam_bench/index.m3u8`,
    stop: async () => {
      await stop(camera);
      await stop(child);
    },
  };
}

/** User and system time of a process, all its threads, in ticks of 10 ms. */
function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

async function measure(server: Server, viewers: number, seconds: number): Promise<Row> {
  const clients = Array.from({ length: viewers }, (_, i) => new HlsClient(server.url(i)));
  const runs = clients.map((client) => client.run());
  const total = (key: 'requests' | 'bytes' | 'parts' | 'errors') =>
    clients.reduce((sum, client) => sum + client.counts[key], 0);
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
  const before = { requests: total('requests'), bytes: total('bytes'), parts: total('parts') };
  const ticksBefore = cpuTicks(server.pid);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const row: Row = {
    name: server.name,
    viewers,
    ticks: cpuTicks(server.pid) - ticksBefore,
    requestsPerSecond: (total('requests') - before.requests) / seconds,
    megabitsPerSecond: ((total('bytes') - before.bytes) * 8) / seconds / 1e6,
    partsPerViewerSecond: (total('parts') - before.parts) / seconds / viewers,
    residentMb: residentMb(server.pid),
    errors: total('errors'),
  };
  for (const client of clients) client.stop();
  await Promise.allSettled(runs);
  return row;
}

/** Waits until one client got its first parts: the camera runs and the muxer has begun. */
async function ready(server: Server): Promise<void> {
  for (let tries = 0; tries < 40; tries += 1) {
    const client = new HlsClient(server.url(0));
    const run = client.run();
    await new Promise((resolve) => setTimeout(resolve, 500));
    client.stop();
    await run;
    if (client.counts.parts > 0) return;
  }
  throw new Error(`${server.name} gave no parts`);
}

const { values } = parseArgs({
  options: {
    viewers: { type: 'string', default: '10,100' },
    seconds: { type: 'string', default: '12' },
    clip: { type: 'string' },
    rate: { type: 'string', default: '15' },
  },
});

try {
  const clip = values.clip ?? makeClip();
  const binary = process.env['MEDIAMTX_BIN'];
  const starts = [() => startOurs(clip, values.rate)];
  if (binary !== undefined && existsSync(binary)) starts.push(() => startMediaMtx(binary, clip, values.rate));
  const rows: Row[] = [];
  for (const start of starts) {
    const server = await start();
    try {
      await ready(server);
      for (const viewers of values.viewers.split(',').map(Number)) {
        rows.push(await measure(server, viewers, Number(values.seconds)));
      }
    } finally {
      await server.stop();
    }
  }
  process.stdout.write(`LL-HLS, ${values.seconds} s, CPU in ticks of 10 ms\n`);
  process.stdout.write(
    'server     viewers  ticks  req/s  Mbit/s  parts/s/viewer  RSS MB  errors  CPU ratio\n',
  );
  for (const row of rows) {
    const reference = rows.find((other) => other.name === 'mediamtx' && other.viewers === row.viewers);
    const ratio = reference === undefined ? '-' : (row.ticks / reference.ticks).toFixed(2);
    const columns = [
      row.name.padEnd(10),
      String(row.viewers).padStart(7),
      String(row.ticks).padStart(6),
      row.requestsPerSecond.toFixed(0).padStart(6),
      row.megabitsPerSecond.toFixed(1).padStart(7),
      row.partsPerViewerSecond.toFixed(2).padStart(15),
      row.residentMb.toFixed(0).padStart(7),
      String(row.errors).padStart(7),
      ratio.padStart(10),
    ];
    process.stdout.write(`${columns.join(' ')}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
