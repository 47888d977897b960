import { CameraId } from '@vedette/contracts';
import { silentLog, VedetteError } from '@vedette/runtime';
import { describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../../tests/support/held-clock.ts';
import { HistoryQueue } from './history-queue.ts';

const GATE = CameraId.parse('gate');
const entry = (n: number) => ({
  at: new Date(n),
  state: 'offline' as const,
  reason: 'camera_offline' as const,
});

function world() {
  const clock = new HeldClock();
  const kept: number[] = [];
  const database = { isAway: false, refuses: -1 };
  const queue = new HistoryQueue({
    store: {
      add: async (_id, { at }) => {
        if (database.isAway) throw new VedetteError('unavailable');
        if (at.getTime() === database.refuses) throw new Error('violates a foreign key');
        kept.push(at.getTime());
      },
      last: async () => new Map(),
      removeBefore: async () => undefined,
    },
    clock,
    log: silentLog(),
  });
  return { clock, database, kept, queue };
}

describe('the history of cameras', () => {
  it('waits for a database that is away, in its order, and nobody waits with it', async () => {
    const { clock, database, kept, queue } = world();
    database.isAway = true;
    for (let n = 0; n < 3; n += 1) await queue.add(GATE, entry(n));
    await clock.pass(60_000);
    expect(kept).toEqual([]);
    database.isAway = false;
    await clock.pass(5000);
    await queue.add(GATE, entry(3));
    expect(kept).toEqual([0, 1, 2, 3]);
  });

  it('is bounded, keeps the oldest, and is not held up by what the database will never take', async () => {
    const { clock, database, kept, queue } = world();
    database.isAway = true;
    for (let n = 0; n < 4000; n += 1) await queue.add(GATE, entry(n));
    database.isAway = false;
    database.refuses = 1;
    await clock.pass(5000);
    expect(kept).toHaveLength(2999);
    expect(kept.slice(0, 2)).toEqual([0, 2]);
  });

  it('is tried once more at the end', async () => {
    const { database, kept, queue } = world();
    database.isAway = true;
    await queue.add(GATE, entry(0));
    database.isAway = false;
    await queue.close();
    expect(kept).toEqual([0]);
  });
});
