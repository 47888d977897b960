import { VedetteError } from '@vedette/runtime';
import { describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../tests/support/held-clock.ts';
import { LastKnown } from './last-known.ts';

const MINUTE = 60_000;

function world() {
  const clock = new HeldClock();
  const known = new LastKnown<string>({
    freshMs: 5000,
    usableMs: 15 * MINUTE,
    patienceMs: 300,
    max: 3,
    clock,
  });
  const database = {
    answer: 'one' as string | undefined,
    state: 'there' as 'there' | 'away' | 'hangs',
    asked: 0,
  };
  let wake: () => void = () => undefined;
  const ask = (key: string) =>
    known.get(key, async () => {
      database.asked += 1;
      if (database.state === 'away') throw new VedetteError('unavailable');
      if (database.state === 'hangs')
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return database.answer;
    });
  return { ask, clock, database, known, wake: () => wake() };
}

describe('what was last known', () => {
  it('is asked once for many at once, and again when it is no longer fresh', async () => {
    const { ask, clock, database } = world();
    expect(await Promise.all([ask('a'), ask('a'), ask('a')])).toEqual(['one', 'one', 'one']);
    database.answer = 'two';
    await clock.pass(4999);
    expect(await ask('a')).toBe('one');
    await clock.pass(1);
    expect(await ask('a')).toBe('two');
    expect(database.asked).toBe(2);
  });

  it('stands in for a database that is away, a quarter of an hour and no longer', async () => {
    const { ask, clock, database } = world();
    await ask('a');
    database.state = 'away';
    await clock.pass(15 * MINUTE - 1);
    expect(await ask('a')).toBe('one');
    await expect(ask('b')).rejects.toThrow(VedetteError);
    await clock.pass(1);
    await expect(ask('a')).rejects.toThrow(VedetteError);
  });

  it('stands in for a database that hangs, after a moment; the late answer counts from then on', async () => {
    const { ask, clock, database, wake } = world();
    await ask('a');
    await clock.pass(6000);
    database.state = 'hangs';
    database.answer = 'two';
    const first = ask('a');
    await clock.pass(300);
    expect(await first).toBe('one');
    wake();
    await clock.pass(0);
    expect(await ask('a')).toBe('two');
    expect(database.asked).toBe(2);
  });

  it('is over with the answer that there is none, also one that came late', async () => {
    const { ask, clock, database, wake } = world();
    await ask('a');
    await clock.pass(6000);
    database.state = 'hangs';
    database.answer = undefined;
    const first = ask('a');
    await clock.pass(300);
    expect(await first).toBe('one');
    wake();
    await clock.pass(0);
    database.state = 'away';
    expect(await ask('a')).toBeUndefined();
    await clock.pass(5000);
    await expect(ask('a')).rejects.toThrow(VedetteError);
  });

  it('is asked again after a change, and never stands in for what the change was about', async () => {
    const { ask, clock, database, known } = world();
    await ask('a');
    database.answer = 'other';
    await ask('b');
    known.expire((value) => value === 'one');
    database.state = 'away';
    await expect(ask('a')).rejects.toThrow(VedetteError);
    expect(await ask('b')).toBe('other');
    database.state = 'hangs';
    const underWay = ask('c');
    known.expire(() => false);
    database.state = 'away';
    await clock.pass(0);
    await expect(ask('c')).rejects.toThrow(VedetteError);
    void underWay;
  });

  it('is bounded: what was asked for longest ago goes first, and guesses push nothing out', async () => {
    const { ask, clock, database } = world();
    for (const key of ['a', 'b', 'c', 'd']) await ask(key);
    database.answer = undefined;
    for (let i = 0; i < 3000; i++) await ask(`guess ${i}`);
    database.state = 'away';
    await clock.pass(6000);
    for (const key of ['b', 'c', 'd']) expect(await ask(key)).toBe('one');
    await expect(ask('a')).rejects.toThrow(VedetteError);
  });
});
