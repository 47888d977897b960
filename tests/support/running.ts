import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { bound } from './bound.ts';

/** A program until the signal aborts, and all that it says. */
export function running(signal: AbortSignal, program: string, args: readonly string[]) {
  const child = spawn(...bound(program, args), { stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const ended = once(child, 'close').then(() => signal.removeEventListener('abort', kill));
  return { child, output: () => output, ended };
}
