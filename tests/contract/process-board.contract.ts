import { beforeEach, describe, expect, it } from 'vitest';
import type { ProcessBoard } from '../../apps/control-plane/src/state/process-board.ts';
import { eventually } from '../support/eventually.ts';

const NOW = Date.UTC(2026, 0, 1);
const until = (ms: number) => ({ nowMs: NOW, untilMs: NOW + ms });

/** What every board must do; `create` makes those of so many processes, empty. */
export function processBoardContract(
  name: string,
  create: (count: number) => Promise<readonly ProcessBoard[]>,
): void {
  describe(`a board of control processes in ${name}`, () => {
    let one: ProcessBoard;
    let other: ProcessBoard;
    beforeEach(async () => {
      const [first, second] = await create(2);
      if (first === undefined || second === undefined) throw new Error('two boards were asked for');
      [one, other] = [first, second];
    });

    it('shows what every process has put up, until its time', async () => {
      await one.announce([{ key: 'node a', value: '{"by":1}' }], until(3000));
      const both = await other.announce([{ key: 'node b', value: '{"by":2}' }], until(1000));
      expect([...both].sort((a, b) => (a.key < b.key ? -1 : 1))).toEqual([
        { key: 'node a', value: '{"by":1}' },
        { key: 'node b', value: '{"by":2}' },
      ]);
      expect(await one.announce([], { nowMs: NOW + 1000, untilMs: NOW + 4000 })).toEqual([
        { key: 'node a', value: '{"by":1}' },
      ]);
      expect(await one.announce([], { nowMs: NOW + 3000, untilMs: NOW + 4000 })).toEqual([]);
    });

    it('shows the newest of a key, and nothing that was taken down', async () => {
      await one.announce([{ key: 'node a', value: '1' }], until(3000));
      await other.announce([{ key: 'node a', value: '2' }], until(3000));
      expect(await one.announce([], until(1))).toEqual([{ key: 'node a', value: '2' }]);
      await one.withdraw(['node a', 'never there']);
      expect(await other.announce([], until(1))).toEqual([]);
    });

    it('gives a lease to one alone, until its time or its release', async () => {
      const lease = { name: 'duty', ...until(3000) };
      const asked = await Promise.all([
        one.holdLease({ ...lease, owner: 'one' }),
        other.holdLease({ ...lease, owner: 'other' }),
      ]);
      expect(new Set(asked).size).toBe(1);
      const [holder = ''] = asked;
      const loser = holder === 'one' ? 'other' : 'one';
      const later = { name: 'duty', nowMs: NOW + 2000, untilMs: NOW + 5000 };
      expect(await one.holdLease({ ...later, owner: holder })).toBe(holder);
      expect(await one.holdLease({ ...later, nowMs: NOW + 4999, owner: loser })).toBe(holder);
      await one.releaseLease('duty', loser);
      expect(await one.holdLease({ ...later, owner: loser })).toBe(holder);
      await one.releaseLease('duty', holder);
      expect(await one.holdLease({ ...later, owner: loser })).toBe(loser);
      expect(
        await one.holdLease({ name: 'duty', nowMs: NOW + 5000, untilMs: NOW + 6000, owner: holder }),
      ).toBe(holder);
    });

    it('tells the others, in order, and not itself', async () => {
      const heard: string[] = [];
      const own: string[] = [];
      const stop = other.onTold((text) => heard.push(text));
      one.onTold((text) => own.push(text));
      for (let i = 0; i < 100; i++) one.tell(`note ${i} é`);
      await eventually('all was heard', () => heard.length === 100);
      expect(heard).toEqual(Array.from({ length: 100 }, (_, i) => `note ${i} é`));
      expect(own).toEqual([]);
      stop();
      const more: string[] = [];
      other.onTold((text) => more.push(text));
      one.tell('after');
      await eventually('the rest was heard', () => more.length === 1);
      expect(heard).toHaveLength(100);
    });
  });
}
