// Enters: a command. Leaves: its process, which is gone when we are, be it by `kill -9`.
// Not its job: what the command starts in turn.
import { type ChildProcess, type IOType, type SpawnOptions, spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** How a process is started here so that it does not outlive us. */
export interface Launcher {
  /** Programs that execute the next one in their place: the process id stays that of the command. */
  readonly prefix: readonly string[];
  /**
   * Who kills what we started when we are gone, however we went: the kernel, a shell that holds the other end of a
   * pipe of ours, or nobody (a machine without `/bin/sh`).
   */
  readonly watchedBy: 'kernel' | 'shell' | 'nobody';
}

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

/** Looks for what is there; the setpriv of BusyBox knows no `--pdeathsig`, so it is tried. */
export async function prepareLauncher(): Promise<Launcher> {
  if ((await findProgram(SHELL)) === undefined) return { prefix: [], watchedBy: 'nobody' };
  const setpriv = process.platform === 'linux' ? await findProgram('setpriv') : undefined;
  const bound = [setpriv ?? '', '--pdeathsig', 'KILL', SHELL, '-c', UNLESS_ORPHANED, String(process.pid)];
  if (setpriv !== undefined && (await succeeds([...bound, SHELL, '-c', ':'])))
    return { prefix: bound, watchedBy: 'kernel' };
  return { prefix: [SHELL, '-c', KILLED_AT_THE_END_OF_THE_PIPE, SHELL], watchedBy: 'shell' };
}

export interface LaunchOptions extends Omit<SpawnOptions, 'stdio'> {
  /** Numbers 0 to 4 of the command, as far as they are given. */
  readonly stdio: readonly (IOType | 'ipc' | number)[];
}

/** Starts a program, found by its name or path, that is gone when we are; to be called from the main thread, whose end the kernel tells. */
export function launch(
  launcher: Launcher,
  command: readonly string[],
  { stdio, ...options }: LaunchOptions,
): ChildProcess {
  const [program = '', ...args] = [...launcher.prefix, ...command];
  const padding = Array.from({ length: PIPE - stdio.length }, () => 'ignore' as const);
  const more = launcher.watchedBy === 'shell' ? [...padding, 'pipe' as const] : [];
  const child = spawn(program, args, { ...options, stdio: [...stdio, ...more] });
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
