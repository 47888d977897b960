import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { AuditRecord } from '@vedette/contracts';

const SUFFIX = '.jsonl';

/**
 * Records on their way to the database, one file a writer: written before anything else happens to them, so that
 * neither a database that is away nor the end of this process loses one.
 */
export class AuditSpool implements Disposable {
  readonly #folder: string;
  readonly #file: string;
  readonly #descriptor: number;

  constructor(options: { readonly folder: string; readonly writer: string }) {
    this.#folder = options.folder;
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    this.#file = join(options.folder, options.writer + SUFFIX);
    this.#descriptor = openSync(this.#file, 'a', 0o600);
  }

  /** In the hands of the system when it returns. Throws when the disk takes no more. */
  append(record: AuditRecord): void {
    writeSync(this.#descriptor, `${JSON.stringify(record)}\n`);
  }

  /** On the disk when it returns. */
  sync(): void {
    fsyncSync(this.#descriptor);
  }

  /** Everything that was appended is in the database. */
  clear(): void {
    truncateSync(this.#file);
  }

  /** What writers before this one left behind; a last line that was cut off is no record. */
  leftBehind(): {
    readonly writer: string;
    readonly file: string;
    readonly records: readonly AuditRecord[];
  }[] {
    return readdirSync(this.#folder)
      .filter((name) => name.endsWith(SUFFIX))
      .map((name) => ({ writer: basename(name, SUFFIX), file: join(this.#folder, name) }))
      .filter(({ file }) => file !== this.#file)
      .map((left) => ({
        ...left,
        records: readFileSync(left.file, 'utf8').split('\n').flatMap(recordOf),
      }));
  }

  remove(file: string): void {
    rmSync(file, { force: true });
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }
}

function recordOf(line: string): AuditRecord[] {
  if (line === '') return [];
  try {
    const parsed = AuditRecord.safeParse(JSON.parse(line));
    return parsed.success ? [parsed.data] : [];
  } catch {
    return [];
  }
}
