// Enters: jobs, which are arguments and what to watch for. Leaves: when and why each ended; how many run and wait.
// Every process is in a group of its own, nice, dies with us, is killed when it hangs, and never runs beyond the gate.
// Not its job: what a job is for, and trying again (whoever runs it throws to its own supervisor).
import type { ChildProcess } from 'node:child_process';
import { type Clock, findProgram, type Launcher, type Log, launch, prepareLauncher } from '@vedette/runtime';
import { SourceError } from '../ingest/source-error.ts';
import { outputOf } from './command-output.ts';
import { ErrorOutput } from './error-output.ts';
import { explainFailure } from './explain-failure.ts';
import type { FfmpegJob } from './ffmpeg-job.ts';
import { JobGate } from './job-gate.ts';
import { killGroup } from './process-group.ts';
import { ProgressReader } from './progress-reader.ts';

export interface FfmpegJobsOptions {
  /** A path, or a name that is looked up in PATH. */
  readonly ffmpegPath: string;
  /** Processes at once. */
  readonly limit: number;
  readonly clock: Clock;
  readonly log: Log;
  /** From SIGTERM to SIGKILL; FFmpeg needs little to say goodbye on loopback. */
  readonly graceMs?: number;
}

const NICE = '5';
const GRACE_MS = 1000;
const CHECK_MS = 500;
const TRIAL_MS = 10_000;
const PROBE_MS = 15_000;
const COMMON = ['-hide_banner', '-nostats', '-stats_period', '0.5', '-progress', 'pipe:3'];

export class FfmpegJobs {
  readonly #options: FfmpegJobsOptions;
  readonly #gate: JobGate;
  #launcher: Promise<Launcher> | undefined;
  #program: string | undefined;

  constructor(options: FfmpegJobsOptions) {
    this.#options = options;
    this.#gate = new JobGate({ limit: options.limit });
  }

  load(): { readonly running: number; readonly queued: number } {
    return { running: this.#gate.running, queued: this.#gate.queued };
  }

  /** Who ends what runs when this node is killed with -9; nobody: each is left to notice by its connections. */
  async watchedBy(): Promise<Launcher['watchedBy']> {
    return (await this.#prepared()).watchedBy;
  }

  /** @throws SourceError `ffmpeg_missing` */
  async program(name: 'ffmpeg' | 'ffprobe' = 'ffmpeg'): Promise<string> {
    // Asked again while it is missing: somebody may have just installed it.
    this.#program ??= await findProgram(this.#options.ffmpegPath);
    const beside = this.#program?.replace(/ffmpeg([^/]*)$/, 'ffprobe$1');
    const found = name === 'ffmpeg' ? this.#program : await findProgram(beside ?? 'ffprobe');
    if (found !== undefined) return found;
    throw new SourceError(
      'ffmpeg_missing',
      'start',
      `This node has no ${name}: install it or set FFMPEG_PATH.`,
    );
  }

  /**
   * Waits for a place, runs the job, resolves when it came to its end or the signal aborted, and its process is gone.
   * @throws SourceError in a person's words, as its error output lets us tell
   */
  async run(job: FfmpegJob, signal: AbortSignal): Promise<void> {
    const program = await this.program();
    const launcher = await this.#prepared();
    let leave: () => void;
    try {
      leave = await this.#gate.enter(signal, () => job.onQueued?.());
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    try {
      if (!signal.aborted) await this.#execute(launcher, program, job, signal);
    } finally {
      leave();
    }
  }

  /**
   * `5.1.9-0+deb12u1`, or whatever its builder called it.
   * @throws SourceError `ffmpeg_missing`
   */
  async version(): Promise<string> {
    const command = [await this.program(), '-version'];
    const said = await outputOf(await this.#prepared(), command, { timeoutMs: TRIAL_MS });
    return /^ffmpeg version (\S+)/.exec(said ?? '')?.[1] ?? 'unknown';
  }

  /** Runs something short outside the gate, to see whether it works; false also when there is no FFmpeg. */
  async trial(args: readonly string[]): Promise<boolean> {
    const program = await this.program();
    const command = [program, '-hide_banner', '-nostdin', '-loglevel', 'quiet', ...args];
    return (await outputOf(await this.#prepared(), command, { timeoutMs: TRIAL_MS })) !== undefined;
  }

  /**
   * What `ffprobe` says of a source; outside the gate, killed when it takes long.
   * @throws SourceError `ffmpeg_missing`, or why the source cannot be read
   */
  async probe(
    args: readonly string[],
    fileDescriptor: number | undefined,
    signal: AbortSignal,
  ): Promise<string> {
    const command = [await this.program('ffprobe'), '-hide_banner', '-loglevel', 'error', ...args];
    const errors = new ErrorOutput({ secrets: [] });
    const limits = { timeoutMs: PROBE_MS, fileDescriptor, signal, errors };
    const said = await outputOf(await this.#prepared(), command, limits);
    if (said === undefined) throw explainFailure(errors.tail(), 'ffprobe');
    return said;
  }

  async #execute(launcher: Launcher, program: string, job: FfmpegJob, signal: AbortSignal): Promise<void> {
    const { clock, log, graceMs = GRACE_MS } = this.#options;
    const startedMs = clock.now();
    const child = start(launcher, program, job);
    const gone = exitOf(child);
    const errors = new ErrorOutput({ secrets: job.secrets ?? [], onLine: job.onErrorLine });
    const watch = this.#watch(child, job, errors);
    const over = new AbortController();
    let stalled = false;
    let cancelKill: (() => void) | undefined;
    const stop = () => {
      // One that reads a pipe does not hear a polite word, and has nobody to say goodbye to.
      killGroup(child, job.stdin.kind === 'pipe' ? 'SIGKILL' : 'SIGTERM');
      cancelKill ??= clock.after(graceMs, () => killGroup(child, 'SIGKILL'));
    };
    signal.addEventListener('abort', stop, { once: true, signal: over.signal });
    if (signal.aborted) stop();
    void watch.stalled(over.signal).then((hangs) => {
      if (!hangs) return;
      stalled = true;
      // A process that hangs does not hear a polite word either.
      killGroup(child, 'SIGKILL');
    });
    try {
      const exit = await gone;
      if (signal.aborted) return;
      if (stalled)
        throw new SourceError('ffmpeg_failed', 'stalled', 'FFmpeg made no progress and was stopped.');
      if (exit === 'code 0') return;
      const ms = Math.round(clock.now() - startedMs);
      log.debug({ job: job.name, exit, ms, said: errors.tail() }, 'FFmpeg failed');
      throw explainFailure(errors.tail(), exit);
    } finally {
      over.abort();
      cancelKill?.();
    }
  }

  #watch(child: ChildProcess, job: FfmpegJob, errors: ErrorOutput) {
    const { clock } = this.#options;
    let movedMs = clock.now();
    let heard = false;
    let before = '';
    const progress = new ProgressReader((told) => {
      const now = `${told.outTimeMs}/${told.bytes}/${told.frame}`;
      if (now !== before) movedMs = clock.now();
      before = now;
      if ((told.outTimeMs ?? 0) > 0 || told.frame > 0) heard = true;
      job.onProgress?.(told);
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => errors.push(text));
    const report = child.stdio[3];
    if (report !== null && report !== undefined && 'read' in report)
      report.setEncoding('utf8').on('data', (text: string) => progress.push(text));
    return {
      /** Resolves with true once it hangs, with false when the signal aborts before. */
      async stalled(signal: AbortSignal): Promise<boolean> {
        const { stall } = job;
        if (stall === null) return false;
        while (!signal.aborted) {
          await clock.sleep(CHECK_MS, signal).catch(() => undefined);
          if (signal.aborted) return false;
          if (!heard && stall.from === 'first-progress') movedMs = clock.now();
          if (clock.now() - movedMs >= stall.ms) return true;
        }
        return false;
      },
    };
  }

  #prepared(): Promise<Launcher> {
    this.#launcher ??= niceLauncher();
    return this.#launcher;
  }
}

async function niceLauncher(): Promise<Launcher> {
  const [launcher, nice] = await Promise.all([prepareLauncher(), findProgram('nice')]);
  return nice === undefined ? launcher : { ...launcher, prefix: [...launcher.prefix, nice, '-n', NICE] };
}

function start(launcher: Launcher, program: string, job: FfmpegJob): ChildProcess {
  const quiet = job.stdin.kind === 'none' ? ['-nostdin'] : [];
  const level = ['-loglevel', job.warnings === true ? 'repeat+warning' : 'repeat+error'];
  const pipes = job.stdin.kind === 'pipe';
  const child = launch(launcher, [program, ...quiet, ...level, ...COMMON, ...job.args], {
    stdio: [
      job.stdin.kind === 'none' ? 'ignore' : 'pipe',
      pipes ? 'pipe' : 'ignore',
      'pipe',
      'pipe',
      job.fileDescriptor ?? 'ignore',
    ],
    detached: true,
    env: { PATH: process.env.PATH, HOME: '/nonexistent', LC_ALL: 'C', AV_LOG_FORCE_NOCOLOR: '1' },
  });
  if (job.stdin.kind === 'script') child.stdin?.end(job.stdin.text);
  if (child.pid !== undefined)
    job.onStarted?.({
      pid: child.pid,
      stdin: pipes ? child.stdin : null,
      stdout: pipes ? child.stdout : null,
    });
  return child;
}

/** Resolves once the process is gone and what it said was read. */
function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal === null ? `code ${code}` : signal));
  });
}
