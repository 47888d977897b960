import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, silentLog, systemClock } from '@vedette/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FfmpegJob } from '../../apps/media-node/src/ffmpeg/ffmpeg-job.ts';
import { FfmpegJobs } from '../../apps/media-node/src/ffmpeg/ffmpeg-jobs.ts';
import type { Progress } from '../../apps/media-node/src/ffmpeg/progress-reader.ts';
import { eventually } from '../support/eventually.ts';

const ENDLESS = ['-re', '-f', 'lavfi', '-i', 'testsrc=s=160x120:r=10', '-c:v', 'libx264', '-f', 'null', '-'];

/** Zombies count as gone: whoever inherited them has not looked yet. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('FFmpeg jobs', () => {
  let stop = new AbortController();
  let runs: Promise<unknown>[] = [];

  afterEach(async () => {
    stop.abort();
    await Promise.allSettled(runs);
    stop = new AbortController();
    runs = [];
  });

  const jobs = (limit = 4, ffmpegPath = 'ffmpeg') =>
    new FfmpegJobs({ ffmpegPath, limit, clock: systemClock, log: silentLog() });

  function start(on: FfmpegJobs, more: Partial<FfmpegJob> = {}) {
    const seen = { pid: 0, queued: false, progress: [] as Progress[] };
    const ended = on.run(
      {
        name: 'test',
        args: ENDLESS,
        stdin: { kind: 'none' },
        stall: { ms: 10_000, from: 'start' },
        onQueued: () => {
          seen.queued = true;
        },
        onStarted: ({ pid }) => {
          seen.pid = pid;
        },
        onProgress: (progress) => seen.progress.push(progress),
        ...more,
      },
      stop.signal,
    );
    runs.push(ended);
    return { seen, ended };
  }

  it('tell their progress, are nice and in a group of their own, and are gone when stopped', async () => {
    const { seen, ended } = start(jobs());
    await eventually('frames are made', () => (seen.progress.at(-1)?.frame ?? 0) > 3);
    const stat = readFileSync(`/proc/${seen.pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    expect(Number(stat[2])).toBe(seen.pid);
    expect(Number(stat[16])).toBe(5);
    stop.abort();
    await ended;
    expect(isAlive(seen.pid)).toBe(false);
  });

  it('that hang are killed and told as failed', async () => {
    const { seen, ended } = start(jobs(), { stall: { ms: 600, from: 'first-progress' } });
    await eventually('a frame is made', () => (seen.progress.at(-1)?.frame ?? 0) > 1);
    process.kill(seen.pid, 'SIGSTOP');
    await expect(ended).rejects.toMatchObject({ code: 'ffmpeg_failed', step: 'stalled' });
    expect(isAlive(seen.pid)).toBe(false);
  });

  it('that ignore SIGTERM are killed', async () => {
    const { seen, ended } = start(jobs());
    await eventually('it works', () => seen.progress.length > 0);
    process.kill(seen.pid, 'SIGSTOP');
    stop.abort();
    await ended;
    expect(isAlive(seen.pid)).toBe(false);
  });

  it('beyond the limit wait in line, whose length is told', async () => {
    const limited = jobs(1);
    const first = start(limited);
    await eventually('it runs', () => first.seen.pid > 0);
    const second = start(limited, { args: [...ENDLESS.slice(1, 5), '-frames:v', '1', '-f', 'null', '-'] });
    await eventually('the second waits', () => second.seen.queued);
    expect(limited.load()).toEqual({ running: 1, queued: 1 });
    process.kill(first.seen.pid, 'SIGKILL');
    await expect(first.ended).rejects.toMatchObject({ code: 'ffmpeg_failed' });
    await second.ended;
    expect(limited.load()).toEqual({ running: 0, queued: 0 });
  });

  it('say what is wrong in plain words, without the secret that FFmpeg repeats', async () => {
    const url = 'http://127.0.0.1:9/hunter2.mp4';
    const { ended } = start(jobs(), { args: ['-i', url, '-f', 'null', '-'], secrets: ['hunter2'] });
    const error: unknown = await ended.catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'ffmpeg_failed',
      message: expect.stringContaining('could not be reached'),
    });
    expect(String((error as Error).cause)).not.toContain('hunter2');
  });

  it('are refused with a reason when there is no FFmpeg', async () => {
    await expect(start(jobs(1, '/nowhere/ffmpeg')).ended).rejects.toMatchObject({ code: 'ffmpeg_missing' });
  });

  describe('do not outlive a node that is killed with -9', () => {
    let folder = '';
    let pid = 0;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'vedette-jobs-'));
    });
    afterEach(async () => {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
      await rm(folder, { recursive: true, force: true });
    });

    /** The kill comes as soon as the process exists: which program of its launch it is by then, is luck. */
    async function killNode(path: string): Promise<void> {
      const node = spawn(process.execPath, ['tests/support/ffmpeg-job-program.ts'], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, PATH: path },
      });
      const [line] = await once(node.stdout, 'data');
      pid = Number(String(line));
      expect(isAlive(pid)).toBe(true);
      node.kill('SIGKILL');
      await once(node, 'exit');
    }

    it('whenever that is', async () => {
      await killNode(process.env['PATH'] ?? '');
      await eventually('nothing is left', () => !isAlive(pid));
    });

    it('even before the kernel was asked to see to it', async () => {
      const go = join(folder, 'go');
      const wait = `case "$*" in *anullsrc*) while ! test -e ${go}; do sleep 0.02; done;; esac`;
      const slow = join(folder, 'setpriv');
      await writeFile(slow, `#!/bin/sh\n${wait}\nexec /usr/bin/setpriv "$@"\n`, { mode: 0o755 });
      await killNode(`${folder}:${process.env['PATH']}`);
      await writeFile(go, '');
      await eventually('nothing is left', () => !isAlive(pid));
    });

    it('where nobody can ask the kernel', async () => {
      for (const name of ['ffmpeg', 'nice']) {
        const program = await findProgram(name);
        if (program !== undefined) await symlink(program, join(folder, name));
      }
      await killNode(folder);
      await eventually('nothing is left', () => !isAlive(pid));
    });
  });
});
