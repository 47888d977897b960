// Enters: programs for this Node. Leaves: their exit codes. All of them end, and with them what they started, when the
// signal aborts, and when this process ends in any way. Not its job: what they are and what they found.
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { launch, prepareLauncher } from '@vedette/runtime';

/** The root of the repository, where they run. */
export const REPOSITORY = fileURLToPath(new URL('../../../../', import.meta.url));
/** From Ctrl-C to SIGKILL; vitest ends within a second. */
const GRACE_MS = 5000;
/** Enough for the others to go first, too little to starve what has a time limit of its own. */
const NICE = 3;

export interface ProgramOptions {
  /** What it says is kept until it has ended, and others go first. */
  readonly inBackground: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

export class Programs {
  readonly #signal: AbortSignal;
  readonly #temporaryFolder: string;
  readonly #launcher = prepareLauncher();

  /** `temporaryFolder` is the one that all of them see. */
  constructor(options: { readonly signal: AbortSignal; readonly temporaryFolder: string }) {
    this.#signal = options.signal;
    this.#temporaryFolder = options.temporaryFolder;
  }

  /** Resolves once it has ended: true for exit code 0. Throws when it was called off. */
  async run(args: readonly string[], { inBackground, env = {} }: ProgramOptions): Promise<boolean> {
    const launcher = await this.#launcher;
    this.#signal.throwIfAborted();
    const out = inBackground ? 'pipe' : 'inherit';
    const child = launch(launcher, [process.execPath, ...args], {
      cwd: REPOSITORY,
      stdio: ['ignore', out, out],
      env: { ...process.env, ...env, TMPDIR: this.#temporaryFolder },
    });
    if (inBackground && child.pid !== undefined) setPriority(child.pid, NICE);
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    let force: NodeJS.Timeout | undefined;
    const stop = () => {
      child.kill('SIGINT');
      force = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    };
    this.#signal.addEventListener('abort', stop, { once: true });
    const code = await new Promise<number | null>((resolve) => {
      child.once('error', () => resolve(null));
      child.once('exit', resolve);
    });
    clearTimeout(force);
    this.#signal.removeEventListener('abort', stop);
    this.#signal.throwIfAborted();
    process.stdout.write(said);
    return code === 0;
  }
}
