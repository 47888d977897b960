// Runs a MediaMTX of our own: starts it, reads its log, starts it again when it ends. It ends with us, however we end.
// Not its job: its paths and viewers.
import type { ChildProcess } from 'node:child_process';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { StreamPath } from '@vedette/contracts';
import {
  backoffMs,
  type Clock,
  findProgram,
  fullJitter,
  type Launcher,
  type Log,
  launch,
  prepareLauncher,
  SettingsError,
} from '@vedette/runtime';
import type { PathSettings } from './mediamtx-api.ts';
import { type MediaMtxConfigOptions, mediaMtxConfig, type PrivatePorts } from './mediamtx-config.ts';
import { programVersion } from './mediamtx-version.ts';
import { processUsage } from './process-usage.ts';

export interface MediaMtxProcessOptions {
  /** A path, or a name that is looked up in PATH. */
  readonly program: string;
  /** Where its configuration is kept, readable by us alone: it may hold passwords. */
  readonly configFile: string;
  readonly config: Omit<MediaMtxConfigOptions, 'version' | 'ports'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  /** What it should have when it starts. */
  readonly paths: () => ReadonlyMap<StreamPath, PathSettings>;
  readonly onLine: (line: string) => void;
  readonly onExit: () => void;
}

type Paths = ReadonlyMap<StreamPath, PathSettings>;

const RESTART = { baseMs: 500, capMs: 10_000 };
/** After so long a run earlier ends are forgotten. */
const STABLE_MS = 30_000;
const GOODBYE_MS = 3000;
/** It does not see a change that comes within a second of the last (internal/confwatcher). */
const BETWEEN_WRITES_MS = 1100;
const LINE = /^\S+ \S+ (WAR|ERR) (.*)$/;

export class MediaMtxProcess {
  readonly ports: PrivatePorts;
  readonly #options: MediaMtxProcessOptions;
  readonly #program: string;
  readonly #launcher: Launcher;
  readonly #configOptions: MediaMtxConfigOptions;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #cancelRestart: (() => void) | undefined;
  #ends = 0;
  #mayWriteAtMs = 0;
  #stopped = false;

  private constructor(
    options: MediaMtxProcessOptions,
    found: { program: string; launcher: Launcher; config: MediaMtxConfigOptions },
  ) {
    this.#options = options;
    this.#program = found.program;
    this.#launcher = found.launcher;
    this.#configOptions = found.config;
    this.ports = found.config.ports;
  }

  /** Does not start it yet. Throws SettingsError when there is no MediaMTX, or too old a one. */
  static async prepare(options: MediaMtxProcessOptions): Promise<MediaMtxProcess> {
    const program = await findProgram(options.program);
    if (program === undefined)
      throw new SettingsError([`mediamtxBin: there is no program ${options.program}; set MEDIAMTX_BIN`]);
    const version = await programVersion(program);
    const launcher = await prepareLauncher();
    const [api = 0, hls = 0, metrics = 0, rtsp = 0, webrtc = 0] = await freePorts(5);
    const config = { ...options.config, version, ports: { api, hls, metrics, rtsp, webrtc } };
    return new MediaMtxProcess(options, { program, launcher, config });
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(): Promise<void> {
    if (this.#stopped) return;
    const { clock, configFile, log, onExit, onLine, paths } = this.#options;
    await this.#write(paths());
    const startedAtMs = clock.now();
    // None of our environment: it holds secrets, and MTX_* would change its configuration.
    const child = launch(this.#launcher, [this.#program, configFile], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {},
      cwd: dirname(configFile),
    });
    this.#child = child;
    let lastWords = '';
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        if (LINE.test(line)) lastWords = line;
        onLine(line);
      });
    }
    this.#exited = new Promise((resolve) => {
      const ended = (reason: string) => {
        if (this.#child !== child) return;
        this.#child = undefined;
        resolve();
        if (this.#stopped) return;
        log.error({ reason, said: LINE.exec(lastWords)?.[2] }, 'MediaMTX has ended; it is started again');
        onExit();
        this.#restart(clock.now() - startedAtMs);
      };
      child.once('error', (error) => ended(error.message));
      child.once('exit', (code, signal) => ended(signal ?? `status ${code}`));
    });
  }

  /** MediaMTX reads the file again when it changes: one step for any number of paths. */
  async setPaths(paths: Paths): Promise<void> {
    const { clock } = this.#options;
    await clock.sleep(Math.max(0, this.#mayWriteAtMs - clock.now()));
    this.#mayWriteAtMs = clock.now() + BETWEEN_WRITES_MS;
    await this.#write(paths);
  }

  async #write(paths: Paths): Promise<void> {
    const { configFile } = this.#options;
    const temporary = `${configFile}.new`;
    await mkdir(dirname(configFile), { recursive: true, mode: 0o700 });
    await rm(temporary, { force: true });
    await writeFile(temporary, mediaMtxConfig(this.#configOptions, paths), { mode: 0o600 });
    await rename(temporary, configFile);
  }

  usage(): { readonly cpuSeconds: number; readonly memoryBytes: number } | undefined {
    return this.pid === undefined ? undefined : processUsage(this.pid);
  }

  /** Lets it say goodbye to its cameras; bounded in time. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelRestart?.();
    const child = this.#child;
    if (child !== undefined) {
      child.kill('SIGINT');
      const cancel = this.#options.clock.after(GOODBYE_MS, () => child.kill('SIGKILL'));
      await this.#exited;
      cancel();
    }
    await rm(this.#options.configFile, { force: true });
  }

  #restart(livedMs: number): void {
    const { clock, log, random } = this.#options;
    this.#ends = livedMs >= STABLE_MS ? 0 : this.#ends + 1;
    const bound = backoffMs(this.#ends, RESTART);
    const waitMs = this.#ends === 0 ? 0 : bound / 4 + fullJitter((bound * 3) / 4, random);
    this.#cancelRestart = clock.after(waitMs, () => {
      this.start().catch((err: unknown) => {
        log.error({ err }, 'MediaMTX could not be started');
        this.#restart(0);
      });
    });
  }
}

/** That nothing listens on now; all different. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', () => resolve());
      });
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
