import { CameraId, NodeId } from '@vedette/contracts';
import { describe, expect, it } from 'vitest';
import { ALICE, VICTOR } from '../../../../tests/support/viewing-harness.ts';
import { viewingFixture } from './viewing.fixture.ts';

const setUp = viewingFixture();

describe('cameras that change', () => {
  it('bring their new source to the node, without ending a view', async () => {
    const { bus, catalog, clock, node, start, state } = await setUp();
    const answer = await start('c1');
    node.open(answer);
    const camera = catalog.add('c1');
    const profiles = camera.profiles.map((profile) => ({
      ...profile,
      source: { ...profile.source, url: 'rtsp://elsewhere/main' },
    }));
    catalog.add('c1', { profiles, idleTtlSeconds: 3 });
    bus.publish({ type: 'camera.changed', cameraId: camera.id });
    await clock.pass(10);
    expect(node.engine.desired[0]).toMatchObject({
      source: { url: 'rtsp://elsewhere/main' },
      idleTtlMs: 3000,
    });
    expect(await state.view(answer.sessionId)).toBeDefined();
  });

  it('end their views when they are deleted', async () => {
    const { bus, catalog, clock, events, node, start } = await setUp();
    const answer = await start('c1');
    node.open(answer);
    catalog.cameras.delete(answer.cameraId);
    bus.publish({ type: 'camera.deleted', cameraId: answer.cameraId });
    await clock.pass(10);
    expect(node.paths).toEqual([]);
    expect(events).toContainEqual({
      type: 'session.ended',
      sessionId: answer.sessionId,
      cameraId: 'c1',
      reason: 'stream_dropped',
    });
  });

  it('run from then on when they become always-on, and stop by their time to live when not', async () => {
    const { bus, catalog, clock, node } = await setUp();
    const { id } = catalog.add('c1', { pull: 'always-on' });
    bus.publish({ type: 'camera.changed', cameraId: id });
    await clock.pass(10);
    expect(node.paths).toEqual(['cam_c1', 'cam_c1_sub']);
    catalog.add('c1');
    bus.publish({ type: 'camera.changed', cameraId: id });
    await clock.pass(14_900);
    expect(node.paths).toHaveLength(2);
    await clock.pass(400);
    expect(node.paths).toEqual([]);
  });

  it('leave the node as it is while they cannot be looked up', async () => {
    const { bus, catalog, clock, node, start } = await setUp();
    node.open(await start('c1'));
    catalog.failing = true;
    bus.publish({ type: 'camera.changed', cameraId: CameraId.parse('c1') });
    await clock.pass(5000);
    expect(node.paths).toEqual(['cam_c1']);
    expect(node.engine.sessions).toHaveLength(1);
  });
});

describe('what is told', () => {
  it('is the state of the camera, its reason and its viewers', async () => {
    const { clock, events, node, start, viewing } = await setUp();
    const camera = CameraId.parse('c1');
    expect(viewing.cameras.status(camera)).toMatchObject({ state: 'idle', reason: 'waiting_for_viewer' });
    node.open(await start('c1'));
    await clock.pass(5);
    expect(viewing.cameras.status(camera)).toMatchObject({ state: 'live', viewers: 1 });
    node.engine.setHealth('cam_c1', 'offline', 'camera_credentials_rejected', 'The camera said 401.');
    await clock.pass(5);
    expect(events.at(-1)).toEqual({
      type: 'camera.state',
      cameraId: 'c1',
      state: 'offline',
      reason: 'camera_credentials_rejected',
      detail: 'The camera said 401.',
      viewers: 1,
      audio: null,
      nowPlaying: null,
    });
  });

  it('is where a view runs, or else the camera, and that nothing runs', async () => {
    const { start, viewing } = await setUp();
    const camera = CameraId.parse('c1');
    await expect(viewing.streams.endpoint(ALICE, camera)).rejects.toMatchObject({ code: 'not_running' });
    const { sessionId } = await start('c1', { protocol: 'hls' });
    expect(await viewing.streams.endpoint(ALICE, camera)).toMatchObject({
      sessionId,
      protocol: 'hls',
      node: 'node-1',
      url: expect.stringMatching(/^http:\/\/node-1\.test:8081\/hls\/[^/]+\/cam_c1\/index\.m3u8$/),
    });
    expect(await viewing.streams.endpoint(VICTOR, camera)).toMatchObject({
      sessionId: null,
      url: 'http://node-1.test:8081/whep/cam_c1',
    });
  });

  it('is who watches what', async () => {
    const { node, start, viewing } = await setUp();
    const answer = await start('c1');
    node.open(answer);
    expect(await viewing.sessions.list(ALICE, { limit: 10 })).toEqual([
      expect.objectContaining({
        id: answer.sessionId,
        userName: 'Alice',
        cameraName: 'Camera c1',
        state: 'connected',
        bytesSent: 1000,
        node: NodeId.parse('node-1'),
      }),
    ]);
  });

  it('is counted: starts by outcome, views by protocol, streams by health, nodes by state', async () => {
    const { clock, metrics, node, start } = await setUp();
    node.open(await start('c1'));
    await start('c1', { protocol: 'hls' });
    await expect(start('nowhere')).rejects.toThrow();
    await clock.pass(10);
    const text = await metrics.metrics();
    for (const line of [
      'vedette_starts_total{code="ok",protocol="webrtc"} 1',
      'vedette_starts_total{code="ok",protocol="hls"} 1',
      'vedette_starts_total{code="camera_not_found",protocol="none"} 1',
      'vedette_views{protocol="webrtc",state="connected"} 1',
      'vedette_views{protocol="hls",state="granted"} 1',
      'vedette_streams{health="live",nodeId="node-1"} 1',
      'vedette_nodes{state="connected"} 1',
      'vedette_nodes{state="lost"} 0',
    ]) {
      expect(text).toContain(line);
    }
  });
});

describe('the audit of views', () => {
  it('names person, camera, way, rules and address of a view, and how long it was open', async () => {
    const { audited, clock, start, viewing } = await setUp();
    const answer = await start('c1', { by: ALICE });
    await clock.pass(5000);
    await viewing.streams.stop(ALICE, answer.cameraId, answer.sessionId, 'test');
    await clock.pass(3000);
    expect(audited).toMatchObject([
      {
        kind: 'view-started',
        actor: { id: 'alice' },
        clientAddress: '10.9.8.7',
        cameraId: 'c1',
        sessionId: answer.sessionId,
        data: { cameraName: expect.any(String), protocol: 'webrtc', node: 'node-1' },
      },
      {
        kind: 'view-ended',
        actor: { id: 'alice' },
        sessionId: answer.sessionId,
        data: { reason: 'viewer_left', seconds: 5 },
      },
    ]);
    expect(audited[0]?.data['rules']).toContainEqual(expect.objectContaining({ step: 'policy' }));
  });

  it('holds what the node sent, also of a view that control ended, and from where it was watched', async () => {
    const { audited, clock, node, start, viewing } = await setUp();
    const answer = await start('c1');
    node.open(answer);
    await clock.pass(4000);
    await viewing.sessions.renew(ALICE, answer.sessionId, 3.5);
    await viewing.streams.stop(VICTOR, answer.cameraId, answer.sessionId, 'test', 1);
    await clock.pass(1000);
    await viewing.sessions.endViewsOfUser(ALICE.id, 'revoked');
    await clock.pass(100);
    expect(audited.at(-1)).toMatchObject({
      kind: 'view-ended',
      clientAddress: '127.0.0.1',
      data: {
        connected: true,
        bytesSent: 1000,
        framesSent: 10,
        figures: 'final',
        askedFrom: '10.9.8.7',
        onScreenSeconds: 3.5,
      },
    });
    expect(audited.filter(({ kind }) => kind === 'view-ended')).toHaveLength(1);
  });

  it('names who was refused, and why', async () => {
    const { audited, clock, start } = await setUp();
    await expect(start('secret', { by: VICTOR })).rejects.toMatchObject({ code: 'camera_not_found' });
    await clock.pass(0);
    expect(audited).toMatchObject([{ kind: 'view-refused', data: { reason: 'camera_not_found' } }]);
  });
});
