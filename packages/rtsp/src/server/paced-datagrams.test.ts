import { describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../tests/support/held-clock.ts';
import { PacedDatagrams } from './paced-datagrams.ts';

const packets = (count: number) => Array.from({ length: count }, () => Buffer.alloc(1400));

function pace() {
  const clock = new HeldClock();
  const at: number[] = [];
  let ready = 0;
  const paced = new PacedDatagrams({
    clock,
    send: () => at.push(clock.now()),
    onReady: () => {
      ready += 1;
    },
  });
  return { clock, at, paced, ready: () => ready };
}

describe('datagrams', () => {
  it('of a usual picture go out at once', () => {
    const { at, paced } = pace();
    expect(paced.send(packets(20))).toBe(true);
    expect(at).toHaveLength(20);
  });

  it('of a large one are spread, in order, and it is told when all are out', async () => {
    const { at, clock, paced, ready } = pace();
    expect(paced.send(packets(400))).toBe(false);
    expect(at.length).toBeLessThan(50);
    await clock.pass(200);
    expect(at).toHaveLength(400);
    // 560 kB at 50 Mbit/s.
    expect(at.at(-1)).toBeGreaterThanOrEqual(70);
    expect(at.at(-1)).toBeLessThanOrEqual(100);
    expect(ready()).toBe(1);
  });

  it('stop when it is closed', async () => {
    const { at, clock, paced, ready } = pace();
    paced.send(packets(400));
    const before = at.length;
    paced.close();
    await clock.pass(1000);
    expect(at).toHaveLength(before);
    expect(ready()).toBe(0);
  });
});
