import { type ChildProcess, spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** How a process of ours is started here so that it is nice to others and does not outlive us. */
export interface Launcher {
  /** Programs that execute the next one in their place: the process id stays that of FFmpeg. */
  readonly prefix: readonly string[];
  /** The kernel kills what we started when we are gone, however we went. */
  readonly diesWithUs: boolean;
}

const NICE = '5';
const TRIAL_MS = 5000;

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

/** Finds `setpriv` and, where it is to be nice, `nice`; the setpriv of BusyBox knows no `--pdeathsig`, so it is tried. */
export async function prepareLauncher(options = { nice: true }): Promise<Launcher> {
  const setpriv = process.platform === 'linux' ? await findProgram('setpriv') : undefined;
  const nice = options.nice ? await findProgram('nice') : undefined;
  const nicely = nice === undefined ? [] : [nice, '-n', NICE];
  if (setpriv === undefined) return { prefix: nicely, diesWithUs: false };
  const bound = [setpriv, '--pdeathsig', 'KILL'];
  const works = await succeeds([...bound, process.execPath, '-e', '']);
  return works ? { prefix: [...bound, ...nicely], diesWithUs: true } : { prefix: nicely, diesWithUs: false };
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
