import { CameraId, SessionId, SiteId, StartAnswer } from '@vedette/contracts';
import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../tests/support/held-clock.ts';
import { PaperNode } from '../../../../tests/support/paper-node.ts';
import {
  ADMIN,
  ALICE,
  createViewingHarness,
  PaperCatalog,
  ROBOT,
  VICTOR,
} from '../../../../tests/support/viewing-harness.ts';
import { viewingFixture } from './viewing.fixture.ts';

const setUp = viewingFixture();

describe('starting a view', () => {
  it('answers by contract, once the node has the stream', async () => {
    const { clock, node, start } = await setUp();
    const answer = StartAnswer.parse(await start('c1'));
    expect(node.paths).toEqual(['cam_c1']);
    expect(answer).toMatchObject({
      protocol: 'webrtc',
      profile: 'main',
      node: 'node-1',
      url: 'http://node-1.test:8081/whep/cam_c1',
      iceServers: [{ urls: ['stun:stun.test:3478'] }],
      fallbacks: [
        {
          protocol: 'hls',
          profile: 'main',
          url: `http://node-1.test:8081/hls/${answer.token}/cam_c1/index.m3u8`,
          token: answer.token,
        },
      ],
    });
    expect(answer.decision.map(({ step, rule }) => `${step} ${rule}`)).toEqual([
      'access grant-all',
      'policy large',
      'policy lowest-delay',
      'admission room',
      'placement rendezvous',
    ]);
    expect(decodeJwt(answer.token)).toMatchObject({
      sub: 'alice',
      sid: answer.sessionId,
      cam: 'c1',
      paths: { main: 'cam_c1' },
      protocols: ['webrtc', 'hls'],
    });
    const lifeMs = Date.parse(answer.expiresAt) - clock.wallNow();
    expect(lifeMs).toBeGreaterThan(298_000);
    expect(lifeMs).toBeLessThanOrEqual(300_000);
  });

  it("tells of the ICE servers of the node's site", async () => {
    const { catalog, clock, start, viewing } = await setUp();
    new PaperNode({ gateway: viewing.gateway, clock, nodeId: 'node-depot', labels: { site: 'depot' } });
    await clock.pass(10);
    catalog.add('far', { siteId: SiteId.parse('depot') });
    expect((await start('far')).iceServers).toEqual([{ urls: ['stun:depot.test:3478'] }]);
    expect((await start('c1')).iceServers).toEqual([{ urls: ['stun:stun.test:3478'] }]);
  });

  it('tells the node at which site a camera is, as far as it is known', async () => {
    const { catalog, node, start } = await setUp();
    catalog.add('c2', { siteId: SiteId.parse('harbour') });
    await start('c1');
    await start('c2');
    const told = node.received.filter((message) => message.type === 'desired').at(-1)?.streams ?? [];
    expect(told.map(({ path, site }) => [path, site])).toEqual([
      ['cam_c1', undefined],
      ['cam_c2', 'harbour'],
    ]);
  });

  it('pulls once for fifty first starts at the same moment', async () => {
    const { node, start, state } = await setUp();
    const answers = await Promise.all(Array.from({ length: 50 }, () => start('c1')));
    expect(new Set(answers.map(({ sessionId }) => sessionId)).size).toBe(50);
    expect(node.engine.pulls).toEqual(new Map([['cam_c1', 1]]));
    expect(new Set((await state.streams()).map(({ fence }) => fence)).size).toBe(1);
  });

  it('tells the node once for fifty cameras at the same moment', async () => {
    const { catalog, node, start } = await setUp();
    for (let i = 0; i < 50; i++) catalog.add(`wall${i}`);
    const before = node.received.length;
    await Promise.all(Array.from({ length: 50 }, (_, i) => start(`wall${i}`)));
    expect(node.paths).toHaveLength(50);
    const desired = node.received.slice(before).filter(({ type }) => type === 'desired');
    expect(desired).toHaveLength(1);
  });

  it('repeats the same view for the same idempotency key, and another for another user', async () => {
    const { start, state } = await setUp();
    const [first, second] = await Promise.all([
      start('c1', { idempotencyKey: 'k' }),
      start('c1', { idempotencyKey: 'k' }),
    ]);
    const foreign = await start('c1', { idempotencyKey: 'k', by: VICTOR });
    expect(second?.sessionId).toBe(first?.sessionId);
    expect(foreign.sessionId).not.toBe(first?.sessionId);
    expect(await state.views({})).toHaveLength(2);
  });

  it.each([
    ['that does not exist', 'nowhere'],
    ['that may not be seen', 'secret'],
  ])('of a camera %s is refused in the same words', async (_, cameraId) => {
    const { catalog, start } = await setUp();
    catalog.add('secret');
    await expect(start(cameraId)).rejects.toMatchObject({
      code: 'camera_not_found',
      message: 'There is no such camera, or you may not see it.',
    });
  });

  it('of a camera without a source is refused as not configured', async () => {
    const { catalog, start } = await setUp();
    catalog.add('blank', { profiles: [] });
    await expect(start('blank')).rejects.toMatchObject({ code: 'camera_not_configured' });
  });

  it('without any node is refused at once, and leaves nothing behind', async () => {
    const clock = new HeldClock();
    const harness = await createViewingHarness({ clock });
    harness.catalog.add('c1');
    await expect(harness.start('c1')).rejects.toMatchObject({ code: 'no_node', retryAfterSeconds: 2 });
    expect(await harness.state.views({})).toEqual([]);
    expect(await harness.state.streams()).toEqual([]);
    harness.viewing.close();
  });

  it('is given up after a second when the node does not take it, and the camera is let go', async () => {
    const { clock, harness, node } = await setUp().then((all) => ({ ...all, harness: all }));
    node.silent = true;
    const refused = expect(harness.start('c1')).rejects.toMatchObject({ code: 'start_timeout' });
    await clock.pass(1001);
    await refused;
    expect(await harness.state.views({})).toEqual([]);
    await clock.pass(15_300);
    expect(await harness.state.streams()).toEqual([]);
  });

  it('waits for a node that is about to come back', async () => {
    const { clock, node, start, viewing } = await setUp();
    node.breakOff();
    const started = start('c1');
    await clock.pass(300);
    const back = new PaperNode({ gateway: viewing.gateway, clock, engine: node.engine });
    await clock.pass(10);
    expect((await started).node).toBe(back.id);
  });

  it('in a grid pulls the sub stream, in focus the main one', async () => {
    const { node, start } = await setUp();
    await start('c1', { request: { tile: { width: 320, height: 180, tiles: 9 } } });
    expect(node.paths).toEqual(['cam_c1_sub']);
    await start('c1', { request: { profile: 'main' } });
    expect(node.paths).toEqual(['cam_c1', 'cam_c1_sub']);
  });
});

describe('the time to live', () => {
  it('counts from the last viewer that left, and then the node drops the stream', async () => {
    const { clock, node, start } = await setUp();
    const [one, two] = await Promise.all([start('c1'), start('c1')]);
    if (one === undefined || two === undefined) throw new Error('not started');
    node.open(one);
    node.open(two);
    await clock.pass(60_000);
    node.engine.close(one.sessionId, 'viewer_left');
    await clock.pass(30_000);
    expect(node.paths).toEqual(['cam_c1']);
    node.engine.close(two.sessionId, 'viewer_left');
    await clock.pass(14_900);
    expect(node.paths).toEqual(['cam_c1']);
    await clock.pass(400);
    expect(node.paths).toEqual([]);
  });

  it('of 0 drops the stream at once', async () => {
    const { catalog, clock, node, start } = await setUp();
    catalog.add('now', { idleTtlSeconds: 0 });
    const view = await start('now');
    node.open(view);
    await clock.pass(5000);
    node.engine.close(view.sessionId, 'viewer_left');
    await clock.pass(50);
    expect(node.paths).toEqual([]);
  });

  it('starts anew with each viewer that comes meanwhile', async () => {
    const { clock, node, start } = await setUp();
    const first = await start('c1');
    node.open(first);
    node.engine.close(first.sessionId, 'viewer_left');
    await clock.pass(14_000);
    const second = await start('c1');
    node.open(second);
    await clock.pass(20_000);
    expect(node.paths).toEqual(['cam_c1']);
    expect(node.engine.pulls.get('cam_c1')).toBe(1);
  });

  it('begins when a view that never connected has lapsed', async () => {
    const { clock, events, node, start } = await setUp();
    const { sessionId } = await start('c1');
    await clock.pass(14_900);
    expect(node.paths).toEqual(['cam_c1']);
    await clock.pass(1200);
    expect(events).toContainEqual({
      type: 'session.ended',
      sessionId,
      cameraId: 'c1',
      reason: 'never_connected',
    });
    expect(node.engine.revoked.has(sessionId)).toBe(true);
    await clock.pass(15_300);
    expect(node.paths).toEqual([]);
  });

  it('does not end an always-on camera, which runs from the start', async () => {
    const catalog = new PaperCatalog();
    catalog.add('guard', { pull: 'always-on' });
    const { clock, node } = await setUp({ catalog });
    expect(node.paths).toEqual(['cam_guard', 'cam_guard_sub']);
    await clock.pass(120_000);
    expect(node.paths).toEqual(['cam_guard', 'cam_guard_sub']);
    expect(node.engine.desired[0]?.pull).toBe('always-on');
  });
});

describe('stopping a view', () => {
  it('ends it at the node at once, again and again without error', async () => {
    const { clock, node, start, viewing } = await setUp();
    const { sessionId, ...answer } = await start('c1');
    node.open({ sessionId, ...answer });
    for (let i = 0; i < 3; i++) {
      await viewing.streams.stop(ALICE, CameraId.parse('c1'), sessionId, 'r');
      await clock.pass(30);
    }
    expect(node.engine.sessions).toEqual([]);
    expect(node.open({ sessionId, ...answer })).toBe(false);
    await viewing.streams.stop(ALICE, CameraId.parse('c1'), SessionId.parse('neverheardof'), 'r');
  });

  it('of somebody else makes no difference, unless an administrator asks', async () => {
    const { node, start, state, viewing } = await setUp();
    const answer = await start('c1');
    node.open(answer);
    await viewing.streams.stop(VICTOR, CameraId.parse('c1'), answer.sessionId, 'r');
    expect(await state.view(answer.sessionId)).toBeDefined();
    await viewing.streams.stop(ADMIN, CameraId.parse('c1'), answer.sessionId, 'r');
    expect(await state.view(answer.sessionId)).toBeUndefined();
  });

  it('of all at once is an administrator’s right', async () => {
    const { clock, node, start, viewing } = await setUp();
    for (const view of await Promise.all([start('c1'), start('c1', { by: VICTOR })])) node.open(view);
    const camera = CameraId.parse('c1');
    await expect(viewing.streams.stopAll(ALICE, camera, 'r')).rejects.toMatchObject({ code: 'forbidden' });
    await viewing.streams.stopAll(ADMIN, camera, 'r');
    await clock.pass(30);
    expect(node.engine.sessions).toEqual([]);
  });

  it('of a user who lost the right to watch comes by itself', async () => {
    const { clock, node, start, viewing } = await setUp();
    node.open(await start('c1', { by: VICTOR }), 'victor');
    node.open(await start('c1'));
    await viewing.endViewsOfUser(VICTOR.id);
    await clock.pass(30);
    expect(node.engine.sessions.map(({ userId }) => userId)).toEqual(['alice']);
  });
});

describe('limits', () => {
  it('of WebRTC on a camera give HLS beyond, with the reason', async () => {
    const { start } = await setUp({ tenantLimits: { camera: { webrtc: 2, hls: 1, rtsp: 1 } } });
    await start('c1');
    await start('c1', { request: { profile: 'sub' } });
    const third = await start('c1');
    expect(third).toMatchObject({ protocol: 'hls', fallbacks: [] });
    expect(decodeJwt(third.token)['protocols']).toEqual(['hls']);
    expect(third.decision).toContainEqual({
      step: 'admission',
      result: 'hls',
      rule: 'camera-full',
      reason: 'As many viewers as allowed watch this camera over WebRTC.',
    });
    await expect(start('c1')).rejects.toMatchObject({ code: 'at_capacity', retryAfterSeconds: 5 });
  });

  it('of WebRTC on a node give HLS beyond', async () => {
    const { clock, node, start, viewing } = await setUp();
    node.breakOff();
    new PaperNode({ gateway: viewing.gateway, clock, engine: node.engine, maxWebrtcViewers: 1 });
    await clock.pass(10);
    await start('c1');
    expect(await start('c1')).toMatchObject({ protocol: 'hls' });
  });

  it('refuse a client that plays WebRTC alone', async () => {
    const { start } = await setUp({ tenantLimits: { camera: { webrtc: 0, hls: 1, rtsp: 1 } } });
    await expect(start('c1', { request: { capabilities: { hls: false } } })).rejects.toMatchObject({
      code: 'at_capacity',
    });
  });

  it('of tiles hold for each user, and a program has its own', async () => {
    const { start } = await setUp({ tenantLimits: { viewsPerUser: 2, viewsPerToken: 3 } });
    await start('c1');
    await start('c1');
    await expect(start('c1')).rejects.toMatchObject({ code: 'quota_exceeded' });
    await start('c1', { by: VICTOR });
    for (let i = 0; i < 3; i++) await start('c1', { by: ROBOT });
    await expect(start('c1', { by: ROBOT })).rejects.toMatchObject({ code: 'quota_exceeded' });
  });
});
