import { createWriteStream, mkdirSync, renameSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';

const MAX_BYTES = 50 * 1024 * 1024;
const MAX_HELD_CHARS = 256 * 1024;

/**
 * A child's output on its way to a file. Held back until `open`, because the data folder may turn out
 * to belong to someone else; then written, the run before kept as `.1`, never more than twice 50 MB.
 */
export class LogFile {
  readonly #name: string;
  #held = '';
  #folder: string | undefined;
  #stream: WriteStream | undefined;
  #bytes = 0;

  constructor(name: string) {
    this.#name = name;
  }

  readonly write = (text: string): void => {
    if (this.#stream === undefined) {
      this.#held = (this.#held + text).slice(-MAX_HELD_CHARS);
      return;
    }
    if (this.#bytes > MAX_BYTES) this.#rotate();
    this.#bytes += text.length;
    this.#stream.write(text);
  };

  /** What came before `open`; what explains a start that failed. */
  get held(): string {
    return this.#held;
  }

  open(dataDir: string): void {
    if (this.#stream !== undefined) return;
    this.#folder = join(dataDir, 'logs');
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#rotate();
    this.write(this.#held);
    this.#held = '';
  }

  #rotate(): void {
    if (this.#folder === undefined) return;
    const path = join(this.#folder, `${this.#name}.log`);
    this.#stream?.end();
    try {
      renameSync(path, `${path}.1`);
    } catch {
      // there was none
    }
    this.#stream = createWriteStream(path, { mode: 0o600 });
    this.#bytes = 0;
  }
}
