// Starts the product's processes as children, restarts the ones that die, and ends all of them when asked.
// Each child also ends by itself when its channel to this process closes, so that even a kill -9 leaves none.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
const TERM_MS = 2000;
/** A child that lived this long is restarted at once; one that dies sooner waits. */
const HEALTHY_MS = 10_000;
const RESTART_WAIT_MS = 1000;
const GIVE_UP_AFTER = 5;
/** Exit code by which a child says that trying again would not help. */
export const EXIT_DO_NOT_RESTART = 2;

export interface ChildSpec {
  readonly name: string;
  /** Path of the program from the root of the repository. */
  readonly program: string;
  readonly args?: readonly string[];
  /** Flags of Node itself. */
  readonly nodeFlags?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Where its lines go; 'inherit' is this terminal. */
  readonly output: 'inherit' | ((text: string) => void);
}

interface Child {
  readonly spec: ChildSpec;
  process: ChildProcess;
  startedAt: number;
  quickDeaths: number;
}

export class ProcessGroup {
  readonly #children = new Map<string, Child>();
  readonly #onFatal: (reason: string) => void;
  #closing = false;

  /** `onFatal` is told when a child cannot be kept running. */
  constructor(options: { onFatal: (reason: string) => void }) {
    this.#onFatal = options.onFatal;
  }

  start(spec: ChildSpec): void {
    this.#children.set(spec.name, { spec, process: this.#fork(spec), startedAt: Date.now(), quickDeaths: 0 });
  }

  /** Process id of a child, for those who look from outside. */
  pid(name: string): number | undefined {
    return this.#children.get(name)?.process.pid;
  }

  /** Ends every child: politely first, by force after two seconds. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#children.values()].map((child) => end(child.process)));
  }

  #fork(spec: ChildSpec): ChildProcess {
    const output = spec.output === 'inherit' ? 'inherit' : 'pipe';
    const child = fork(`${REPOSITORY}${spec.program}`, spec.args ?? [], {
      env: { ...inherited(), ...spec.env },
      execArgv: ['--disable-warning=ExperimentalWarning', ...(spec.nodeFlags ?? [])],
      stdio: ['ignore', output, output, 'ipc'],
      // A group of its own: Ctrl-C in a terminal reaches this process only, which then ends the others.
      detached: true,
    });
    if (spec.output !== 'inherit') {
      const write = spec.output;
      child.stdout?.setEncoding('utf8').on('data', write);
      child.stderr?.setEncoding('utf8').on('data', write);
    }
    child.once('exit', (code) => this.#onExit(spec.name, child, code));
    child.once('error', (error) => this.#onFatal(`${spec.name} could not be started: ${error.message}`));
    return child;
  }

  #onExit(name: string, process: ChildProcess, code: number | null): void {
    const child = this.#children.get(name);
    if (this.#closing || child === undefined || child.process !== process) return;
    if (code === EXIT_DO_NOT_RESTART) {
      this.#onFatal(`${name} cannot run`);
      return;
    }
    child.quickDeaths = Date.now() - child.startedAt >= HEALTHY_MS ? 0 : child.quickDeaths + 1;
    if (child.quickDeaths >= GIVE_UP_AFTER) {
      this.#onFatal(`${name} ended ${GIVE_UP_AFTER} times in a row`);
      return;
    }
    setTimeout(
      () => {
        if (this.#closing) return;
        child.process = this.#fork(child.spec);
        child.startedAt = Date.now();
      },
      child.quickDeaths <= 1 ? 0 : RESTART_WAIT_MS,
    );
  }
}

/** Everything but our own settings: those were checked by the parent and are passed whole. */
function inherited(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VEDETTE_')));
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), TERM_MS);
  await gone;
  clearTimeout(force);
}
