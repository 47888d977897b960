// A real PostgreSQL of its own on a free port of 127.0.0.1, in a temporary folder that goes with it.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { bound } from './bound.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-ports.ts';

/** Servers mostly order text as people do, not by bytes as the embedded one. */
const AS_INSTALLED = ['--encoding=UTF8', '--locale-provider=icu', '--icu-locale=en-US'];
const INSTALLED = '/usr/lib/postgresql';

/** The newest one that Debian's packages have installed. */
export function postgresPrograms(): string | undefined {
  if (!existsSync(INSTALLED)) return undefined;
  const newestFirst = readdirSync(INSTALLED).sort((a, b) => Number(b) - Number(a));
  return newestFirst
    .map((version) => `${INSTALLED}/${version}/bin`)
    .find((folder) => existsSync(`${folder}/postgres`));
}

export class Postgres implements AsyncDisposable {
  readonly #programs: string;
  readonly #owner: { readonly uid?: number; readonly gid?: number };
  readonly #folder: string;
  readonly #port: number;
  #child: ChildProcess | undefined;

  private constructor(programs: string, owner: { uid?: number; gid?: number }, folder: string, port: number) {
    this.#programs = programs;
    this.#owner = owner;
    this.#folder = folder;
    this.#port = port;
  }

  static async start(programs: string): Promise<Postgres> {
    const folder = mkdtempSync(join(tmpdir(), 'vedette-postgres-'));
    // PostgreSQL refuses to run as root.
    const owner = process.getuid?.() === 0 ? userNamed('postgres') : {};
    if (owner.uid !== undefined && owner.gid !== undefined) chownSync(folder, owner.uid, owner.gid);
    const made = spawnSync(
      `${programs}/initdb`,
      ['-D', join(folder, 'data'), '-U', 'vedette', '-A', 'trust', '--no-sync', ...AS_INSTALLED],
      { ...owner, cwd: folder, encoding: 'utf8' },
    );
    if (made.status !== 0) throw new Error(`initdb failed:\n${made.stderr}`);
    const server = new Postgres(programs, owner, folder, await freePort());
    await server.restart();
    return server;
  }

  /** Starts it again, with all that it held, and waits until it answers. */
  async restart(): Promise<void> {
    const flags = ['-D', this.#data, '-p', String(this.#port), '-h', '127.0.0.1', '-k', this.#folder];
    this.#child = spawn(...bound(`${this.#programs}/postgres`, [...flags, '-c', 'fsync=off']), {
      ...this.#owner,
      cwd: this.#folder,
      stdio: 'ignore',
    });
    await eventually('PostgreSQL answers', () => this.ask('select 1').then(() => true), {
      withinMs: 20_000,
    });
  }

  /** As `pg_ctl stop -m immediate` does: no goodbye, and the next start recovers. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGQUIT');
    await gone;
  }

  /** It takes connections and says nothing, until it is thawed. */
  freeze(): void {
    this.#signal('SIGSTOP');
  }

  thaw(): void {
    this.#signal('SIGCONT');
  }

  /** Makes an empty database and answers its URL. */
  async create(name: string): Promise<string> {
    await this.ask(`create database ${name}`);
    return `postgres://vedette@127.0.0.1:${this.#port}/${name}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.thaw();
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #data(): string {
    return join(this.#folder, 'data');
  }

  #signal(signal: NodeJS.Signals): void {
    for (const pid of this.#processes()) {
      try {
        process.kill(pid, signal);
      } catch (error) {
        // The process of a connection that was closed a moment ago.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  }

  /** The server first, so that it begins no more; one process a connection. */
  #processes(): number[] {
    const server = this.#child?.pid;
    if (server === undefined) return [];
    const children = readFileSync(`/proc/${server}/task/${server}/children`, 'utf8');
    return [server, ...children.split(' ').filter(Boolean).map(Number)];
  }

  /** As the owner of everything, on a connection of its own. */
  async ask(sql: string): Promise<void> {
    const client = new pg.Client({
      host: '127.0.0.1',
      port: this.#port,
      user: 'vedette',
      database: 'postgres',
    });
    try {
      await client.connect();
      await client.query(sql);
    } finally {
      await client.end();
    }
  }
}

/** For `spawn`, from the root of the system. */
export function userNamed(name: string): { uid?: number; gid?: number } {
  const number = (flag: string) => Number(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout.trim());
  return { uid: number('-u'), gid: number('-g') };
}
