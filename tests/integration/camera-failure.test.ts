// Cameras that fail in earnest, as they see it themselves. Longer times are held in camera-guard.test.ts, and a
// thousand cameras are rebooted by bench/reboot.ts.
import { describe, expect, it } from 'vitest';
import { DIAL_RATES } from '../../apps/media-node/src/ingest/retry/pull-guards.ts';
import { cameraOf, startTestSimulator } from '../../simulators/testing/simulator-kit.ts';
import { eventually } from '../support/eventually.ts';
import { PullingNode } from '../support/pulling-node.ts';

/** Dials leave evenly and are answered when the machine gets round to it. */
const SLACK = 20;

describe.concurrent('cameras of a node', () => {
  it('[F3] reboot, a hundred of one site at once: dialled at a capped pace, once each, and all back in time', async () => {
    await using simulator = await startTestSimulator({ cameras: 100 });
    await using node = new PullingNode();
    const { cameras } = simulator;
    const pulls = cameras.map((camera) =>
      node.pull({ url: camera.rtspUrl('sub'), ...camera }, { site: 'harbour' }),
    );
    const live = () => pulls.filter(({ supervisor }) => supervisor.state().health === 'live').length;
    await eventually('pictures of all', () => live() === cameras.length, { withinMs: 30_000 });
    const rebootedAtMs = Date.now();
    const before = cameras.map((camera) => camera.counts().connectionsTotal);
    await Promise.all(cameras.map((camera) => camera.fault({ kind: 'restart', downMs: 4000 })));
    await eventually('all are away', () => live() === 0);
    await eventually('pictures of all again', () => live() === cameras.length, { withinMs: 30_000 });
    const plays = cameras.flatMap((camera) => camera.pulls(rebootedAtMs + 2000).map(({ fromMs }) => fromMs));
    expect(plays).toHaveLength(cameras.length);
    const { againOfSite } = DIAL_RATES;
    plays.sort((a, b) => a - b);
    for (const from of plays) {
      const within = plays.filter((at) => at >= from && at < from + 1000).length;
      expect(within).toBeLessThanOrEqual(againOfSite.burst + againOfSite.perSecond + SLACK);
    }
    // A pull each, and at most a question or two.
    const asked = cameras.map((camera, i) => camera.counts().connectionsTotal - (before[i] ?? 0));
    expect(Math.max(...asked)).toBeLessThanOrEqual(4);
  });

  it('[F2] have pictures within 2 s of the return of one that was off, while somebody waits', async () => {
    await using simulator = await startTestSimulator();
    await using node = new PullingNode();
    const camera = cameraOf(simulator);
    const pull = node.pull({ url: camera.rtspUrl('main'), ...camera });
    await eventually('pictures', () => pull.keyFrames() > 0);
    await camera.fault({ kind: 'refuse' });
    await eventually('called offline', () => pull.supervisor.state().health === 'offline', {
      withinMs: 20_000,
    });
    const keyFrames = pull.keyFrames();
    await camera.fault({ kind: 'none' });
    const backAtMs = performance.now();
    await eventually('pictures again', () => pull.keyFrames() > keyFrames);
    expect(performance.now() - backAtMs).toBeLessThan(2000);
  });

  it('[F4] with a wrong password are asked once a profile, whoever wants them, and at once with a changed one', async () => {
    await using simulator = await startTestSimulator();
    await using node = new PullingNode();
    const camera = cameraOf(simulator);
    const ask = (profile: 'main' | 'sub', password: string) =>
      node.pull({ url: camera.rtspUrl(profile), username: camera.username, password });
    const wrong = [ask('main', 'wrong'), ask('sub', 'wrong')];
    const reasons = () => wrong.map(({ supervisor }) => supervisor.state().reason);
    await eventually('both are rejected', () =>
      reasons().every((code) => code === 'camera_credentials_rejected'),
    );
    const refused = camera.counts().credentialsRefused;
    expect(refused).toBeLessThanOrEqual(2);
    const late = ask('sub', 'wrong');
    const until = performance.now() + 2500;
    await eventually('who asks is told why, and the camera is left alone', () => {
      for (const { supervisor } of [...wrong, late]) supervisor.wake();
      expect(late.supervisor.state().reason).not.toBe('live');
      return performance.now() > until;
    });
    expect(late.supervisor.state()).toMatchObject({
      health: 'offline',
      reason: 'camera_credentials_rejected',
    });
    expect(camera.counts().credentialsRefused).toBe(refused);
    const changed = ask('main', camera.password);
    await eventually('pictures', () => changed.keyFrames() > 0);
  });
});
