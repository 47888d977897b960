import { CameraId, HOME_TENANT } from '@vedette/contracts';
import { silentLog, VedetteError } from '@vedette/runtime';
import { describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../tests/support/held-clock.ts';
import { EventBus } from '../events/event-bus.ts';
import type { StreamableCamera } from '../streams/camera-catalog.ts';
import { LastKnownCatalog } from './last-known-catalog.ts';

const camera = (id: string, change: Partial<StreamableCamera> = {}): StreamableCamera => ({
  id: CameraId.parse(id),
  tenantId: HOME_TENANT,
  siteId: null,
  groupIds: [],
  tags: [],
  tier: 5,
  pathName: null,
  kind: 'rtsp',
  host: null,
  maxConnections: null,
  name: id,
  pull: 'on-demand',
  idleTtlSeconds: 15,
  profiles: [],
  ...change,
});
const GATE = CameraId.parse('gate');
const YARD = CameraId.parse('yard');

async function world() {
  const clock = new HeldClock();
  const bus = new EventBus();
  const database = { isAway: false };
  const rows = new Map([
    [GATE, camera('gate', { pathName: 'front-gate', pull: 'always-on' })],
    [YARD, camera('yard')],
  ]);
  const answer = <T>(value: T): T => {
    if (database.isAway) throw new VedetteError('unavailable');
    return value;
  };
  const catalog = new LastKnownCatalog({
    source: {
      find: async (id) => answer(rows.get(id)),
      alwaysOn: async () => answer([...rows.values()].filter(({ pull }) => pull === 'always-on')),
      cameraNamed: async (name) => answer([...rows.values()].find(({ pathName }) => pathName === name)?.id),
      async *all() {
        yield answer([...rows.values()]);
      },
    },
    bus,
    database,
    clock,
    log: silentLog(),
  });
  catalog.start();
  await clock.pass(0);
  return { bus, catalog, clock, database, rows };
}

describe('the catalog with the database away', () => {
  it('knows every camera, also one that nobody has asked for, by id, by name, and those that are always on', async () => {
    const { catalog, database } = await world();
    database.isAway = true;
    expect(await catalog.find(YARD)).toMatchObject({ name: 'yard' });
    expect(await catalog.cameraNamed('front-gate')).toBe(GATE);
    expect(await catalog.alwaysOn()).toMatchObject([{ name: 'gate' }]);
    await expect(catalog.find(CameraId.parse('nobody'))).rejects.toMatchObject({ code: 'unavailable' });
    await expect(catalog.cameraNamed('nobody')).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('has each as it was last changed, and none that is gone', async () => {
    const { bus, catalog, clock, database, rows } = await world();
    rows.set(GATE, camera('gate', { name: 'moved' }));
    bus.publish({ type: 'camera.changed', cameraId: GATE });
    rows.delete(YARD);
    bus.publish({ type: 'camera.deleted', cameraId: YARD });
    await clock.pass(0);
    database.isAway = true;
    expect(await catalog.find(GATE)).toMatchObject({ name: 'moved' });
    await expect(catalog.find(YARD)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('forgets none for how it is doing, which is told by the same event', async () => {
    const { bus, catalog, clock, database } = await world();
    database.isAway = true;
    bus.publish({ type: 'camera.changed', cameraId: GATE });
    await clock.pass(60_000);
    expect(await catalog.find(GATE)).toMatchObject({ name: 'gate' });
  });

  it('does not bring back a camera that was deleted while it was being read', async () => {
    const { bus, catalog, database } = await world();
    const reading = catalog.find(YARD);
    bus.publish({ type: 'camera.deleted', cameraId: YARD });
    await reading;
    database.isAway = true;
    await expect(catalog.find(YARD)).rejects.toMatchObject({ code: 'unavailable' });
  });
});
