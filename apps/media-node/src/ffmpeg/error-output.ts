import { maskSecrets } from '@vedette/runtime';

const LIMIT_LINES = 20;
const LIMIT_CHARS = 400;

export interface ErrorOutputOptions {
  /** Must never be seen by anybody. */
  readonly secrets: readonly string[];
  /** Each line as FFmpeg wrote it: may hold a secret, not to be kept. */
  readonly onLine?: ((line: string) => void) | undefined;
}

/** Keeps the end of what a process says on its error output, with secrets masked. */
export class ErrorOutput {
  readonly #options: ErrorOutputOptions;
  #rest = '';
  #lines: readonly string[] = [];

  constructor(options: ErrorOutputOptions) {
    this.#options = options;
  }

  push(text: string): void {
    const lines = (this.#rest + text).split(/[\r\n]+/);
    this.#rest = (lines.pop() ?? '').slice(0, LIMIT_CHARS * 4);
    for (const line of lines) this.#add(line);
  }

  /** The last lines, oldest first. */
  tail(): string {
    const rest = this.#rest === '' ? [] : [this.#masked(this.#rest)];
    return [...this.#lines, ...rest].join('\n');
  }

  #add(line: string): void {
    if (line.trim() === '') return;
    this.#options.onLine?.(line);
    this.#lines = [...this.#lines, this.#masked(line)].slice(-LIMIT_LINES);
  }

  #masked(line: string): string {
    let text = line;
    for (const secret of this.#options.secrets) {
      if (secret === '') continue;
      text = text.replaceAll(secret, '***').replaceAll(encodeURIComponent(secret), '***');
    }
    return maskSecrets(text).slice(0, LIMIT_CHARS);
  }
}
