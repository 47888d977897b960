import { CameraId } from '@vedette/contracts';
import { silentLog } from '@vedette/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeldClock } from '../../../../tests/support/held-clock.ts';
import { AT_HOME } from './camera-place.fixture.ts';
import type { CameraRecord } from './camera-record.ts';
import { DailyReading, isDue } from './daily-reading.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('the minute of a camera', () => {
  it('comes once a day, however the day is cut into pieces', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z0-9]{1,20}$/),
        fc.integer({ min: 0, max: 4e12 }),
        fc.array(fc.integer({ min: 1, max: 6 * HOUR }), { minLength: 1, maxLength: 20 }),
        (text, start, pieces) => {
          const id = CameraId.parse(text);
          let from = start;
          let times = 0;
          for (const piece of pieces) {
            if (isDue(id, from, from + piece)) times += 1;
            from += piece;
          }
          const days = (from - start) / DAY;
          expect(times).toBeGreaterThanOrEqual(Math.floor(days));
          expect(times).toBeLessThanOrEqual(Math.ceil(days));
        },
      ),
    );
  });
});

describe('ONVIF cameras', () => {
  it('are read once a day each, spread over it; not those that are away, or of another kind', async () => {
    const camera = (id: string, change: Partial<CameraRecord> = {}): CameraRecord => ({
      ...AT_HOME,
      id: CameraId.parse(id),
      name: id,
      source: { kind: 'onvif', host: id, port: 80, transport: 'tcp' },
      sourceRevision: 1,
      sealedPassword: null,
      pull: 'on-demand',
      idleTtlSeconds: 15,
      renditions: [],
      outputs: [],
      profiles: [{ name: 'main', url: 'rtsp://x/', codec: null, width: null, height: null, frameRate: null }],
      device: null,
      onvif: null,
      createdAt: new Date(0),
      updatedAt: new Date(0),
      ...change,
    });
    const many = Array.from({ length: 200 }, (_, i) => camera(`c${i}`));
    const others = [
      camera('away'),
      camera('new', { profiles: [] }),
      camera('rtsp', { source: { kind: 'rtsp', url: 'rtsp://x/', transport: 'tcp' } }),
    ];
    const clock = new HeldClock();
    const read: string[] = [];
    const daily = new DailyReading({
      isMine: () => true,
      cameras: async () => [...many, ...others],
      isAway: (id) => id === 'away',
      read: ({ id }) => read.push(id),
      clock,
      log: silentLog(),
    });
    daily.start();
    for (let i = 0; i < 72; i++) await clock.pass(HOUR / 3);
    expect(new Set(read).size).toBe(read.length);
    expect(read.length).toBeGreaterThanOrEqual(198);
    expect(read).not.toContain('away');
    expect(read).not.toContain('new');
    expect(read).not.toContain('rtsp');
    daily.close();
  });
});
