import { CameraId } from '@vedette/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECK_EVERY_MS, HealthSchedule } from './health-schedule.ts';

const cameras = (count: number, hosts = count) =>
  Array.from({ length: count }, (_, i) => ({ id: CameraId.parse(`c${i}`), host: `h${i % hosts}` }));

describe('the round of questions', () => {
  it('asks a thousand cameras once each, spread over it', () => {
    const schedule = new HealthSchedule();
    schedule.use(cameras(1000), 0);
    const bySecond: number[] = [];
    const asked = new Set<string>();
    for (let now = 0; now < CHECK_EVERY_MS; now += 1000) {
      const due = schedule.due(now, 1000, new Set());
      bySecond.push(due.length);
      for (const id of due) {
        expect(asked.has(id)).toBe(false);
        asked.add(id);
        schedule.again(id, now, CHECK_EVERY_MS);
      }
    }
    expect(asked.size).toBeGreaterThan(990);
    // 3.3 a second on average.
    expect(Math.max(...bySecond)).toBeLessThan(16);
  });

  it('asks one host one question at a time, and no more than it is told', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 0, max: 6 }),
        (count, hosts, most) => {
          const schedule = new HealthSchedule();
          const all = cameras(count, hosts);
          schedule.use(all, 0);
          const due = schedule.due(CHECK_EVERY_MS, most, new Set(['h0']));
          const asked = due.map((id) => all.find((camera) => camera.id === id)?.host);
          expect(due.length).toBeLessThanOrEqual(most);
          expect(new Set(asked).size).toBe(due.length);
          expect(asked).not.toContain('h0');
        },
      ),
    );
  });

  it('keeps the place of a camera that stays, and forgets one that is gone', () => {
    const schedule = new HealthSchedule();
    schedule.use(cameras(2), 0);
    schedule.again(CameraId.parse('c0'), 0, 60_000);
    schedule.use(cameras(1), 1000);
    expect(schedule.due(59_999, 9, new Set())).toEqual([]);
    expect(schedule.due(60_000, 9, new Set())).toEqual(['c0']);
  });
});
