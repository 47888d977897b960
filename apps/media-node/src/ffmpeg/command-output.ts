import { type Launcher, launch } from '@vedette/runtime';
import type { ErrorOutput } from './error-output.ts';

interface CommandLimits {
  readonly timeoutMs: number;
  /** Found by the command as number 4. */
  readonly fileDescriptor?: number | undefined;
  readonly signal?: AbortSignal;
  readonly errors?: ErrorOutput;
}

const LIMIT_CHARS = 262_144;

/** What a short command writes; undefined when it failed, took too long or was called off. */
export function outputOf(
  launcher: Launcher,
  command: readonly string[],
  limits: CommandLimits,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = launch(launcher, command, {
      stdio: ['ignore', 'pipe', 'pipe', 'ignore', limits.fileDescriptor ?? 'ignore'],
      timeout: limits.timeoutMs,
      killSignal: 'SIGKILL',
      ...(limits.signal === undefined ? {} : { signal: limits.signal }),
      env: { PATH: process.env.PATH, HOME: '/nonexistent', LC_ALL: 'C', AV_LOG_FORCE_NOCOLOR: '1' },
    });
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      if (text.length > LIMIT_CHARS) child.kill('SIGKILL');
    });
    child.stderr?.setEncoding('utf8').on('data', (more: string) => limits.errors?.push(more));
    child.once('error', () => resolve(undefined));
    child.once('close', (code) => resolve(code === 0 ? text : undefined));
  });
}
