import { describe, expect, it } from 'vitest';
import { ErrorOutput } from './error-output.ts';
import { explainFailure } from './explain-failure.ts';
import { JobGate } from './job-gate.ts';
import { type Progress, ProgressReader } from './progress-reader.ts';

const never = new AbortController().signal;

describe('the gate of FFmpeg jobs', () => {
  it('lets as many run as it may, and the rest in the order they came', async () => {
    const gate = new JobGate({ limit: 1 });
    const queued: string[] = [];
    const leave = await gate.enter(never, () => queued.push('first'));
    const second = gate.enter(never, () => queued.push('second'));
    const third = gate.enter(never, () => queued.push('third'));
    expect([gate.running, gate.queued, queued]).toEqual([1, 2, ['second', 'third']]);
    leave();
    leave();
    const leaveSecond = await second;
    expect([gate.running, gate.queued]).toEqual([1, 1]);
    leaveSecond();
    (await third)();
    expect([gate.running, gate.queued]).toEqual([0, 0]);
  });

  it('forgets who stopped waiting', async () => {
    const gate = new JobGate({ limit: 1 });
    const leave = await gate.enter(never, () => undefined);
    const gone = new AbortController();
    const waiting = gate.enter(gone.signal, () => undefined);
    gone.abort(new Error('viewer left'));
    await expect(waiting).rejects.toThrow('viewer left');
    leave();
    expect([gate.running, gate.queued]).toEqual([0, 0]);
  });

  it('says that FFmpeg is switched off when no job may run', async () => {
    await expect(new JobGate({ limit: 0 }).enter(never, () => undefined)).rejects.toMatchObject({
      code: 'ffmpeg_missing',
    });
  });
});

describe('the progress of a job', () => {
  const block =
    'frame=42\nfps=25.0\ntotal_size=1000\nout_time_us=1680000\nspeed=1.01x\nprogress=continue\nframe=43\nout_time_us=N/A\nspeed=N/A\nprogress=end\n';

  it.each([1, 7, 1000])('is read from pieces of %i characters', (size) => {
    const told: Progress[] = [];
    const reader = new ProgressReader((progress) => told.push(progress));
    for (let at = 0; at < block.length; at += size) reader.push(block.slice(at, at + size));
    expect(told).toEqual([
      { frame: 42, fps: 25, speed: 1.01, outTimeMs: 1680, bytes: 1000, ended: false },
      { frame: 43, fps: 0, speed: null, outTimeMs: null, bytes: null, ended: true },
    ]);
  });
});

describe('what FFmpeg says when it fails', () => {
  it('is kept short and shown without secrets', () => {
    const output = new ErrorOutput({ secrets: ['hunter2'] });
    for (let i = 0; i < 100; i += 1)
      output.push(`line ${i} of rtmp://user:pw@host/app key hunter2 ${'x'.repeat(1000)}\n`);
    const tail = output.tail();
    expect(tail).not.toMatch(/hunter2|pw@/);
    expect(tail).toContain('line 99');
    expect(tail.length).toBeLessThan(10_000);
  });

  it.each([
    ['/x.mp4: Invalid data found when processing input', 'ffmpeg_failed', /damaged/],
    ['http://127.0.0.1/x: Server returned 404 Not Found', 'source_not_found', /does not exist/],
    ["[concat] Protocol 'file' not on whitelist 'pipe'!", 'source_not_allowed', /may not be opened/],
    ["Unknown encoder 'h264_foo'", 'ffmpeg_failed', /lacks a part/],
    ['', 'ffmpeg_failed', /stopped with an error/],
  ] as const)('is put into plain words: %s', (tail, code, message) => {
    const error = explainFailure(tail, 'code 1');
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });
});
