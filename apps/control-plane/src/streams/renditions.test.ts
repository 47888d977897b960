import type { StreamPath } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { ADMIN } from '../../../../tests/support/viewing-harness.ts';
import type { StreamableCamera } from './camera-catalog.ts';
import { viewingFixture } from './viewing.fixture.ts';

const setUp = viewingFixture();

const profiles: StreamableCamera['profiles'] = [
  {
    name: 'main',
    codec: 'h265',
    width: 1920,
    height: 1080,
    frameRate: 25,
    source: { kind: 'rtsp', url: 'rtsp://10.0.0.1/main', transport: 'tcp' },
  },
  {
    name: 'sub',
    codec: 'h264',
    width: 640,
    height: 360,
    frameRate: 12,
    source: {
      kind: 'rendition',
      of: 'cam_c1' as StreamPath,
      spec: { height: 360, frameRate: 12, bitsPerSecond: 500_000 },
    },
  },
];

describe('a stream that we make of another', () => {
  it('runs beside it, which is pulled as long and no longer', async () => {
    const { catalog, clock, node, start, viewing } = await setUp();
    catalog.add('c1', { profiles, idleTtlSeconds: 0 });
    const answer = await start('c1', { request: { profile: 'sub' } });
    node.open(answer);
    expect([...node.paths].sort()).toEqual(['cam_c1', 'cam_c1_sub']);
    await clock.pass(60_000);
    expect(node.paths).toHaveLength(2);
    await viewing.sessions.end(ADMIN, answer.sessionId, 'test');
    await clock.pass(3000);
    expect(node.paths).toEqual([]);
  });

  it('is not made for nobody where the camera is always on', async () => {
    const { bus, catalog, clock, node, start, viewing } = await setUp();
    const { id } = catalog.add('c1', { profiles, pull: 'always-on', idleTtlSeconds: 1 });
    bus.publish({ type: 'camera.changed', cameraId: id });
    await clock.pass(10);
    expect(node.paths).toEqual(['cam_c1']);
    const answer = await start('c1', { request: { profile: 'sub' } });
    node.open(answer);
    bus.publish({ type: 'camera.changed', cameraId: id });
    await viewing.sessions.end(ADMIN, answer.sessionId, 'test');
    await clock.pass(5000);
    expect(node.paths).toEqual(['cam_c1']);
  });
});

describe('a camera that was found to send B-frames', () => {
  const [main] = profiles;
  const lite = {
    name: 'lite',
    codec: 'h264',
    width: 1280,
    height: 720,
    frameRate: 25,
    source: {
      kind: 'rendition',
      of: 'cam_c1' as StreamPath,
      spec: { height: 720, frameRate: 25, bitsPerSecond: 2_000_000 },
    },
  } as const;

  it.each([
    ['HLS', [], ['main', 'hls', 0]],
    ['WebRTC of what we make of it, where there is that', [lite], ['lite', 'webrtc', 1]],
  ])('is offered by %s from the next start on, as long as it does', async (_, made, expected) => {
    const { catalog, clock, node, start } = await setUp();
    if (main === undefined) throw new Error('no main');
    catalog.add('c1', { profiles: [main, ...made] });
    const first = await start('c1');
    expect([first.profile, first.protocol]).toEqual(['main', 'webrtc']);
    node.engine.setBFrames('cam_c1', true);
    await clock.pass(10);
    const second = await start('c1');
    expect([second.profile, second.protocol, second.fallbacks.length]).toEqual(expected);
    expect(second.decision.map(({ rule }) => rule)).toContain('b-frames');
    node.engine.setBFrames('cam_c1', false);
    await clock.pass(10);
    expect((await start('c1')).protocol).toBe('webrtc');
  });
});
