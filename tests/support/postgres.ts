// A real PostgreSQL of its own on a free port of 127.0.0.1, in a temporary folder that goes with it.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { bound } from './bound.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-ports.ts';

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
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #port: number;

  private constructor(child: ChildProcess, folder: string, port: number) {
    this.#child = child;
    this.#folder = folder;
    this.#port = port;
  }

  static async start(programs: string): Promise<Postgres> {
    const folder = mkdtempSync(join(tmpdir(), 'vedette-postgres-'));
    // PostgreSQL refuses to run as root.
    const owner = process.getuid?.() === 0 ? userNamed('postgres') : {};
    if (owner.uid !== undefined && owner.gid !== undefined) chownSync(folder, owner.uid, owner.gid);
    const data = join(folder, 'data');
    const made = spawnSync(`${programs}/initdb`, ['-D', data, '-U', 'vedette', '-A', 'trust', '--no-sync'], {
      ...owner,
      cwd: folder,
      encoding: 'utf8',
    });
    if (made.status !== 0) throw new Error(`initdb failed:\n${made.stderr}`);
    const port = await freePort();
    const child = spawn(
      ...bound(`${programs}/postgres`, [
        '-D',
        data,
        '-p',
        String(port),
        '-h',
        '127.0.0.1',
        '-k',
        folder,
        '-c',
        'fsync=off',
      ]),
      { ...owner, cwd: folder, stdio: 'ignore' },
    );
    const server = new Postgres(child, folder, port);
    await eventually('PostgreSQL answers', () => server.#ask('select 1').then(() => true));
    return server;
  }

  /** Makes an empty database and answers its URL. */
  async create(name: string): Promise<string> {
    await this.#ask(`create database ${name}`);
    return `postgres://vedette@127.0.0.1:${this.#port}/${name}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGQUIT');
    await gone;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #ask(sql: string): Promise<void> {
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
