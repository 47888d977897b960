// The real control process, started by a test with settings of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bound } from './bound.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-ports.ts';

const MAIN = fileURLToPath(new URL('../../apps/control-plane/src/main.ts', import.meta.url));

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
  /** From the request to the end of the answer. */
  readonly ms: number;
}

export class ControlProgram implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'vedette-control-'));
  readonly url: string;
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  #said = '';

  private constructor(port: number, settings: Readonly<Record<string, string>>) {
    this.url = `http://127.0.0.1:${port}`;
    const own = Object.entries({
      HTTP_PORT: String(port),
      BIND: '127.0.0.1',
      DATA_DIR: this.folder,
      LOG_LEVEL: 'error',
      ...settings,
    });
    this.#env = { PATH: process.env['PATH'] };
    for (const [name, value] of own) this.#env[`VEDETTE_${name}`] = value;
  }

  /** Settings as they are named in the guide, without the prefix. Resolves once it answers. */
  static async start(settings: Readonly<Record<string, string>>): Promise<ControlProgram> {
    const program = new ControlProgram(await freePort(), settings);
    await program.restart();
    return program;
  }

  async restart(): Promise<void> {
    const child = spawn(...bound(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN]), {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        this.#said = (this.#said + chunk.toString()).slice(-100_000);
      });
    await eventually(
      'control answers',
      async () => child.exitCode !== null || (await this.ask('GET', '/healthz')).status === 200,
      { withinMs: 30_000 },
    );
    if (child.exitCode !== null) throw new Error(`control ended with ${child.exitCode}:\n${this.#said}`);
  }

  /** All that it has printed, the last 100 000 characters. */
  get said(): string {
    return this.#said;
  }

  /** Undefined while it runs. */
  get exitCode(): number | undefined {
    return this.#child?.exitCode ?? undefined;
  }

  get adminToken(): string {
    return readFileSync(join(this.folder, 'admin-token'), 'utf8').trim();
  }

  async ask(method: string, path: string, options: { token?: string; body?: unknown } = {}): Promise<Answer> {
    const begunAt = performance.now();
    const { body, token } = options;
    const answer = await fetch(this.url + path, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      body: text === '' ? undefined : JSON.parse(text),
      ms: performance.now() - begunAt,
    };
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
