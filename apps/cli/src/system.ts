// Control and one node (and, for demo, simulated cameras) as one thing that starts, is ready, and ends.
import type { Settings } from '@vedette/contracts';
import { newSecret, settingsToEnv } from '@vedette/runtime';
import { type LocalRequest, localRequest } from './local-request.ts';
import { LogFile } from './log-file.ts';
import { MEDIA_NODE_FLAGS } from './media-node-flags.ts';
import { ProcessGroup } from './process-group.ts';
import { waitUntil } from './wait-until.ts';

const READY_MS = 60_000;
const PROGRAMS = {
  control: 'apps/control-plane/src/main.ts',
  node: 'apps/media-node/src/main.ts',
  simulator: 'simulators/main.ts',
} as const;

export interface SimulatorWish {
  readonly cameras: number;
  readonly username: string;
  readonly password: string;
}

export interface SystemOptions {
  readonly settings: Settings;
  readonly simulator?: SimulatorWish;
  /** 'files': logs go to the data folder and the terminal stays readable; 'terminal': JSON lines to stdout. */
  readonly logs: 'files' | 'terminal';
}

export class System {
  readonly settings: Settings;
  readonly #group: ProcessGroup;
  readonly #logs: readonly LogFile[];
  readonly #failed = new AbortController();

  constructor(options: SystemOptions) {
    this.settings = { ...options.settings, nodeToken: options.settings.nodeToken ?? newSecret() };
    this.#group = new ProcessGroup({ onFatal: (reason) => this.#failed.abort(new Error(reason)) });
    const logs: LogFile[] = [];
    const output = (name: string) => {
      if (options.logs === 'terminal') return 'inherit' as const;
      const file = new LogFile(name);
      logs.push(file);
      return file.write;
    };
    const {
      adminToken: _token,
      adminPassword: _password,
      masterKey: _key,
      vaultToken: _vault,
      smtpUrl: _mail,
      oidcClientSecret: _client,
      databaseUrl: _database,
      redisUrl: _redis,
      ...forNode
    } = this.settings;
    this.#group.start({
      name: 'control',
      program: PROGRAMS.control,
      env: settingsToEnv(this.settings),
      output: output('control'),
    });
    this.#group.start({
      name: 'node',
      program: PROGRAMS.node,
      env: settingsToEnv(forNode),
      nodeFlags: MEDIA_NODE_FLAGS,
      output: output('node'),
    });
    if (options.simulator !== undefined) {
      const { cameras, username, password } = options.simulator;
      const args = [
        `--cameras=${cameras}`,
        `--port=${this.settings.simPort}`,
        `--username=${username}`,
        `--password=${password}`,
      ];
      this.#group.start({
        name: 'simulator',
        program: PROGRAMS.simulator,
        args,
        env: {},
        output: output('simulator'),
      });
    }
    this.#logs = logs;
  }

  /** Where a person opens the page. */
  get address(): string {
    return this.settings.publicUrl ?? `${this.#scheme}://localhost:${this.settings.httpPort}`;
  }

  /** Where this machine reaches control. */
  get localAddress(): string {
    const host =
      this.settings.bind === '0.0.0.0' || this.settings.bind === '::' ? '127.0.0.1' : this.settings.bind;
    return `${this.#scheme}://${host.includes(':') ? `[${host}]` : host}:${this.settings.httpPort}`;
  }

  /** A request to control on this machine. */
  request(path: string, options: Omit<LocalRequest, 'certFile'>): Promise<{ status: number; text: string }> {
    return localRequest(`${this.localAddress}${path}`, { ...options, certFile: this.settings.tlsCert });
  }

  /** Aborts when a process cannot be kept running. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  /** Resolves once control answers at all; it then holds the data folder, and logs may be written there. */
  async listening(signal: AbortSignal): Promise<void> {
    await this.#poll('/healthz', signal);
    for (const log of this.#logs) log.open(this.settings.dataDir);
  }

  async ready(signal: AbortSignal): Promise<void> {
    await this.#poll('/readyz', signal);
  }

  /** What the processes said before they could log to files, as text for a person. */
  explanation(): string {
    return this.#logs
      .map((log) => log.held)
      .join('')
      .split('\n')
      .map(readable)
      .filter(Boolean)
      .slice(-12)
      .join('\n');
  }

  close(): Promise<void> {
    return this.#group.close();
  }

  get #scheme(): string {
    return this.settings.tlsCert === undefined ? 'http' : 'https';
  }

  #poll(path: string, signal: AbortSignal): Promise<void> {
    const anyEnd = AbortSignal.any([signal, this.#failed.signal, AbortSignal.timeout(READY_MS)]);
    return waitUntil(async () => {
      const answer = await this.request(path, { signal: anyEnd }).catch(() => undefined);
      return answer?.status === 200;
    }, anyEnd);
  }
}

/** A JSON log line of level error or worse as "process: message"; other text as it is. */
function readable(line: string): string {
  if (!line.startsWith('{')) return line.trim();
  try {
    const entry = JSON.parse(line) as {
      level?: string;
      process?: string;
      msg?: string;
      err?: { message?: string };
    };
    if (entry.level !== 'error' && entry.level !== 'fatal') return '';
    return `${entry.process ?? ''}: ${entry.msg ?? ''}${entry.err?.message === undefined ? '' : ` (${entry.err.message})`}`;
  } catch {
    return line;
  }
}
