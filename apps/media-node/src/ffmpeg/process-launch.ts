import { type ChildProcess, spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** How a process of ours is started here so that it is nice to others and does not outlive us. */
export interface Launcher {
  /** Programs that execute the next one in their place: the process id stays that of the command. */
  readonly prefix: readonly string[];
  /**
   * Who kills what we started when we are gone, however we went: the kernel, a shell that holds the other end of a
   * pipe of ours, or nobody (a machine without `/bin/sh`).
   */
  readonly watchedBy: 'kernel' | 'shell' | 'nobody';
}

const NICE = '5';
const TRIAL_MS = 5000;
const SHELL = '/bin/sh';
/** The kernel tells of a death that comes after it was asked to: whoever lost its parent before that does not start. */
const UNLESS_ORPHANED = 'test "$PPID" = "$0" && exec "$@"';
/** What holds the pipe here; up to 4 belong to the command. */
const PIPE = 5;
/** A line on the pipe says that the command ended and its process id may be somebody else's; an end without is our end. */
const KILLED_AT_THE_END_OF_THE_PIPE =
  '( trap "" TERM INT HUP; exec >/dev/null 2>&1 3>&- 4>&-; read -r _ <&5 || kill -KILL $$ ) & exec 5<&- "$@"';

/** Where a program is: a name is looked up in PATH; undefined when it is nowhere or cannot be executed. */
export async function findProgram(name: string, path = process.env.PATH ?? ''): Promise<string | undefined> {
  const candidates = name.includes('/') ? [name] : path.split(delimiter).map((folder) => join(folder, name));
  for (const candidate of candidates) {
    try {
      await access(candidate, constants.X_OK);
      return candidate;
    } catch {
      // the next folder may have it
    }
  }
  return undefined;
}

/** Finds `setpriv` and `nice`; the setpriv of BusyBox knows no `--pdeathsig`, so it is tried. */
export async function prepareLauncher(): Promise<Launcher> {
  const nice = await findProgram('nice');
  const nicely = nice === undefined ? [] : [nice, '-n', NICE];
  if ((await findProgram(SHELL)) === undefined) return { prefix: nicely, watchedBy: 'nobody' };
  const setpriv = process.platform === 'linux' ? await findProgram('setpriv') : undefined;
  const bound = [setpriv ?? '', '--pdeathsig', 'KILL', SHELL, '-c', UNLESS_ORPHANED, String(process.pid)];
  if (setpriv !== undefined && (await succeeds([...bound, SHELL, '-c', ':'])))
    return { prefix: [...bound, ...nicely], watchedBy: 'kernel' };
  return { prefix: [SHELL, '-c', KILLED_AT_THE_END_OF_THE_PIPE, SHELL, ...nicely], watchedBy: 'shell' };
}

export interface LaunchOptions {
  /** Numbers 0 to 4 of the command. */
  readonly stdio: readonly [Stdio, Stdio, Stdio, Stdio, Stdio];
  readonly env: NodeJS.ProcessEnv;
  /** In a process group of its own. */
  readonly detached?: boolean;
  /** Killed after so many ms. */
  readonly timeout?: number;
  readonly killSignal?: NodeJS.Signals;
  readonly signal?: AbortSignal;
}
type Stdio = 'ignore' | 'pipe' | number;

/** Starts a program that is gone when we are; to be called from the main thread, whose end the kernel tells. */
export function launch(
  launcher: Launcher,
  command: readonly string[],
  { stdio, ...options }: LaunchOptions,
): ChildProcess {
  const [program = '', ...args] = [...launcher.prefix, ...command];
  const byPipe = launcher.watchedBy === 'shell';
  const child = spawn(program, args, { ...options, stdio: byPipe ? [...stdio, 'pipe'] : [...stdio] });
  // A process that ends closes its pipes; that it ended is told by its exit.
  for (const stream of child.stdio) stream?.on('error', () => undefined);
  const pipe = child.stdio.at(PIPE);
  if (pipe && 'end' in pipe) child.once('exit', () => pipe.end('it ended\n'));
  return child;
}

function succeeds(command: readonly string[]): Promise<boolean> {
  const [program = '', ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore', timeout: TRIAL_MS });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}

/** Kills the whole process group; no error when it is gone already. */
export function killGroup(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    child.kill(signal);
  }
}
