// A real Redis of its own on a Unix socket or a free port of 127.0.0.1, that keeps nothing.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { eventually } from './eventually.ts';
import { freePortBlock } from './free-ports.ts';

/** Redis or Valkey, whichever is installed. */
export function redisProgram(): string | undefined {
  return ['redis-server', 'valkey-server'].find(
    (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0,
  );
}

export class Redis implements AsyncDisposable {
  readonly port: number;
  readonly #program: string;
  readonly #folder: string;
  readonly #extra: readonly string[];
  #child: ChildProcess;

  private constructor(options: { program: string; folder: string; port: number; extra: readonly string[] }) {
    this.#program = options.program;
    this.#folder = options.folder;
    this.#extra = options.extra;
    this.port = options.port;
    this.#child = this.#spawn();
  }

  /** `extra` adds to its command line. Of a cluster, the port 10000 above is its bus. */
  static async start(program: string, extra: readonly string[] = []): Promise<Redis> {
    for (let attempt = 0; ; attempt += 1) {
      const folder = mkdtempSync(join(tmpdir(), 'vedette-redis-'));
      const redis = new Redis({ program, folder, port: await freePortBlock(1), extra });
      try {
        await redis.#answers();
        return redis;
      } catch (error) {
        await redis[Symbol.asyncDispose]();
        // Somebody else may have taken the port, or that of the bus.
        if (attempt === 4) throw error;
      }
    }
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get socketUrl(): string {
    return `unix://${this.#folder}/redis.sock`;
  }

  /** One command, on a connection of its own. */
  async ask(...command: string[]): Promise<unknown> {
    const client = createClient({ url: this.url, socket: { reconnectStrategy: false } });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await client.sendCommand(command);
    } finally {
      client.destroy();
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async kill(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await gone;
  }

  /** After `kill`, on the same port. */
  async startAgain(): Promise<void> {
    this.#child = this.#spawn();
    await this.#answers();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasEnded) await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #spawn(): ChildProcess {
    const settings = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const socket = ['--unixsocket', join(this.#folder, 'redis.sock'), '--dir', this.#folder];
    return spawn(this.#program, [...settings, ...socket, ...this.#extra], { stdio: 'ignore' });
  }

  async #answers(): Promise<void> {
    await eventually(
      'Redis answers or ends',
      async () => this.#hasEnded || (await this.ask('PING')) === 'PONG',
    );
    if (this.#hasEnded) throw new Error('Redis could not start');
  }
}
