import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WhepViewer } from '../../simulators/viewers/whep-viewer.ts';
import { Demo } from '../support/demo.ts';
import { eventually } from '../support/eventually.ts';
import { cameraNumber, counts, open, start } from '../support/watching.ts';

describe('a device that bears few connections', () => {
  let demo: Demo;
  beforeAll(async () => {
    demo = await Demo.start({ cameras: 2 });
  });
  afterAll(() => demo?.close());

  it('[V18] of one is pulled once, whoever asks for which of its streams, and its stream changes hands cleanly', async () => {
    const camera = await cameraNumber(demo, 1);
    await eventually('nobody is connected', async () => (await counts(demo, 1)).connectionsOpen === 0);
    await demo.api('PATCH', `/cameras/${camera.id}`, { maxConnections: 1, idleTtlSeconds: 60 });
    const before = (await counts(demo, 1)).connectionsTotal;
    const grid = { tile: { width: 320, height: 180, tiles: 16 } };
    const small = await start(demo, camera.id, grid);
    expect(small.profile).toBe('sub');
    const viewer: WhepViewer = await open(small);
    await eventually('a picture', () => viewer.counts.keyFrames > 0);
    // One picture on a wall of its own would get main: sub is what the device is pulled for.
    const shared = await start(demo, camera.id, { tile: { width: 1280, height: 720, tiles: 1 } });
    expect(shared.profile).toBe('sub');
    expect(shared.decision).toContainEqual(expect.objectContaining({ rule: 'device-full' }));
    await viewer.close();
    for (const { sessionId } of [small, shared])
      await demo.api('POST', `/streams/${camera.id}/stop`, { sessionId });
    // Nobody watches sub any more, though its time to live has not run out: main takes the connection over.
    const large = await start(demo, camera.id, { tile: { width: 1280, height: 720, tiles: 1 } });
    expect(large.profile).toBe('main');
    const second = await open(large);
    await eventually('a picture', () => second.counts.keyFrames > 0);
    await second.close();
    const seen = await counts(demo, 1);
    expect(seen.connectionsMost).toBe(1);
    expect(seen.connectionsTotal - before).toBe(2);
  }, 60_000);
});
