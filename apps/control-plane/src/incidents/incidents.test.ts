import { CameraId } from '@vedette/contracts';
import { silentLog } from '@vedette/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../tests/support/held-clock.ts';
import { VICTOR } from '../../../../tests/support/viewing-harness.ts';
import { openTestApp, type TestApp } from '../http/test-app.ts';
import { viewingFixture } from '../streams/viewing.fixture.ts';
import { IncidentBook } from './incident-book.ts';
import type { Incident } from './incident-store.ts';

const setUp = viewingFixture();

describe('cameras of an incident', () => {
  it('are watched in the place of less important ones, whose viewers are told and get what is left', async () => {
    const incident = new Set<string>();
    const { catalog, clock, events, node, start } = await setUp({
      tenantLimits: { quotaGroups: [{ name: 'all', pattern: '*', maxViews: 2 }] },
      incidentOf: (id) => (incident.has(id) ? 'fire' : undefined),
    });
    for (const id of ['a', 'b', 'c']) catalog.add(id);
    node.open(await start('a'));
    const low = await start('b', { by: VICTOR });
    node.open(low, 'victor');
    await expect(start('c')).rejects.toMatchObject({ code: 'quota_exceeded' });
    incident.add('c');
    const urgent = await start('c');
    expect(urgent.decision.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['incident', 'preempted']),
    );
    await clock.pass(30);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'session.ended', sessionId: low.sessionId, reason: 'preempted' }),
    );
    expect(node.engine.sessions.map(({ userId }) => userId)).toEqual(['alice']);
    incident.clear();
    await expect(start('c', { by: VICTOR })).rejects.toMatchObject({ code: 'quota_exceeded' });
  });

  it('may use the connection that a device keeps free', async () => {
    const { catalog, start } = await setUp({ incidentOf: (id) => (id === 'b' ? 'fire' : undefined) });
    catalog.add('a', { host: 'nvr', maxConnections: 2 });
    catalog.add('b', { host: 'nvr2', maxConnections: 2 });
    await start('a', { request: { profile: 'sub' } });
    await expect(start('a', { request: { profile: 'main' } })).rejects.toMatchObject({ code: 'at_capacity' });
    await start('b', { request: { profile: 'sub' } });
    expect((await start('b', { request: { profile: 'main' } })).profile).toBe('main');
  });
});

describe('an incident', () => {
  it('is over when its time is, without anybody being asked', async () => {
    const clock = new HeldClock();
    const going: Incident[] = [];
    const book = new IncidentBook({ store: { going: async () => going }, clock, log: silentLog() });
    going.push({
      id: 'i',
      tenantId: 'home' as never,
      name: 'fire',
      cameraIds: [CameraId.parse('a')],
      begunBy: 'x',
      begunAt: new Date(clock.wallNow()),
      endsAt: new Date(clock.wallNow() + 10_000),
      endedAt: null,
    });
    book.start();
    await clock.pass(2500);
    expect(book.of(CameraId.parse('a'))).toBe('fire');
    expect(book.of(CameraId.parse('b'))).toBeUndefined();
    await clock.pass(8000);
    expect(book.of(CameraId.parse('a'))).toBeUndefined();
    book.close();
  });
});

describe('by the API', () => {
  let t: TestApp;
  let cameraId = '';
  beforeAll(async () => {
    t = await openTestApp();
    const source = { kind: 'rtsp', url: 'rtsp://10.0.0.1/x' };
    cameraId = (await ask('POST', '/cameras', { name: 'Gate', source })).json().id;
  }, 30_000);
  afterAll(() => t[Symbol.asyncDispose]());
  const ask = (method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object, headers = t.admin) =>
    t.app.inject({
      method,
      url: `/api/v1${url}`,
      headers,
      ...(payload === undefined ? {} : { payload }),
    });

  it('an incident is begun, listed, ended once, and written down', async () => {
    const begun = await ask('POST', '/incidents', { name: 'Fire', cameraIds: [cameraId], minutes: 5 });
    expect(begun.statusCode).toBe(201);
    const { id } = begun.json();
    expect((await ask('GET', '/incidents')).json().items).toMatchObject([
      { id, name: 'Fire', endedAt: null },
    ]);
    expect((await ask('DELETE', `/incidents/${id}`)).statusCode).toBe(204);
    expect((await ask('DELETE', `/incidents/${id}`)).statusCode).toBe(404);
    const kinds = async (kind: string) => (await ask('GET', `/audit?kind=${kind}`)).json().items.length;
    expect([await kinds('incident-begun'), await kinds('incident-ended')]).toEqual([1, 1]);
    const unknown = await ask('POST', '/incidents', { name: 'x', cameraIds: ['nosuch'] });
    expect(unknown.json()).toMatchObject({ fields: [{ path: 'cameraIds.0' }] });
  });

  it('an alarm says of each camera what became of it, and an alarm system needs no more than its token', async () => {
    const { secret } = (
      await ask('POST', '/tokens', { name: 'alarms', role: 'operator', scopes: ['alarm.raise'] })
    ).json();
    const system = { authorization: `Bearer ${secret}` };
    const raised = await ask('POST', '/alarms', { cameraIds: [cameraId, 'nosuch'] }, system);
    // There is no node in this test that could pull it.
    expect(raised.json()).toEqual({
      cameras: [
        { id: cameraId, result: 'no-room' },
        { id: 'nosuch', result: 'unknown' },
      ],
    });
    expect((await ask('GET', '/cameras', undefined, system)).statusCode).toBe(403);
  });
});

describe('an alarm', () => {
  it('has the camera pulled before anyone clicks, and left alone when nobody does', async () => {
    const { clock, node, viewing } = await setUp();
    expect(await viewing.warmUp.camera(CameraId.parse('c1'), 60)).toBe('warm');
    await clock.pass(50);
    expect(node.paths).toEqual(['cam_c1']);
    await clock.pass(55_000);
    expect(node.paths).toEqual(['cam_c1']);
    await clock.pass(10_000);
    expect(node.paths).toEqual([]);
  });
});
