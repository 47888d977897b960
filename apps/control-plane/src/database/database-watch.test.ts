import { silentLog } from '@vedette/runtime';
import { describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../tests/support/held-clock.ts';
import { DatabaseWatch } from './database-watch.ts';

function world() {
  const clock = new HeldClock();
  const server = { state: 'there' as 'there' | 'refuses' | 'hangs' };
  let probes = 0;
  let away = 0;
  const watch = new DatabaseWatch({
    probe: (signal) => {
      probes += 1;
      if (server.state === 'there') return Promise.resolve();
      if (server.state === 'refuses') return Promise.reject(new Error('refused'));
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    },
    clock,
    random: () => 0.5,
    log: silentLog(),
  });
  watch.onAway(() => {
    away += 1;
  });
  return { clock, server, watch, probes: () => probes, away: () => away };
}

describe('the watch over the database', () => {
  it('asks when something was slow, and says nothing when it answers', async () => {
    const { clock, probes, watch, away } = world();
    watch.suspect();
    watch.suspect();
    await clock.pass(10);
    expect([probes(), away(), watch.isAway]).toEqual([1, 0, false]);
  });

  it('finds one that refuses at once and one that hangs within a second, and tells it once', async () => {
    for (const state of ['refuses', 'hangs'] as const) {
      const { away, clock, server, watch } = world();
      server.state = state;
      watch.suspect();
      await clock.pass(state === 'hangs' ? 999 : 0);
      expect(watch.isAway).toBe(state === 'refuses');
      await clock.pass(1);
      expect(watch.isAway).toBe(true);
      watch.suspect();
      await clock.pass(60_000);
      expect(away()).toBe(1);
    }
  });

  it('asks again and again, less and less often, and finds one that is back within two seconds', async () => {
    const { clock, probes, server, watch } = world();
    server.state = 'refuses';
    watch.suspect();
    await clock.pass(60_000);
    const asked = probes();
    expect(asked).toBeGreaterThan(30);
    expect(asked).toBeLessThan(80);
    server.state = 'there';
    await clock.pass(2000);
    expect(watch.isAway).toBe(false);
    await clock.pass(60_000);
    expect(probes()).toBe(asked + 1);
  });

  it('asks no more once it is closed', async () => {
    const { clock, probes, server, watch } = world();
    server.state = 'refuses';
    watch.suspect();
    await clock.pass(0);
    watch.close();
    await clock.pass(60_000);
    watch.suspect();
    expect(probes()).toBe(1);
  });
});
