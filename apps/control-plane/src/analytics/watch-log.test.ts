import { type AuditEvent, HOME_TENANT, SessionId } from '@vedette/contracts';
import { silentLog, VedetteError } from '@vedette/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../tests/support/held-clock.ts';
import { WatchLog } from './watch-log.ts';
import { type WatchRow, watchRowOf } from './watch-row.ts';

const open: WatchLog[] = [];
afterEach(async () => {
  for (const log of open.splice(0)) await log.close();
});

function setUp(audited: readonly AuditEvent[] = []) {
  const clock = new HeldClock();
  const rows = new Map<string, WatchRow>();
  const calls = { add: 0, forget: [] as number[], from: [] as Date[] };
  const world = { away: false };
  const log = new WatchLog({
    store: {
      async add(added) {
        if (world.away) throw new VedetteError('unavailable');
        calls.add += 1;
        for (const row of added) if (!rows.has(row.sessionId)) rows.set(row.sessionId, row);
      },
      newest: async () =>
        [...rows.values()].map(({ endedAt }) => endedAt).sort((a, b) => Number(b) - Number(a))[0],
      refreshStatistics: async () => undefined,
      async forget(_before, limit) {
        calls.forget.push(limit);
        return calls.forget.length < 3 ? limit : 0;
      },
    },
    async *ends(from) {
      calls.from.push(from);
      yield* audited.filter(({ at }) => at >= from.getTime());
    },
    clock,
    log: silentLog(),
  });
  open.push(log);
  return { calls, clock, log, rows, world };
}

function ended(sessionId: string, data: Record<string, unknown> = {}): AuditEvent {
  return {
    kind: 'view-ended',
    at: Date.UTC(2026, 0, 1),
    tenantId: HOME_TENANT,
    actor: { kind: 'user', id: 'u1', name: 'Anna' },
    clientAddress: null,
    requestId: null,
    cameraId: 'c1',
    sessionId,
    data: {
      connected: true,
      protocol: 'webrtc',
      profile: 'main',
      seconds: 12.5,
      startedAt: '2026-01-01T00:00:00.000Z',
      endedAt: '2026-01-01T00:00:12.500Z',
      pictureSeconds: 9.6,
      bytesSent: 1000,
      ...data,
    },
  };
}

describe('watchRowOf', () => {
  it('takes the seconds of pictures, else those connected, else those of the view', () => {
    expect(watchRowOf(ended('s1'))).toMatchObject({ seconds: 10, bytesSent: 1000, userId: 'u1' });
    expect(watchRowOf(ended('s1', { pictureSeconds: null, connectedSeconds: 11 }))?.seconds).toBe(11);
    const old = { pictureSeconds: undefined, startedAt: undefined, endedAt: undefined, bytesSent: undefined };
    expect(watchRowOf(ended('s1', old))).toMatchObject({
      seconds: 13,
      bytesSent: 0,
      startedAt: new Date(Date.UTC(2026, 0, 1) - 12_500),
    });
  });

  it('takes no view that never connected, nor anything else', () => {
    expect(watchRowOf(ended('s1', { connected: false }))).toBeUndefined();
    expect(watchRowOf({ ...ended('s1'), kind: 'view-started' })).toBeUndefined();
    expect(watchRowOf({ ...ended('s1'), actor: null })).toBeUndefined();
  });
});

describe('WatchLog', () => {
  it('stores together what ends at about the same time', async () => {
    const { calls, clock, log, rows } = setUp();
    for (let i = 0; i < 40; i += 1) log.add(ended(`s${i}`));
    expect(rows.size).toBe(0);
    await clock.pass(500);
    expect(rows.size).toBe(40);
    expect(calls.add).toBe(1);
  });

  it('keeps what could not be stored, up to a bound, and makes up for the rest from the audit', async () => {
    const all = Array.from({ length: 20_500 }, (_, i) => ended(`s${i}`));
    const { clock, log, rows, world } = setUp(all);
    world.away = true;
    for (const event of all) log.add(event);
    await clock.pass(1000);
    world.away = false;
    await clock.pass(6000);
    expect(rows.size).toBe(20_000);
    await log.rebuild();
    expect(rows.size).toBe(20_500);
  });

  it('begins with the audit a little before the newest line, or as far back as anything is kept', async () => {
    const { calls, clock, log } = setUp();
    await log.rebuild();
    expect(calls.from[0]).toEqual(new Date(clock.wallNow() - 400 * 86_400_000));
    log.add(ended(SessionId.parse('s1')));
    await log.settled();
    await log.rebuild();
    expect(calls.from[1]).toEqual(new Date(Date.parse('2026-01-01T00:00:12.500Z') - 3_600_000));
  });

  it('forgets daily, in small bites', async () => {
    const { calls, clock, log } = setUp();
    log.start();
    await clock.pass(1000);
    expect(calls.forget).toEqual([1000, 1000, 1000]);
    await clock.pass(86_400_000);
    expect(calls.forget).toHaveLength(4);
  });
});
