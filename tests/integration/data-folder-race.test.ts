import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { bound } from '../support/bound.ts';

const HOLDER = fileURLToPath(new URL('../support/folder-holder.ts', import.meta.url));
const dataDir = join(mkdtempSync(join(tmpdir(), 'vedette-race-')), 'data');
const running = new Set<ReturnType<typeof start>>();
afterEach(() => {
  for (const { child } of running) child.kill('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

function start() {
  const child = spawn(
    ...bound(process.execPath, ['--disable-warning=ExperimentalWarning', HOLDER, dataDir]),
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const said = once(child.stdout, 'data').then(([text]) => String(text).trim());
  const holder = { child, said, go: () => child.stdin.write('\n') };
  running.add(holder);
  return holder;
}

async function say(holders: readonly ReturnType<typeof start>[]): Promise<string[]> {
  for (const holder of holders) holder.go();
  return Promise.all(holders.map(({ said }) => said));
}

describe('starts on one data folder', () => {
  it('at the same moment: one wins, and the next wins at once when that one was killed', async () => {
    let holders = Array.from({ length: 6 }, start);
    for (let round = 0; round < 2; round++) {
      const answers = await say(holders);
      expect(answers.toSorted()).toEqual([...Array(5).fill('in_use'), 'won']);
      const next = Array.from({ length: 6 }, start);
      const winner = holders[answers.indexOf('won')];
      const gone = winner && once(winner.child, 'exit');
      winner?.child.kill('SIGKILL');
      await gone;
      holders = next;
    }
    expect((await say(holders)).filter((answer) => answer === 'won')).toHaveLength(1);
  });
});
