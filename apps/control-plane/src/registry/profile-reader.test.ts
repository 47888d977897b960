import { CameraId, type LiveEvent } from '@vedette/contracts';
import { silentLog } from '@vedette/runtime';
import { describe, expect, it } from 'vitest';
import { EventBus } from '../events/event-bus.ts';
import { AT_HOME } from './camera-place.fixture.ts';
import type { CameraRecord } from './camera-record.ts';
import type { OnvifReading } from './onvif/onvif-reader.ts';
import { ProbeFailure } from './probe-failure.ts';
import { ProfileReader } from './profile-reader.ts';

const id = CameraId.parse('c1');
const camera: CameraRecord = {
  ...AT_HOME,
  id,
  name: 'Gate',
  source: { kind: 'onvif', host: '10.0.0.2', port: 80, transport: 'tcp' },
  sourceRevision: 1,
  sealedPassword: null,
  pull: 'on-demand',
  idleTtlSeconds: 15,
  renditions: [],
  outputs: [],
  profiles: [],
  device: null,
  onvif: null,
  createdAt: new Date(0),
  updatedAt: new Date(0),
};
const reading: OnvifReading = {
  device: null,
  onvif: { offered: [], capabilities: null, clockSkewSeconds: null, readAt: '2026-11-20T00:00:00.000Z' },
  profiles: [{ name: 'main', url: 'rtsp://10.0.0.2/m', codec: 'h264', width: 2, height: 2, frameRate: 1 }],
};

/** A held clock: `wait` answers how long the reader wants to wait before it asks again, and lets it. */
function world(answers: readonly (OnvifReading | ProbeFailure)[]) {
  const left = [...answers];
  const events: LiveEvent[] = [];
  const bus = new EventBus();
  bus.subscribe(({ event }) => events.push(event));
  const state = { stored: camera as CameraRecord | undefined, asked: 0, now: 0 };
  let timer: { ms: number; callback: () => void } | undefined;
  const reader = new ProfileReader({
    duty: { isMine: true },
    store: {
      get: async () => state.stored,
      unread: async () => (state.stored === undefined ? [] : [state.stored]),
      saveReading: async (_id, revision, { profiles }) => {
        if (state.stored?.sourceRevision !== revision) return undefined;
        state.stored = { ...state.stored, profiles: [...profiles] };
        return state.stored;
      },
    },
    credentials: { open: async () => undefined },
    prober: {
      readOnvif: async () => {
        state.asked++;
        const answer = left.shift() ?? new ProbeFailure('camera_timeout', 'connect');
        if (answer instanceof ProbeFailure) throw answer;
        return answer;
      },
    },
    bus,
    clock: {
      now: () => state.now,
      after: (ms, callback) => {
        timer = { ms, callback };
        return () => {
          timer = undefined;
        };
      },
    },
    random: () => 1,
    log: silentLog(),
  });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return {
    reader,
    state,
    bus,
    events,
    settled,
    get waiting() {
      return timer !== undefined;
    },
    async wait(): Promise<number> {
      const due = timer;
      timer = undefined;
      due?.callback();
      await settled();
      return due?.ms ?? 0;
    },
  };
}
const silent = new ProbeFailure('camera_timeout', 'connect');

describe('reading the profiles of a camera', () => {
  it('takes up at the start what was not finished before', async () => {
    const w = world([reading]);
    await w.reader.start();
    expect(w.reader.state(id)).toEqual({ kind: 'reading' });
    await w.settled();
    expect(w.state.stored?.profiles).toEqual(reading.profiles);
    expect(w.reader.state(id)).toBeUndefined();
    expect(w.events).toEqual([{ type: 'camera.changed', cameraId: id }]);
  });

  it('asks a silent camera ever more seldom, says so once, and ends when it answers', async () => {
    const w = world([silent, silent, silent, reading]);
    w.reader.read(camera);
    await w.settled();
    expect(w.reader.state(id)).toEqual({ kind: 'failed', code: 'camera_timeout' });
    expect([await w.wait(), await w.wait()]).toEqual([5_000, 10_000]);
    expect(w.events).toHaveLength(1);
    await w.wait();
    expect(w.state.stored?.profiles).toEqual(reading.profiles);
    expect(w.waiting).toBe(false);
    expect(w.events).toHaveLength(2);
  });

  it('never waits longer than five minutes', async () => {
    const w = world([]);
    w.reader.read(camera);
    await w.settled();
    const waits = [];
    for (let attempt = 0; attempt < 20; attempt++) waits.push(await w.wait());
    expect(Math.max(...waits)).toBe(300_000);
  });

  it('does not ask a camera again that refused the password: most lock the account', async () => {
    const w = world([new ProbeFailure('camera_credentials_rejected', 'authenticate')]);
    w.reader.read(camera);
    await w.settled();
    expect(w.waiting).toBe(false);
    expect(w.reader.state(id)).toEqual({ kind: 'failed', code: 'camera_credentials_rejected' });
  });

  it('ends with the camera', async () => {
    const w = world([]);
    await w.reader.start();
    await w.settled();
    w.bus.publish({ type: 'camera.deleted', cameraId: id });
    expect(w.waiting).toBe(false);
    expect(w.reader.state(id)).toBeUndefined();
  });

  it('is repeated when a stream address is no longer known there, once a minute at most', async () => {
    const w = world([reading, reading, reading]);
    await w.reader.start();
    await w.settled();
    const lost = () =>
      w.bus.publish({
        type: 'camera.state',
        cameraId: id,
        state: 'offline',
        reason: 'camera_not_found_on_device',
        detail: null,
        viewers: 1,
        audio: null,
        nowPlaying: null,
      });
    lost();
    await w.settled();
    expect(w.state.asked).toBe(1);
    w.state.now = 60_000;
    lost();
    lost();
    await w.settled();
    expect(w.state.asked).toBe(2);
  });
});
