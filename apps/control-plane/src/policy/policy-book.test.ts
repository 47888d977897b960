import { HOME_TENANT, PolicyRules } from '@vedette/contracts';
import { silentLog } from '@vedette/runtime';
import { describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../tests/support/held-clock.ts';
import { LocalTimes } from '../access/local-time.ts';
import { DEFAULT_RULES } from './default-rules.ts';
import { PolicyBook } from './policy-book.ts';
import type { KeptPolicy } from './policy-store.ts';

function version(number: number, isBroken = false): KeptPolicy {
  const rule = { id: `v${number}`, name: 'A rule', when: { all: [] }, give: { tier: 1 }, reason: 'A test.' };
  const rules = isBroken ? undefined : PolicyRules.parse([rule]);
  return { version: number, rules, author: 'a test', note: '', createdAt: new Date(0) };
}

function world() {
  const clock = new HeldClock();
  const errors: string[] = [];
  const log = silentLog();
  const database = {
    newest: (): Promise<KeptPolicy | undefined> => Promise.resolve(undefined),
    reads: 0,
  };
  const book = new PolicyBook({
    store: {
      newest: () => {
        database.reads += 1;
        return database.newest();
      },
    },
    times: new LocalTimes(),
    clock,
    log: Object.assign(log, { error: (_: unknown, text: string) => void errors.push(text) }),
  });
  const rules = async () => (await book.of(HOME_TENANT)).map(({ rule }) => rule.id);
  return { book, clock, database, errors, rules };
}
const defaults = DEFAULT_RULES.map(({ id }) => id);

describe('the rules in force', () => {
  it('are read once while they are fresh, and the default ones where nobody wrote any', async () => {
    const { database, rules } = world();
    expect(await rules()).toEqual(defaults);
    expect(await rules()).toEqual(defaults);
    expect(database.reads).toBe(1);
  });

  it('are never more than two seconds behind another process, also after an hour without a start', async () => {
    const { clock, database, rules } = world();
    await rules();
    database.newest = async () => version(1);
    await clock.pass(3_600_000);
    expect(await rules()).toEqual(['v1']);
  });

  it('are read in the background from a second on, so that a busy system never waits', async () => {
    const { clock, database, rules } = world();
    await rules();
    database.newest = async () => version(1);
    await clock.pass(1500);
    expect(await rules()).toEqual(defaults);
    await clock.pass(0);
    expect(await rules()).toEqual(['v1']);
  });

  it('are the new ones for the next start after a change, whatever was being read meanwhile', async () => {
    const { book, clock, database, rules } = world();
    database.newest = async () => version(1);
    await rules();
    await clock.pass(1500);
    const late = Promise.withResolvers<KeptPolicy>();
    database.newest = () => late.promise;
    expect(await rules()).toEqual(['v1']);
    database.newest = async () => version(2);
    book.forget(HOME_TENANT);
    expect(await rules()).toEqual(['v2']);
    late.resolve(version(1));
    await clock.pass(0);
    expect(await rules()).toEqual(['v2']);
  });

  it('stay while the database is away, also right after a change', async () => {
    const { book, clock, database, errors, rules } = world();
    database.newest = async () => version(1);
    await rules();
    database.newest = () => Promise.reject(new Error('the database is away'));
    book.forget(HOME_TENANT);
    expect(await rules()).toEqual(['v1']);
    await clock.pass(60_000);
    expect(await rules()).toEqual(['v1']);
    expect(errors).toContain('rules could not be read; those of before hold');
  });

  it('wait half a second for a database that hangs, and not at every start', async () => {
    const { clock, database, rules } = world();
    database.newest = async () => version(1);
    await rules();
    await clock.pass(10_000);
    database.newest = () => new Promise(() => undefined);
    const waiting = rules();
    await clock.pass(500);
    expect(await waiting).toEqual(['v1']);
    expect(await rules()).toEqual(['v1']);
  });

  it('are asked for anew when a database that hung answers again', async () => {
    const { clock, database, rules } = world();
    await rules();
    await clock.pass(10_000);
    database.newest = () => new Promise(() => undefined);
    const waiting = rules();
    await clock.pass(3000);
    await waiting;
    database.newest = async () => version(1);
    await clock.pass(2000);
    expect(await rules()).toEqual(['v1']);
  });

  it('are those that a slow database told in the end', async () => {
    const { clock, database, rules } = world();
    await rules();
    await clock.pass(10_000);
    const slow = Promise.withResolvers<KeptPolicy>();
    database.newest = () => slow.promise;
    const waiting = rules();
    await clock.pass(500);
    expect(await waiting).toEqual(defaults);
    slow.resolve(version(1));
    await clock.pass(0);
    expect(await rules()).toEqual(['v1']);
  });

  it('are refused within three seconds when they were never read and the database hangs', async () => {
    const { clock, database, rules } = world();
    database.newest = () => new Promise(() => undefined);
    const refused = expect(rules()).rejects.toMatchObject({ code: 'unavailable' });
    await clock.pass(3000);
    await refused;
  });

  it('are not taken to be the default ones when they were never read', async () => {
    const { database, rules } = world();
    database.newest = () => Promise.reject(new Error('the database is away'));
    await expect(rules()).rejects.toThrow('away');
    database.newest = async () => version(1);
    expect(await rules()).toEqual(['v1']);
  });

  it('are the default ones where they cannot be read any more, which is said once', async () => {
    const { clock, database, errors, rules } = world();
    database.newest = async () => version(7, true);
    expect(await rules()).toEqual(defaults);
    await clock.pass(10_000);
    await rules();
    expect(errors).toEqual(['kept rules cannot be read; the default ones hold']);
  });
});
