// How long a node with the MediaMTX engine takes to have a thousand streams: one by one through MediaMTX's API, and by the
// one file that it reads; and how long one more takes then. No camera is pulled.
//   MEDIAMTX_BIN=… node bench/mediamtx-paths.ts [--paths 1000] [--ways file,api]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type DesiredStream, StreamPath } from '@vedette/contracts';
import { newSecret, silentLog, systemClock, VedetteError } from '@vedette/runtime';
import { AuthEndpoint } from '../apps/media-node/src/engine/mediamtx/auth-endpoint.ts';
import { MediaMtxApi } from '../apps/media-node/src/engine/mediamtx/mediamtx-api.ts';
import { MediaMtxEngine } from '../apps/media-node/src/engine/mediamtx/mediamtx-engine.ts';
import { MediaMtxProcess } from '../apps/media-node/src/engine/mediamtx/mediamtx-process.ts';
import { desire, mediaMtxBinary } from '../tests/support/engine-node.ts';
import { eventually } from '../tests/support/eventually.ts';
import { freePort } from '../tests/support/free-ports.ts';

const { values } = parseArgs({
  options: { paths: { type: 'string', default: '1000' }, ways: { type: 'string', default: 'file,api' } },
});
const count = Number(values.paths);
const program = await mediaMtxBinary();
if (program === undefined) throw new Error('MEDIAMTX_BIN names no MediaMTX');

function stream(index: number): DesiredStream {
  const url = `rtsp://10.${index >> 8}.${index & 255}.1/main`;
  return desire(`cam_c${index}`, { kind: 'rtsp', url, username: 'u', password: 'secret', transport: 'tcp' });
}

async function measure(way: 'api' | 'file'): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'vedette-paths-'));
  const apiToken = newSecret();
  const auth = await AuthEndpoint.listen({
    verifier: {
      verify: async () => {
        throw new VedetteError('unauthenticated');
      },
    },
    apiToken,
    log: silentLog(),
    port: 0,
    sourceOf: () => undefined,
    onLetIn: () => undefined,
  });
  const mediamtx = await MediaMtxProcess.prepare({
    program: program ?? '',
    configFile: join(folder, 'mediamtx.yml'),
    config: {
      authAddress: auth.address,
      bind: '127.0.0.1',
      udpPort: await freePort(),
      publicHosts: [],
      rtmp: undefined,
      srtPort: undefined,
    },
    clock: systemClock,
    log: silentLog(),
    random: Math.random,
    paths: () => new Map(),
    onLine: () => undefined,
    onExit: () => undefined,
  });
  const engine = new MediaMtxEngine({
    api: new MediaMtxApi({ address: `http://127.0.0.1:${mediamtx.ports.api}`, token: apiToken }),
    clock: systemClock,
    log: silentLog(),
    random: Math.random,
    rules: { refusal: () => undefined },
    defaults: { recordFolder: undefined, recordHours: 24, listens: { rtmp: false, srt: false } },
    lists: ['webrtcsessions', 'rtspsessions'],
    exclusive: true,
    setAllPaths: way === 'file' ? (paths) => mediamtx.setPaths(paths) : undefined,
    isRevoked: () => false,
    onEnded: () => undefined,
  });
  const ready = (path: string) =>
    engine.streams().some((one) => one.path === path && one.reason === 'waiting_for_viewer');
  const has = (streams: readonly DesiredStream[]) =>
    eventually(
      `${streams.length} paths`,
      () =>
        engine.streams().filter(({ reason }) => reason === 'waiting_for_viewer').length === streams.length,
      { withinMs: 900_000, everyMs: 10 },
    );
  await mediamtx.start();
  engine.start();
  await eventually('MediaMTX answers', () => engine.streams().length === 0 && mediamtx.pid !== undefined);
  try {
    const all = Array.from({ length: count }, (_one, index) => stream(index));
    const before = performance.now();
    engine.apply(all);
    await has(all);
    const allMs = performance.now() - before;
    const again = performance.now();
    const more = [...all, stream(count)];
    engine.apply(more);
    await eventually('one more', () => ready(StreamPath.parse(`cam_c${count}`)), { everyMs: 1 });
    const oneMs = performance.now() - again;
    const emptying = performance.now();
    engine.apply([]);
    const api = new MediaMtxApi({ address: `http://127.0.0.1:${mediamtx.ports.api}`, token: apiToken });
    await eventually('nothing', async () => (await api.paths()).length === 0, { withinMs: 900_000 });
    const noneMs = performance.now() - emptying;
    const { cpuSeconds = 0 } = mediamtx.usage() ?? {};
    console.log(
      `${way.padEnd(4)}: ${count} paths in ${(allMs / 1000).toFixed(2)} s, one more in ${oneMs.toFixed(0)} ms, all gone in ${(noneMs / 1000).toFixed(2)} s; MediaMTX used ${cpuSeconds.toFixed(1)} s of CPU`,
    );
  } finally {
    await engine.shutdown();
    await mediamtx.stop();
    await auth.close();
    await rm(folder, { recursive: true });
  }
}

for (const way of ['file', 'api'] as const) if (values.ways.split(',').includes(way)) await measure(way);
