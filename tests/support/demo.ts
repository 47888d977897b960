// The real command, `./vedette demo`, on free ports and a folder of its own, and what a test asks of it.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.ts';
import { freePort, freePortBlock } from './free-ports.ts';
import { giveDatabase } from './ready-data-folder.ts';

const VEDETTE = fileURLToPath(new URL('../../vedette', import.meta.url));

export interface DemoOptions {
  readonly cameras?: number;
  readonly flags?: readonly string[];
  /** With what is in it already; otherwise a new one is made, and removed in the end. */
  readonly dataDir?: string;
  /** The new data folder is empty, so that control makes its database, which takes seconds. */
  readonly firstStart?: boolean;
}

export type ProcessName = 'control' | 'node' | 'simulator';

export class Demo implements AsyncDisposable {
  readonly address: string;
  readonly nodeAddress: string;
  readonly simulatorAddress: string;
  readonly rtspPort: number;
  readonly dataDir: string;
  readonly #child: ChildProcess;
  readonly #ownsFolder: boolean;
  #output = '';

  private constructor(options: { child: ChildProcess; ports: Ports; dataDir: string; ownsFolder: boolean }) {
    this.#child = options.child;
    this.address = `http://127.0.0.1:${options.ports.http}`;
    this.nodeAddress = `http://127.0.0.1:${options.ports.nodeHttp}`;
    this.simulatorAddress = `http://127.0.0.1:${options.ports.sim}`;
    this.rtspPort = options.ports.rtsp;
    this.dataDir = options.dataDir;
    this.#ownsFolder = options.ownsFolder;
    for (const stream of [options.child.stdout, options.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    }
  }

  /** Resolves once the command says that it is ready. */
  static async start(options: DemoOptions = {}): Promise<Demo> {
    const cameras = options.cameras ?? 2;
    const ports: Ports = {
      http: await freePort(),
      nodeHttp: await freePort(),
      udp: await freePort(),
      rtsp: await freePort(),
      sim: await freePortBlock(2 * cameras + 1),
    };
    const ownsFolder = options.dataDir === undefined;
    const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'vedette-demo-'));
    if (ownsFolder && options.firstStart !== true) await giveDatabase(dataDir);
    const flags = [
      `--cameras=${cameras}`,
      `--http-port=${ports.http}`,
      `--node-http-port=${ports.nodeHttp}`,
      `--udp-port=${ports.udp}`,
      `--rtsp-port=${ports.rtsp}`,
      `--sim-port=${ports.sim}`,
      `--data-dir=${dataDir}`,
      `--public-url=http://127.0.0.1:${ports.http}`,
      `--node-public-url=http://127.0.0.1:${ports.nodeHttp}`,
      ...(options.flags ?? []),
    ];
    // The command ends when the channel does, so with this process, whatever it had no time for.
    const child = spawn(VEDETTE, ['demo', ...flags], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    const demo = new Demo({ child, ports, dataDir, ownsFolder });
    try {
      await eventually(
        'the demo says that it is ready',
        () => {
          if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
          return demo.#output.includes('Vedette is ready');
        },
        { withinMs: 60_000 },
      );
    } catch (error) {
      const output = demo.#output;
      await demo.close();
      throw new Error(`the demo did not start:\n${output}`, { cause: error });
    }
    return demo;
  }

  /** What the command printed so far. */
  get output(): string {
    return this.#output;
  }

  get adminToken(): string {
    return readFileSync(join(this.dataDir, 'admin-token'), 'utf8').trim();
  }

  get adminPassword(): string {
    return readFileSync(join(this.dataDir, 'admin-password'), 'utf8').trim();
  }

  log(name: ProcessName): string {
    return readFileSync(join(this.dataDir, 'logs', `${name}.log`), 'utf8');
  }

  /** A call to control as the administrator; throws when the answer is not 2xx. */
  async api<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.address}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.adminToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** A call to the simulator's control API. */
  async simulator<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.simulatorAddress}${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** Process id of the command itself. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Process id of one of its children now. */
  pidOf(name: ProcessName): number | undefined {
    const program = {
      control: 'control-plane/src/main.ts',
      node: 'media-node/src/main.ts',
      simulator: 'simulators/main.ts',
    }[name];
    return childrenOf(this.pid).find((pid) => commandLine(pid).includes(program));
  }

  allPids(): number[] {
    return [this.pid, ...childrenOf(this.pid)];
  }

  /** Ctrl-C; resolves once the command has ended. */
  async close(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
      this.#child.kill('SIGINT');
      const force = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
      await gone;
      clearTimeout(force);
    }
    if (this.#ownsFolder) rmSync(this.dataDir, { recursive: true, force: true, maxRetries: 5 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

interface Ports {
  readonly http: number;
  readonly nodeHttp: number;
  readonly udp: number;
  readonly rtsp: number;
  readonly sim: number;
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent);
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
