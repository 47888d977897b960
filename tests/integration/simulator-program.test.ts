// The simulator's control API, and the simulator as a program of its own.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { RawRtspClient } from '../../simulators/testing/raw-rtsp-client.ts';
import { cameraOf, PASSWORD, startTestSimulator } from '../../simulators/testing/simulator-kit.ts';
import { bound } from '../support/bound.ts';
import { eventually } from '../support/eventually.ts';

const MAIN = fileURLToPath(new URL('../../simulators/main.ts', import.meta.url));

describe('the control API', () => {
  it('lists cameras, tells counts and time lines, and hides the password unless told otherwise', async () => {
    await using simulator = await startTestSimulator({ cameras: 2 });
    const get = async (path: string) => (await fetch(simulator.controlUrl + path)).json();
    const { items } = (await get('/cameras')) as { items: object[] };
    expect(items).toHaveLength(2);
    expect(items[0]).toMatchObject({
      index: 1,
      name: 'GATE',
      rtsp: { main: cameraOf(simulator).rtspUrl('main') },
      counts: { connectionsTotal: 0 },
    });
    expect(JSON.stringify(items)).not.toContain(PASSWORD);
    expect(await get('/cameras/1/timeline')).toMatchObject({
      main: { fps: 15, frames: 240, recent: [] },
      sub: { fps: 8, frames: 128 },
    });
    await using open = await startTestSimulator({ exposeCredentials: true });
    expect(await (await fetch(`${open.controlUrl}/cameras/1`)).json()).toMatchObject({
      username: 'vedette',
      password: PASSWORD,
    });
  });

  it('passes faults on and names what is wrong with others', async () => {
    await using simulator = await startTestSimulator();
    const post = (body: unknown, path = '/cameras/1/fault') =>
      fetch(simulator.controlUrl + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await post({ kind: 'freeze' })).status).toBe(200);
    expect(cameraOf(simulator).currentFault).toBe('freeze');
    for (const body of [
      { kind: 'explode' },
      { kind: 'slow' },
      { kind: 'slow', delayMs: -1 },
      { kind: 'none', extra: 1 },
      7,
      null,
    ]) {
      const refused = await post(body);
      expect([refused.status, await refused.json()]).toEqual([
        400,
        expect.objectContaining({ code: 'invalid_request' }),
      ]);
    }
    expect((await post({ kind: 'none' }, '/cameras/2/fault')).status).toBe(404);
    expect((await post({ kind: 'none' }, '/cameras/x/fault')).status).toBe(404);
  });
});

describe('the program', () => {
  const launch = (flags: string[], stdio: 'ignore' | 'pipe', ipc = false) => {
    const child = spawn(...bound(process.execPath, [MAIN, '--port', '0', '--no-discovery', ...flags]), {
      stdio: [stdio, 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
    });
    let output = '';
    child.stdout?.on('data', (text) => {
      output += text;
    });
    const exit = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    const ready = () =>
      eventually(
        'it says that it is ready',
        () => output.includes('\n') && JSON.parse(output.split('\n')[0] ?? ''),
      );
    return { child, ready, exit, output: () => output };
  };

  it.each(['SIGINT', 'SIGTERM', 'end of standard input', 'end of the IPC channel'] as const)(
    'says that it is ready in one line and ends within a second on %s',
    async (way) => {
      const { child, ready, exit, output } = launch(
        ['--cameras', '3'],
        way.includes('input') ? 'pipe' : 'ignore',
        way.includes('IPC'),
      );
      try {
        const line = await ready();
        expect(line).toMatchObject({ ready: true, username: 'vedette', password: expect.any(String) });
        expect(line.cameras).toHaveLength(3);
        const client = await RawRtspClient.connect(line.cameras[2].rtsp.sub, line);
        await client.play();
        const at = performance.now();
        if (way === 'SIGINT' || way === 'SIGTERM') child.kill(way);
        else if (way === 'end of standard input') child.stdin?.end();
        else child.disconnect();
        expect(await exit).toBe(0);
        expect(performance.now() - at).toBeLessThan(1000);
        expect(output().trim().split('\n')).toHaveLength(1);
        client.close();
      } finally {
        child.kill('SIGKILL');
      }
    },
  );

  it('does not start with wrong flags, and says which', async () => {
    const { child, exit } = launch(['--cameras', '0', '--bind', 'here'], 'ignore');
    let errors = '';
    child.stderr?.on('data', (text) => {
      errors += text;
    });
    expect(await exit).toBe(1);
    expect(errors).toMatch(/cameras:[\s\S]*bind:/);
  });

  it('plays another clip for every main stream', async () => {
    const clip = fileURLToPath(new URL('../../fixtures/clips/roof-sub.h264', import.meta.url));
    const { child, ready, exit } = launch(
      ['--cameras', '1', '--clip', clip, '--fps', '25', '--password', PASSWORD],
      'ignore',
    );
    try {
      const line = await ready();
      expect(line.password).toBeUndefined();
      const timeline = await (await fetch(`${line.controlUrl}/cameras/1/timeline`)).json();
      expect(timeline).toMatchObject({ main: { fps: 25, frames: 128 } });
    } finally {
      child.kill('SIGTERM');
      await exit;
    }
  });
});
