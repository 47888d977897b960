import { CameraId, type LiveEvent, type ReasonCode } from '@vedette/contracts';
import { silentLog } from '@vedette/runtime';
import { describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../../tests/support/held-clock.ts';
import { EventBus } from '../../events/event-bus.ts';
import { AT_HOME } from '../camera-place.fixture.ts';
import type { CameraRecord } from '../camera-record.ts';
import { ProbeFailure } from '../probe-failure.ts';
import { type HealthChange, HealthChecker } from './health-checker.ts';
import type { KeptState } from './history-store.ts';
import { uptimeOf } from './uptime.ts';

const MINUTE = 60_000;

function camera(id: string, change: Partial<CameraRecord> = {}): CameraRecord {
  return {
    ...AT_HOME,
    id: CameraId.parse(id),
    name: id,
    source: { kind: 'rtsp', url: `rtsp://${id}.example/main`, transport: 'tcp' },
    sourceRevision: 1,
    sealedPassword: null,
    pull: 'on-demand',
    idleTtlSeconds: 15,
    renditions: [],
    outputs: [],
    profiles: [
      {
        name: 'main',
        url: `rtsp://${id}.example/main`,
        codec: null,
        width: null,
        height: null,
        frameRate: null,
      },
    ],
    device: null,
    onvif: null,
    createdAt: new Date(0),
    updatedAt: new Date(0),
    ...change,
  };
}

async function world(cameras: readonly CameraRecord[]) {
  const clock = new HeldClock();
  const bus = new EventBus();
  const failing = new Map<string, ReasonCode>();
  const asked: string[] = [];
  const kept: (KeptState & { cameraId: string })[] = [];
  const changes: HealthChange[] = [];
  const events: LiveEvent[] = [];
  bus.subscribe(({ event }) => events.push(event));
  const checker = new HealthChecker({
    isMine: () => true,
    onAsked: () => undefined,
    cameras: async () => cameras,
    ask: async ({ id }) => {
      asked.push(id);
      const code = failing.get(id);
      if (code !== undefined) throw new ProbeFailure(code, 'connect');
    },
    history: {
      add: async (cameraId, entry) => void kept.push({ cameraId, ...entry }),
      last: async () => new Map(),
      removeBefore: async () => undefined,
    },
    bus,
    clock,
    log: silentLog(),
  });
  checker.onChange((change) => changes.push(change));
  await checker.start();
  return { asked, bus, changes, checker, clock, events, failing, kept };
}

describe('cameras that nobody watches', () => {
  it('are asked every five minutes, and what is away every minute, until it is back', async () => {
    const { asked, changes, checker, clock, failing } = await world([camera('a')]);
    await clock.pass(6 * MINUTE);
    expect(asked).toEqual(['a']);
    expect(changes).toEqual([]);
    failing.set('a', 'camera_unreachable');
    await clock.pass(5 * MINUTE + 30_000);
    expect(changes).toMatchObject([{ state: 'offline', reason: 'camera_unreachable', name: 'a' }]);
    expect(checker.asked(CameraId.parse('a'))).toMatchObject({ failure: 'camera_unreachable' });
    const before = asked.length;
    await clock.pass(3 * MINUTE);
    expect(asked.length - before).toBeGreaterThanOrEqual(2);
    failing.clear();
    await clock.pass(2 * MINUTE);
    expect(changes.at(-1)).toMatchObject({ state: 'online' });
    expect(checker.asked(CameraId.parse('a'))?.failure).toBeUndefined();
  });

  it('with a wrong password are asked once an hour: the account must not be locked', async () => {
    const { asked, clock, failing } = await world([camera('a')]);
    failing.set('a', 'camera_credentials_rejected');
    await clock.pass(5 * MINUTE);
    expect(asked).toHaveLength(1);
    await clock.pass(55 * MINUTE);
    expect(asked).toHaveLength(1);
    await clock.pass(15 * MINUTE);
    expect(asked).toHaveLength(2);
  });

  it('are left alone while they stream, when they say so, and where there is nothing to ask', async () => {
    const cameras = [
      camera('a'),
      camera('off', { watched: false }),
      camera('file', { source: { kind: 'file', file: 'x.mp4', loop: true } }),
      camera('new', { profiles: [] }),
      camera('single', { maxConnections: 1 }),
    ];
    const { asked, bus, clock } = await world(cameras);
    const state = (name: 'live' | 'idle') =>
      bus.publish({
        type: 'camera.state',
        cameraId: CameraId.parse('a'),
        state: name,
        reason: 'live',
        detail: null,
        viewers: 1,
        audio: null,
        nowPlaying: null,
      });
    state('live');
    await clock.pass(20 * MINUTE);
    expect(asked).toEqual([]);
    state('idle');
    await clock.pass(6 * MINUTE);
    expect(asked).toEqual(['a']);
  });

  it('are told of on the bus when what is known of them changes, so that lists show it', async () => {
    const { clock, events, failing } = await world([camera('a')]);
    failing.set('a', 'camera_refused');
    await clock.pass(6 * MINUTE);
    expect(events.filter(({ type }) => type === 'camera.changed')).toHaveLength(1);
  });
});

describe('uptime', () => {
  it('is the share of the time that is known, in which it was there', () => {
    const at = (hours: number, state: KeptState['state']): KeptState => ({
      at: new Date(hours * 3_600_000),
      state,
      reason: 'live',
    });
    expect(uptimeOf([], 0, 1000)).toBeNull();
    expect(uptimeOf([at(0, 'online'), at(6, 'offline')], 0, 24 * 3_600_000)).toBe(0.25);
    expect(uptimeOf([at(12, 'online')], 0, 24 * 3_600_000)).toBe(1);
    expect(uptimeOf([at(0, 'unstable')], 0, 3_600_000)).toBe(0.5);
  });
});
