import type { ReasonCode } from '@vedette/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../../tests/support/held-clock.ts';
import { AccountBreakers } from './account-breakers.ts';
import { CameraGuard } from './camera-guard.ts';
import { DialPace } from './dial-pace.ts';
import type { PullFailure } from './pull-guard.ts';
import { SiteBreakers } from './site-breakers.ts';
import { type Rate, TokenBucket } from './token-bucket.ts';

const ABSENT: PullFailure = { code: 'camera_unreachable', step: 'connect' };
const REJECTED: PullFailure = { code: 'camera_credentials_rejected', step: 'authenticate' };
const BUSY: PullFailure = { code: 'camera_busy', step: 'setup' };
const PLENTY: Rate = { burst: 10_000, perSecond: 10_000 };

/** How a camera answers now; undefined: it plays. */
type Answer = PullFailure | undefined;

/** One camera that is dialled as its guard allows, and what it saw. */
interface World {
  readonly name: string;
  answer: Answer;
  isWatched: boolean;
  readonly dialsMs: number[];
  readonly probesMs: number[];
  playingSinceMs: number | undefined;
  /** The media break off. */
  breaks(): void;
  close(): void;
  readonly blocked: ReasonCode[];
  readonly guard: CameraGuard;
}

function node(
  options: {
    random?: () => number;
    first?: Rate;
    dials?: Rate;
    site?: Rate;
    probeMs?: number;
    seed?: number;
  } = {},
) {
  const clock = new HeldClock();
  let state = options.seed ?? 1;
  const random =
    options.random ??
    (() => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    });
  const shared = {
    accounts: new AccountBreakers({ clock, random }),
    sites: new SiteBreakers({ clock }),
    pace: new DialPace({
      clock,
      rates: {
        first: options.first ?? PLENTY,
        again: options.dials ?? PLENTY,
        againOfSite: options.site ?? PLENTY,
      },
    }),
    probes: new TokenBucket({ clock, rate: { burst: 50, perSecond: 50 } }),
    clock,
    random,
  };
  /** Begins to pull it, as a supervisor would. */
  function pull(
    name: string,
    given: { site?: string; account?: string; answer?: Answer; isWatched?: boolean; greets?: boolean } = {},
  ): World {
    const stop = new AbortController();
    let breakOff: () => void = () => undefined;
    const world: World = {
      name,
      answer: given.answer,
      isWatched: given.isWatched ?? true,
      dialsMs: [],
      probesMs: [],
      playingSinceMs: undefined,
      breaks: () => breakOff(),
      close: () => stop.abort(),
      blocked: [],
      guard: new CameraGuard({
        ...shared,
        account: given.account ?? name,
        site: given.site,
        isWatched: () => world.isWatched,
        probe: async (signal) => {
          world.probesMs.push(clock.now());
          await clock.sleep(options.probeMs ?? 1, signal);
          return given.greets === true || world.answer?.step !== 'connect';
        },
      }),
    };
    const run = async () => {
      for (;;) {
        await world.guard.due(stop.signal, (reason) => world.blocked.push(reason));
        world.dialsMs.push(clock.now());
        await clock.sleep(5, stop.signal);
        if (world.answer === undefined) {
          world.guard.answered();
          world.playingSinceMs = clock.now();
          const healthy = clock.after(30_000, () => world.guard.healthy());
          await new Promise<void>((resolve, reject) => {
            breakOff = resolve;
            stop.signal.addEventListener('abort', () => reject(stop.signal.reason), { once: true });
          });
          healthy();
          world.playingSinceMs = undefined;
          world.guard.failed({ code: 'camera_refused', step: 'media' });
        } else world.guard.failed(world.answer);
      }
    };
    run().catch(() => world.guard.close());
    return world;
  }
  return { clock, pull };
}

describe('a camera that fails', () => {
  it('is dialled ever more seldom, whoever watches and however long', async () => {
    const { clock, pull } = node({ random: () => 0.999 });
    const camera = pull('a', { answer: BUSY });
    await clock.pass(600_000);
    const gaps = camera.dialsMs.slice(1).map((at, i) => at - (camera.dialsMs[i] ?? 0));
    expect(gaps.slice(0, 7).map((ms) => Math.round(ms / 1000))).toEqual([1, 2, 4, 8, 16, 32, 60]);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(60_010);
    expect(camera.probesMs).toEqual([]);
  });

  it('is dialled at once when it is back, after five minutes away, while somebody waits', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 600_000 }),
        fc.integer({ min: 1, max: 1000 }),
        async (awayMs, seed) => {
          const { clock, pull } = node({ seed });
          const camera = pull('a');
          await clock.pass(60_000);
          camera.answer = ABSENT;
          camera.breaks();
          await clock.pass(awayMs);
          camera.answer = undefined;
          await clock.pass(2000);
          expect(camera.playingSinceMs).toBeDefined();
          camera.close();
        },
      ),
      { numRuns: 30 },
    );
  });

  it('is asked once a second while somebody waits, and not at all while nobody does', async () => {
    const { clock, pull } = node();
    const camera = pull('a', { answer: ABSENT });
    await clock.pass(60_000);
    expect(camera.probesMs.length).toBeGreaterThan(45);
    expect(camera.probesMs.length).toBeLessThan(76);
    camera.isWatched = false;
    await clock.pass(2000);
    const asked = camera.probesMs.length;
    await clock.pass(60_000);
    expect(camera.probesMs).toHaveLength(asked);
    camera.isWatched = true;
    for (let i = 0; i < 100; i += 1) {
      camera.guard.wake();
      await clock.pass(10);
    }
    expect(camera.probesMs.length - asked).toBeLessThanOrEqual(2);
    expect(camera.probesMs.length - asked).toBeGreaterThanOrEqual(1);
  });

  it('that greets everybody and then fails is left to the plan after a few tries', async () => {
    const { clock, pull } = node({ random: () => 0.999 });
    const camera = pull('a', { answer: ABSENT, greets: true });
    await clock.pass(600_000);
    for (const at of camera.dialsMs) {
      const within = camera.dialsMs.filter((other) => other >= at && other < at + 60_000);
      expect(within.length).toBeLessThanOrEqual(16);
    }
    expect(camera.dialsMs.length).toBeGreaterThan(10);
  });

  it.each([
    [31_000, 0, 1000],
    [29_000, 30_000, 61_000],
  ])('that played for %i ms waits %i to %i ms, all that it could', async (playedMs, leastMs, mostMs) => {
    const { clock, pull } = node({ random: () => 0.999 });
    const camera = pull('a', { answer: BUSY });
    await clock.pass(120_000);
    camera.answer = undefined;
    while (camera.playingSinceMs === undefined) await clock.pass(100);
    await clock.pass(playedMs - (clock.now() - camera.playingSinceMs));
    camera.answer = BUSY;
    camera.breaks();
    const brokeAtMs = clock.now();
    await clock.pass(64_000);
    const next = camera.dialsMs.find((at) => at >= brokeAtMs) ?? Number.POSITIVE_INFINITY;
    expect(next - brokeAtMs).toBeGreaterThan(leastMs);
    expect(next - brokeAtMs).toBeLessThanOrEqual(mostMs);
  });
});

describe('a wrong password', () => {
  it('is asked with once for all profiles of a device, after a minute, and then ever more seldom', async () => {
    const { clock, pull } = node({ random: () => 0 });
    const profiles = ['main', 'sub', 'lite'].map((name) =>
      pull(name, { account: 'device', answer: REJECTED }),
    );
    const dials = () => profiles.flatMap(({ dialsMs }) => dialsMs).sort((a, b) => a - b);
    await clock.pass(59_000);
    expect(dials()).toHaveLength(3);
    await clock.pass(1_741_000);
    expect(dials().map((at) => Math.round(at / 60_000))).toEqual([0, 0, 0, 1, 5, 21]);
  });

  it('is not asked with by who comes later, and says so', async () => {
    const { clock, pull } = node();
    pull('main', { account: 'device', answer: REJECTED });
    await clock.pass(1000);
    const late = pull('sub', { account: 'device', answer: REJECTED });
    await clock.pass(50_000);
    late.guard.wake();
    await clock.pass(5000);
    expect(late.dialsMs).toEqual([]);
    expect(late.blocked).toContain('camera_credentials_rejected');
  });

  it('that has been changed is tried at once; the device that accepts it again lets all in', async () => {
    const { clock, pull } = node();
    const main = pull('main', { account: 'device old', answer: REJECTED });
    const sub = pull('sub', { account: 'device old', answer: REJECTED });
    await clock.pass(1000);
    const changed = pull('main', { account: 'device new' });
    await clock.pass(10);
    expect(changed.playingSinceMs).toBeDefined();
    main.answer = undefined;
    sub.answer = undefined;
    await clock.pass(80_000);
    expect([main.playingSinceMs, sub.playingSinceMs]).not.toContain(undefined);
  });

  it('is no longer on trial with who has gone, or could not reach the device', async () => {
    const { clock, pull } = node({ random: () => 0 });
    const first = pull('main', { account: 'device', answer: REJECTED });
    const second = pull('sub', { account: 'device', answer: REJECTED });
    await clock.pass(1000);
    first.answer = ABSENT;
    second.answer = undefined;
    await clock.pass(70_000);
    first.close();
    await clock.pass(5000);
    expect(second.playingSinceMs).toBeDefined();
  });
});

describe('a site', () => {
  function site(count: number, options: Parameters<typeof node>[0] = {}) {
    const { clock, pull } = node(options);
    const cameras = Array.from({ length: count }, (_, i) => pull(`c${i}`, { site: 'harbour' }));
    const all = (answer: Answer) => {
      for (const camera of cameras) camera.answer = answer;
    };
    const cut = () => {
      all(ABSENT);
      for (const camera of cameras) camera.breaks();
    };
    const dialsSince = (ms: number) =>
      cameras.flatMap(({ dialsMs }) => dialsMs.filter((at) => at >= ms)).sort((a, b) => a - b);
    const probesSince = (ms: number) =>
      cameras.flatMap(({ probesMs }) => probesMs.filter((at) => at >= ms)).sort((a, b) => a - b);
    return { all, cameras, clock, cut, dialsSince, probesSince };
  }

  it('whose cameras are all away is asked by one at a time, and dialled by nobody', async () => {
    const { clock, cut, dialsSince, probesSince } = site(100, { probeMs: 1000 });
    await clock.pass(60_000);
    cut();
    await clock.pass(30_000);
    const quietFrom = clock.now();
    await clock.pass(120_000);
    expect(dialsSince(quietFrom)).toEqual([]);
    const probes = probesSince(quietFrom);
    expect(probes.length).toBeGreaterThan(60);
    expect(probes.length).toBeLessThanOrEqual(121);
  });

  it('whose line is back is back within 2 s and its cameras at a capped pace', async () => {
    const { all, cameras, clock, cut, dialsSince } = site(100, {
      probeMs: 500,
      site: { burst: 50, perSecond: 15 },
    });
    await clock.pass(60_000);
    cut();
    await clock.pass(300_000);
    const backAt = clock.now();
    all(undefined);
    await clock.pass(2000);
    expect(cameras.filter(({ playingSinceMs }) => playingSinceMs !== undefined).length).toBeGreaterThan(40);
    await clock.pass(6000);
    expect(cameras.filter(({ playingSinceMs }) => playingSinceMs === undefined)).toEqual([]);
    const dials = dialsSince(backAt);
    expect(dials).toHaveLength(100);
    for (const at of dials)
      expect(dials.filter((other) => other >= at && other < at + 10).length).toBeLessThan(20);
    for (const from of dials)
      expect(dials.filter((at) => at >= from && at < from + 1000).length).toBeLessThanOrEqual(66);
  });

  it('with one camera that answers is there: the others are asked each for itself', async () => {
    const { cameras, clock, cut, all } = site(10);
    await clock.pass(60_000);
    cut();
    await clock.pass(60_000);
    const [first, second] = cameras;
    if (first === undefined || second === undefined) throw new Error('no cameras');
    first.answer = undefined;
    await clock.pass(4000);
    expect(first.playingSinceMs).toBeDefined();
    second.answer = undefined;
    await clock.pass(2000);
    expect(second.playingSinceMs).toBeDefined();
    all(undefined);
  });

  it('that nobody watches comes back too, in its time', async () => {
    const { all, cameras, clock, cut } = site(20);
    for (const camera of cameras) camera.isWatched = false;
    await clock.pass(60_000);
    cut();
    await clock.pass(300_000);
    all(undefined);
    await clock.pass(80_000);
    expect(cameras.filter(({ playingSinceMs }) => playingSinceMs === undefined)).toEqual([]);
  });
});

describe('a thousand cameras that reboot together', () => {
  it('are all back within two minutes, dialled at the pace of the node from the first to the last', async () => {
    const rate = { burst: 60, perSecond: 25 };
    const { clock, pull } = node({ dials: rate, first: { burst: 200, perSecond: 50 } });
    const cameras = Array.from({ length: 1000 }, (_, i) => pull(`c${i}`, { isWatched: i % 10 === 0 }));
    await clock.pass(15_000);
    const firstDials = cameras.flatMap(({ dialsMs }) => dialsMs);
    expect(firstDials.filter((at) => at < 1000).length).toBeLessThanOrEqual(250);
    expect(firstDials.length).toBeLessThan(1000);
    await clock.pass(75_000);
    expect(cameras.filter(({ playingSinceMs }) => playingSinceMs === undefined)).toEqual([]);
    for (const camera of cameras) {
      camera.answer = ABSENT;
      camera.breaks();
    }
    const downAt = clock.now();
    await clock.pass(60_000);
    const upAt = clock.now();
    for (const camera of cameras) camera.answer = undefined;
    await clock.pass(120_000);
    expect(cameras.filter(({ playingSinceMs }) => playingSinceMs === undefined)).toEqual([]);
    const dials = cameras.flatMap(({ dialsMs }) => dialsMs.filter((at) => at >= downAt));
    const perSecond = new Map<number, number>();
    for (const at of dials)
      perSecond.set(Math.floor(at / 1000), (perSecond.get(Math.floor(at / 1000)) ?? 0) + 1);
    expect(Math.max(...perSecond.values())).toBeLessThanOrEqual(rate.burst + rate.perSecond);
    // Those that somebody waits for come first.
    const back = cameras
      .filter((_, i) => i % 10 === 0)
      .map(({ playingSinceMs }) => (playingSinceMs ?? 0) - upAt);
    expect(Math.max(...back)).toBeLessThan(10_000);
  }, 60_000);
});
