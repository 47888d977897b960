import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { WhepViewer } from '../../simulators/viewers/whep-viewer.ts';
import { bound } from '../support/bound.ts';
import { Demo } from '../support/demo.ts';
import { eventually } from '../support/eventually.ts';
import { cameraNumber, counts, newPictures, open, start, watch } from '../support/watching.ts';

const HOLDER = fileURLToPath(new URL('../support/demo-holder.ts', import.meta.url));
/** Key-frame interval of the simulated main stream. */
const KEY_FRAME_MS = 2000;

describe('what dies comes back by itself', () => {
  let demo: Demo;
  let viewer: WhepViewer;
  let cameraId: string;

  beforeAll(async () => {
    demo = await Demo.start({ cameras: 1 });
    cameraId = (await cameraNumber(demo, 1)).id;
    viewer = await watch(demo, cameraId);
  });
  afterAll(async () => {
    await viewer?.close();
    await demo?.close();
  });

  it('[V5] a camera that is switched off and on again: the same viewer has pictures within 4 s of its return', async () => {
    const downMs = 3000;
    await demo.simulator('POST', '/cameras/1/fault', { kind: 'restart', downMs });
    await eventually(
      'the camera is said to be away',
      async () => (await cameraNumber(demo, 1)).state !== 'live',
    );
    await newPictures(viewer, downMs + 2000 + KEY_FRAME_MS);
  });

  it('[V5] an RTSP connection that drops', async () => {
    const before = (await counts(demo, 1)).connectionsTotal;
    await demo.simulator('POST', '/cameras/1/fault', { kind: 'drop' });
    await eventually('a new connection', async () => (await counts(demo, 1)).connectionsTotal > before);
    await newPictures(viewer, 2000 + KEY_FRAME_MS);
  });

  it('[V5] a camera that stops sending while its connection stays open', async () => {
    await demo.simulator('POST', '/cameras/1/fault', { kind: 'freeze' });
    await eventually('it is noticed', async () => (await cameraNumber(demo, 1)).state !== 'live', {
      withinMs: 10_000,
    });
    expect((await cameraNumber(demo, 1)).reason).toMatch(
      /camera_stalled|reconnecting|connecting|waiting_for_key_frame/,
    );
    await demo.simulator('POST', '/cameras/1/fault', { kind: 'none' });
    await newPictures(viewer, 10_000 + KEY_FRAME_MS);
    expect(viewer.state).toBe('connected');
  });

  it('[V4] control killed: the picture goes on, the view reconnects with its token, and lives on after control is back', async () => {
    const answer = await start(demo, cameraId);
    const second = await open(answer);
    await eventually('pictures', () => second.counts.keyFrames > 0);
    const pid = demo.pidOf('control') ?? 0;
    process.kill(pid, 'SIGKILL');
    await newPictures(viewer, 3000);
    await second.close('silently');
    const again = await open(answer);
    await eventually('pictures without control', () => again.counts.keyFrames > 0);
    await eventually(
      'control is back',
      async () => (await fetch(`${demo.address}/readyz`).catch(() => undefined))?.ok,
      { withinMs: 30_000 },
    );
    await eventually('its views are known again', async () => {
      const { items } = await demo.api<{ items: { id: string }[] }>('GET', '/sessions');
      return items.some((session) => session.id === answer.sessionId);
    });
    const renewed = await demo.api<{ token: string }>('POST', `/sessions/${answer.sessionId}/renew`);
    expect(renewed.token).not.toBe('');
    expect((await counts(demo, 1)).profiles.main.maxPlaying).toBe(1);
    await newPictures(again, 3000);
    await again.close();
  });

  it('[V5] a node killed: it is back by itself, and a new start has pictures', async () => {
    const pid = demo.pidOf('node') ?? 0;
    process.kill(pid, 'SIGKILL');
    await eventually('a new process', () => {
      const now = demo.pidOf('node');
      return now !== undefined && now !== pid;
    });
    const again = await eventually('pictures after a new start', () => watch(demo, cameraId), {
      withinMs: 20_000,
    });
    await newPictures(again, 3000);
    await again.close();
  });
});

describe('Ctrl-C', () => {
  it('ends every process within 3 s, also while somebody watches', async () => {
    await using demo = await Demo.start({ cameras: 1 });
    const viewer = await watch(demo, (await cameraNumber(demo, 1)).id);
    const pids = demo.allPids();
    expect(pids).toHaveLength(4);
    const startedAt = performance.now();
    await demo.close();
    expect(performance.now() - startedAt).toBeLessThan(3000);
    expect(pids.filter(isAlive)).toEqual([]);
    await viewer.close('silently');
  });

  it('kill -9 of the command leaves no process behind', async () => {
    await using demo = await Demo.start({ cameras: 1 });
    const pids = demo.allPids();
    process.kill(demo.pid, 'SIGKILL');
    await eventually('all of them ended', () => !pids.some(isAlive), { withinMs: 5000 });
  });

  it('kill -9 of whoever started the command with a channel leaves none either', async () => {
    const holder = spawn(...bound(process.execPath, ['--disable-warning=ExperimentalWarning', HOLDER]), {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pids = z
      .array(z.int())
      .length(4)
      .parse(JSON.parse(String(await once(holder.stdout, 'data'))));
    expect(pids.every(isAlive)).toBe(true);
    holder.kill('SIGKILL');
    await eventually('all of them ended', () => !pids.some(isAlive), { withinMs: 5000 });
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
