// Simulated cameras of one clip, 1 Mbit/s 720p15 unless told otherwise, in a process of their own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePortBlock } from '../../tests/support/free-ports.ts';
import { COMMON_CLIP, makeClip } from './bench-clip.ts';
import type { Camera } from './peers.ts';

export const GOP_MS = 2000;
const USERNAME = 'bench';
const PASSWORD = 'bench-camera';

export interface BenchCameras extends AsyncDisposable {
  readonly cameras: readonly Camera[];
  readonly pid: number;
  /** Of the simulator's control API. */
  readonly controlUrl: string;
  /** RTSP connections that are open now, over all cameras. */
  connections(): Promise<number>;
}

export async function startBenchCameras(count: number, clip = COMMON_CLIP): Promise<BenchCameras> {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-bench-'));
  const port = await freePortBlock(2 * count + 1);
  const simulator = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      fileURLToPath(new URL('../../simulators/main.ts', import.meta.url)),
      `--clip=${makeClip(folder, clip)}`,
      `--fps=${clip.framesPerSecond}`,
      `--cameras=${count}`,
      `--port=${port}`,
      `--username=${USERNAME}`,
      `--password=${PASSWORD}`,
      '--no-discovery',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(simulator.stdout, 'data');
  simulator.stdout.resume();
  return {
    pid: simulator.pid ?? 0,
    controlUrl: `http://127.0.0.1:${port}`,
    cameras: Array.from({ length: count }, (_, index) => ({
      url: `rtsp://127.0.0.1:${port + 2 * (index + 1)}/main`,
      username: USERNAME,
      password: PASSWORD,
    })),
    async connections() {
      const answer = await fetch(`http://127.0.0.1:${port}/cameras`);
      const { items } = (await answer.json()) as { items: { counts: { connectionsOpen: number } }[] };
      return items.reduce((sum, { counts }) => sum + counts.connectionsOpen, 0);
    },
    async [Symbol.asyncDispose]() {
      const gone = once(simulator, 'exit');
      simulator.kill('SIGTERM');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
