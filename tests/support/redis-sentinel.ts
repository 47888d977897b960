// A real sentinel that watches one master and is quick to give it up.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-ports.ts';

export const MASTER_NAME = 'watched';

export class RedisSentinel implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly port: number;

  private constructor(child: ChildProcess, folder: string, port: number) {
    this.#child = child;
    this.#folder = folder;
    this.port = port;
  }

  static async start(program: string, masterPort: number): Promise<RedisSentinel> {
    const folder = mkdtempSync(join(tmpdir(), 'vedette-sentinel-'));
    const port = await freePort();
    const file = join(folder, 'sentinel.conf');
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${folder}`,
      `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${masterPort} 1`,
      `sentinel down-after-milliseconds ${MASTER_NAME} 500`,
      `sentinel failover-timeout ${MASTER_NAME} 3000`,
    ];
    // It keeps what it learns in its own file.
    writeFileSync(file, `${lines.join('\n')}\n`);
    return new RedisSentinel(spawn(program, [file, '--sentinel'], { stdio: 'ignore' }), folder, port);
  }

  get url(): string {
    return `redis+sentinel://127.0.0.1:1,127.0.0.1:${this.port}/${MASTER_NAME}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await gone;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
