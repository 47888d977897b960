import { fileURLToPath } from 'node:url';
import type { StartAnswer } from '@vedette/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator } from '../../simulators/index.ts';
import { Demo } from '../support/demo.ts';
import { eventually } from '../support/eventually.ts';
import { cameraNumber, counts, open, start, watch } from '../support/watching.ts';

const TTL_MS = 2000;

describe('a camera on demand', () => {
  let demo: Demo;

  beforeAll(async () => {
    demo = await Demo.start({ cameras: 5 });
    for (const index of [1, 2, 3, 4, 5]) {
      const camera = await cameraNumber(demo, index);
      await demo.api('PATCH', `/cameras/${camera.id}`, { idleTtlSeconds: TTL_MS / 1000 });
    }
  });
  afterAll(() => demo?.close());

  it('[V1] [V2] is pulled once for 100 viewers, and left alone one time-to-live after the last', async () => {
    const camera = await cameraNumber(demo, 1);
    const before = (await counts(demo, 1)).connectionsTotal;
    const answers = await Promise.all(Array.from({ length: 100 }, () => start(demo, camera.id)));
    const viewers = await Promise.all(answers.map(open));
    await eventually('pictures for all of them', () =>
      viewers.every((viewer) => viewer.counts.keyFrames > 0),
    );
    const during = await counts(demo, 1);
    expect(during.connectionsTotal - before).toBe(1);
    expect(during.profiles.main.maxPlaying).toBe(1);
    await Promise.all(viewers.map((viewer) => viewer.close()));
    const leftAt = Date.now();
    await eventually('TEARDOWN', async () => (await counts(demo, 1)).profiles.main.playing === 0, {
      withinMs: TTL_MS + 1000,
    });
    const after = await counts(demo, 1);
    expect(after.profiles.main.teardown).toBe(1);
    expect((after.profiles.main.lastTeardownAtMs ?? 0) - leftAt).toBeGreaterThan(TTL_MS - 200);
    expect((after.profiles.main.lastTeardownAtMs ?? 0) - leftAt).toBeLessThan(TTL_MS + 1000);
  });

  it('[V1] is pulled once for 50 first starts in the same instant', async () => {
    const camera = await cameraNumber(demo, 2);
    const answers = await Promise.all(Array.from({ length: 50 }, () => start(demo, camera.id)));
    expect(new Set(answers.map((answer) => answer.sessionId)).size).toBe(50);
    const viewers = await Promise.all(answers.map(open));
    await eventually('pictures for all of them', () =>
      viewers.every((viewer) => viewer.counts.keyFrames > 0),
    );
    expect((await counts(demo, 2)).profiles.main.play).toBe(1);
    await Promise.all(viewers.map((viewer) => viewer.close()));
  });

  it('[V3] never gives more WebRTC places than a camera has: the 101st viewer gets HLS, and is told why', async () => {
    const camera = await cameraNumber(demo, 3);
    const wanted: Promise<StartAnswer>[] = Array.from({ length: 130 }, () =>
      demo.api<StartAnswer>('POST', `/streams/${camera.id}/start`, {
        capabilities: { webrtc: true, hls: true, h264: true },
      }),
    );
    const answers = await Promise.all(wanted);
    expect(answers.filter((answer) => answer.protocol === 'webrtc')).toHaveLength(100);
    const hls = answers.find((answer) => answer.protocol === 'hls');
    expect(hls?.decision.some((step) => step.step === 'admission')).toBe(true);
    await demo.api('POST', `/streams/${camera.id}/stop`, {});
  });

  it('[V9] may be stopped again and again, and a repeated start with the same key is the same view', async () => {
    const camera = await cameraNumber(demo, 4);
    const repeat = () =>
      fetch(`${demo.address}/api/v1/streams/${camera.id}/start`, {
        method: 'POST',
        headers: { authorization: `Bearer ${demo.adminToken}`, 'idempotency-key': 'the-same' },
      }).then((response) => response.json() as Promise<StartAnswer>);
    const [first, second] = await Promise.all([repeat(), repeat()]);
    expect(second?.sessionId).toBe(first?.sessionId);
    for (let i = 0; i < 3; i += 1)
      await demo.api('POST', `/streams/${camera.id}/stop`, { sessionId: first?.sessionId });
    await eventually('nothing runs', async () => (await counts(demo, 4)).profiles.main.playing === 0, {
      withinMs: TTL_MS + 1500,
    });
    await expect(demo.api('GET', `/streams/${camera.id}/endpoint`)).rejects.toThrow(/404.*not_running/s);
  });

  it('[V2] is not kept pulled by a view that was granted and never connected', async () => {
    const camera = await cameraNumber(demo, 5);
    await start(demo, camera.id);
    await eventually(
      'the pull begins without the player',
      async () => (await counts(demo, 5)).profiles.main.playing === 1,
    );
    await eventually(
      'it is left alone again',
      async () => (await counts(demo, 5)).profiles.main.playing === 0,
      { withinMs: 16_000 + TTL_MS },
    );
  });

  it('[V2] is left alone at once when its time-to-live is 0', async () => {
    const camera = await cameraNumber(demo, 4);
    await demo.api('PATCH', `/cameras/${camera.id}`, { idleTtlSeconds: 0 });
    const viewer = await watch(demo, camera.id);
    await viewer.close();
    await eventually('TEARDOWN', async () => (await counts(demo, 4)).profiles.main.playing === 0, {
      withinMs: 1000,
    });
  });

  it('asks a camera that sends no key frame by itself for one, instead of waiting for the next', async () => {
    // A picture every third of a second, a key frame every 10.7 s.
    const file = fileURLToPath(new URL('../../fixtures/clips/gate-sub.h264', import.meta.url));
    const keyEvery = 32;
    await using simulator = await startSimulator({
      cameras: 1,
      basePort: 0,
      discovery: false,
      keyFrameOnPlay: false,
      mainClip: { file, fps: 3 },
    });
    const [slow] = simulator.cameras;
    if (slow === undefined) throw new Error('no camera');
    const { username, password } = simulator;
    const { host, port } = slow.onvif;
    const { id } = await demo.api<{ id: string }>('POST', '/cameras', {
      name: 'Slow',
      source: { kind: 'onvif', host, port, username, password },
    });
    await eventually('its profiles are known', async () => {
      const { profiles } = await demo.api<{ profiles: unknown[] }>('GET', `/cameras/${id}`);
      return profiles.length > 0;
    });
    await eventually(
      'a key frame has been, and none comes soon',
      () => {
        const place = slow.timeline('main').frame % keyEvery;
        return place > 0 && place < keyEvery / 2;
      },
      { withinMs: 7000 },
    );
    const viewer = await open(await start(demo, id));
    await eventually('the first picture', () => viewer.counts.keyFrames > 0, { withinMs: 3000 });
    expect(slow.counts().synchronizationPoints).toBe(1);
    await viewer.close();
  });

  it('that nobody watches shows its own snapshot without being pulled', async () => {
    const camera = await cameraNumber(demo, 5);
    const playsBefore = (await counts(demo, 5)).profiles.main.play;
    const ask = (headers: Record<string, string> = {}, id = camera.id) =>
      fetch(`${demo.address}/api/v1/cameras/${id}/snapshot`, {
        headers: { authorization: `Bearer ${demo.adminToken}`, ...headers },
      });
    const answer = await ask();
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    const jpeg = Buffer.from(await answer.arrayBuffer());
    expect([jpeg.readUInt16BE(0), jpeg.readUInt16BE(jpeg.length - 2)]).toEqual([0xffd8, 0xffd9]);
    expect((await ask({ 'if-none-match': answer.headers.get('etag') ?? '' })).status).toBe(304);
    expect((await ask({ authorization: 'Bearer nobody' })).status).toBe(401);
    expect((await ask({}, 'c404')).status).toBe(404);
    expect((await counts(demo, 5)).profiles.main.play).toBe(playsBefore);
    const listed = await demo.api<object>('GET', `/cameras/${camera.id}`);
    expect(JSON.stringify(listed)).not.toMatch(/snapshot|profile_main/);
  });
});
