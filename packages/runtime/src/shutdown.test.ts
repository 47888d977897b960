import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';

const MODULE = new URL('./shutdown.ts', import.meta.url).href;

describe('a process that was started with a channel', () => {
  let child: ChildProcess | undefined;
  afterEach(() => void child?.kill('SIGKILL'));

  const run = (before: string) => {
    const program = `import { runUntilSignal } from ${JSON.stringify(MODULE)};
      setInterval(() => undefined, 1000);
      ${before}
      await runUntilSignal(async () => console.log('closed'));`;
    const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program];
    return spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  };
  const end = async (of: ChildProcess) => {
    const [[code], said] = await Promise.all([once(of, 'exit'), of.stdout?.setEncoding('utf8').toArray()]);
    return { code, said: said?.join('') };
  };

  it('closes and ends when whoever started it leaves', async () => {
    child = run(`process.send('up');`);
    await once(child, 'message');
    child.disconnect();
    expect(await end(child)).toEqual({ code: 0, said: 'closed\n' });
  });

  it('closes and ends also when that was before it was ready', async () => {
    child = run('while (process.connected) await new Promise((resolve) => setTimeout(resolve, 5));');
    child.disconnect();
    expect(await end(child)).toEqual({ code: 0, said: 'closed\n' });
  });
});
