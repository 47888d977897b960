import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database/database.ts';
import { openTestDatabase } from '../database/test-database.ts';
import { AT_HOME } from './camera-place.fixture.ts';
import { CameraStore, type NewCamera } from './camera-store.ts';

let database: Database;
let store: CameraStore;
beforeAll(async () => {
  database = await openTestDatabase();
  store = new CameraStore({ database });
});
afterAll(() => database?.close());

const PROFILE = {
  name: 'main',
  url: 'rtsp://10.0.0.2/m',
  codec: 'h264',
  width: 2,
  height: 2,
  frameRate: 1,
} as const;

async function add(name: string, change: Partial<NewCamera> = {}): Promise<string> {
  const id = CameraStore.newId();
  await store.create({
    ...AT_HOME,
    id,
    name,
    source: { kind: 'onvif', host: '10.0.0.2', port: 80, transport: 'tcp' },
    sealedPassword: null,
    pull: 'on-demand',
    idleTtlSeconds: 15,
    renditions: [],
    outputs: [],
    onvif: null,
    profiles: [],
    device: null,
    ...change,
  });
  return id;
}

describe('stored cameras', () => {
  it('are read at the start while nobody could, and when they were read before profiles had tokens', async () => {
    await add('never read');
    await add('read long ago', { profiles: [PROFILE] });
    await add('read', { profiles: [{ ...PROFILE, token: 'profile_1' }] });
    await add('nothing to read', { source: { kind: 'rtsp', url: PROFILE.url, transport: 'tcp' } });
    expect((await store.unread()).map(({ name }) => name).sort()).toEqual(['never read', 'read long ago']);
  });

  it('are found by their path name, whole and in small letters', async () => {
    const id = await add('police', { pathName: 'police_17' });
    expect(await store.idNamed('police_17')).toBe(id);
    for (const other of ['police_1', 'police%', 'POLICE_17', ''])
      expect(await store.idNamed(other)).toBeUndefined();
  });
});
