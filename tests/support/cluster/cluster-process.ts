// One program of a cluster: started at its place, killed, frozen, started again with the same data. What it says is kept
// in a file. It ends with us, however we end: by its IPC channel, or by the signal of a dead parent.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Place } from './cluster-network.ts';

export interface ProgramSpec {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** One of ours: it ends when its IPC channel does. */
  readonly ours: boolean;
  /** Who it runs as, where root may not; a name of /etc/passwd. */
  readonly user?: string;
  readonly cwd?: string;
  /** Every line of its standard output, which is not kept in the file then, unless it answers true. */
  readonly onLine?: (line: string) => unknown;
}

export class ClusterProcess {
  readonly name: string;
  readonly place: Place;
  readonly logFile: string;
  /** When it ended though nobody had ended it, and how. */
  readonly diedByItself: string[] = [];
  readonly #spec: ProgramSpec;
  #ending = false;
  #child: ChildProcess | undefined;
  #frozen: readonly number[] = [];

  constructor(options: { readonly spec: ProgramSpec; readonly place: Place; readonly logFolder: string }) {
    this.#spec = options.spec;
    this.name = options.spec.name;
    this.place = options.place;
    this.logFile = `${options.logFolder}/${this.name}.log`;
  }

  get address(): string {
    return this.place.address;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  start(): void {
    if (this.running) return;
    const { command, cwd, env, onLine, ours, user } = this.#spec;
    const as = user === undefined ? [] : [`--reuid=${user}`, `--regid=${user}`, '--init-groups'];
    const guard = ours ? [] : ['setpriv', '--pdeathsig=KILL', ...as];
    const [program = '', ...args] = [...this.place.prefix, ...guard, ...command];
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', ...(ours ? (['ipc'] as const) : [])],
      // Ctrl-C in a terminal reaches us only.
      detached: true,
    });
    const log = createWriteStream(this.logFile, { flags: 'a' });
    log.write(`--- ${new Date().toISOString()} started: pid ${child.pid}\n`);
    child.once('error', (error) => log.write(`--- ${error.message}\n`));
    child.once('close', (code, signal) =>
      log.end(`--- ${new Date().toISOString()} ended: ${signal ?? code}\n`),
    );
    child.stderr?.pipe(log, { end: false });
    if (child.stdout !== null) {
      if (onLine === undefined) child.stdout.pipe(log, { end: false });
      else {
        const lines = createInterface({ input: child.stdout });
        lines.on('line', (line) => void (onLine(line) === true && log.write(`${line}\n`)));
      }
    }
    this.#child = child;
    this.#ending = false;
    child.once('exit', (code, signal) => {
      if (!this.#ending) this.diedByItself.push(`${new Date().toISOString()} ${signal ?? code}`);
    });
  }

  /** SIGKILL, to its children too; resolves when it is gone. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Politely; by force after five seconds. */
  async stop(): Promise<void> {
    this.thaw();
    const force = setTimeout(() => void this.#end('SIGKILL'), 5000);
    await this.#end('SIGTERM');
    clearTimeout(force);
  }

  /** It stands still with all its children, as a machine does that swaps or whose disk hangs. */
  freeze(): void {
    if (this.pid === undefined || !this.running) return;
    this.#frozen = familyOf(this.pid);
    for (const pid of this.#frozen) signal(pid, 'SIGSTOP');
  }

  thaw(): void {
    for (const pid of this.#frozen) signal(pid, 'SIGCONT');
    this.#frozen = [];
  }

  async #end(how: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined || !this.running) return;
    this.#ending = true;
    const gone = once(child, 'exit');
    const family = how === 'SIGKILL' ? familyOf(child.pid) : [child.pid];
    for (const pid of family) signal(pid, how);
    await gone;
    this.#frozen = [];
  }
}

function signal(pid: number, name: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself meanwhile.
  }
}

/** The process and all its descendants. */
function familyOf(root: number): number[] {
  const childrenOf = Map.groupBy(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number),
    parentOf,
  );
  const family = [root];
  for (const pid of family) family.push(...(childrenOf.get(pid) ?? []));
  return family;
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}
