import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CutEvent,
  type CutFrame,
  type CutPart,
  PartCutter,
  type PartCutterOptions,
} from './part-cutter.ts';

const CLOCK = 90_000;
const START = 900_000;

function cutter(options: Partial<PartCutterOptions> = {}): PartCutter<CutFrame> {
  return new PartCutter({
    clockRate: CLOCK,
    startTicks: START,
    partMs: 200,
    minSegmentMs: 1000,
    targetDurationSeconds: 10,
    ...options,
  });
}

function cut(frames: readonly CutFrame[], options: Partial<PartCutterOptions> = {}) {
  const subject = cutter(options);
  const events = frames.flatMap((frame) => subject.push(frame));
  return { subject, events: [...events, ...subject.end()] };
}

const partsOf = (events: readonly CutEvent<CutFrame>[]) =>
  events.filter((event): event is CutPart<CutFrame> => event.kind === 'part');

/** Each segment as its parts, in order. */
function segmentsOf(events: readonly CutEvent<CutFrame>[]): CutPart<CutFrame>[][] {
  const segments: CutPart<CutFrame>[][] = [];
  for (const part of partsOf(events)) {
    if (part.opensSegment) segments.push([]);
    segments.at(-1)?.push(part);
  }
  return segments;
}

function regular(count: number, options: { fps?: number; gop?: number; from?: number } = {}): CutFrame[] {
  const { fps = 15, gop = 30, from = 0 } = options;
  return Array.from({ length: count }, (_, i) => ({
    dtsTicks: from + Math.round((i * CLOCK) / fps),
    key: i % gop === 0,
  }));
}

const seconds = (part: CutPart<CutFrame>) => (part.endTicks - part.startTicks) / CLOCK;

describe('cutting parts', () => {
  it.each([
    [15, 0.2],
    [25, 0.2],
    [30, 0.2],
    [8, 0.25],
    [12.5, 0.24],
    [1, 1],
  ])(
    'sets PART-TARGET at %d frames a second to %d s: the fewest whole frames of at least 200 ms',
    (fps, expected) => {
      const { subject, events } = cut(regular(60, { fps, gop: 20 }));
      expect(subject.partTargetTicks / CLOCK).toBeCloseTo(expected, 4);
      expect(seconds(partsOf(events)[0] as CutPart<CutFrame>)).toBeCloseTo(expected, 4);
    },
  );

  it('publishes a part with its last frame, not with the first of the next', () => {
    const subject = cutter();
    const [first, second, third] = regular(3) as [CutFrame, CutFrame, CutFrame];
    expect(subject.push(first)).toEqual([]);
    expect(subject.push(second)).toEqual([]);
    expect(partsOf(subject.push(third))).toMatchObject([
      { startTicks: START, endTicks: START + 18_000, independent: true, opensSegment: true },
    ]);
  });

  it('needs a single frame for a part of its own when the frame rate was known and is low', () => {
    const subject = cutter({ frameTicks: CLOCK });
    expect(partsOf(subject.push({ dtsTicks: 0, key: true }))).toHaveLength(1);
  });

  it('cuts segments at key frames', () => {
    const { events } = cut(regular(95));
    const segments = segmentsOf(events);
    expect(segments.map((parts) => parts.flatMap((part) => part.samples).length)).toEqual([30, 30, 30, 5]);
    expect(segments.every((parts) => parts[0]?.independent)).toBe(true);
  });

  it('puts GOPs shorter than a second together until they last one', () => {
    const { events } = cut(regular(90, { fps: 30, gop: 12 }));
    expect(segmentsOf(events).map((parts) => parts.flatMap((part) => part.samples).length)).toEqual([
      36, 36, 18,
    ]);
  });

  it('ends a segment between key frames before it outlasts TARGETDURATION, and the next at the first key frame', () => {
    const { events } = cut(regular(150, { gop: 45 }), { targetDurationSeconds: 2 });
    const segments = segmentsOf(events);
    for (const parts of segments) {
      const duration = parts.reduce((sum, part) => sum + seconds(part), 0);
      expect(Math.round(duration)).toBeLessThanOrEqual(2);
    }
    expect(segments.map((parts) => parts[0]?.independent)).toContain(false);
    expect(segments.filter((parts) => parts[0]?.samples[0]?.frame.key)).toHaveLength(4);
  });

  it('takes a lost frame into the duration of its neighbour and leaves no gap', () => {
    const frames = regular(60).filter((_, i) => i !== 3 && i !== 8);
    const { events } = cut(frames);
    const parts = partsOf(events);
    expect(parts.every((part, i) => i === 0 || part.startTicks === parts[i - 1]?.endTicks)).toBe(true);
    expect(parts.at(-1)?.endTicks).toBe(START + 60 * 6000);
  });

  it('calls a jump of the clock a discontinuity, at the next key frame and nowhere else', () => {
    const before = regular(30);
    const after = regular(60, { from: 30 * 6000 + 5 * CLOCK });
    const { events } = cut([...before, ...after]);
    const parts = partsOf(events);
    expect(parts.filter((part) => part.discontinuity).map((part) => part.samples[0]?.frame.dtsTicks)).toEqual(
      [after[0]?.dtsTicks],
    );
    expect(parts.every((part, i) => i === 0 || part.startTicks === parts[i - 1]?.endTicks)).toBe(true);
  });

  it('keeps PART-TARGET when a camera slows down, unless a frame outlasts it', () => {
    const slower = [...regular(30), ...regular(90, { fps: 8, gop: 16, from: 30 * 6000 })];
    expect(cut(slower).subject.partTargetTicks).toBe(18_000);
    const muchSlower = [...regular(30), ...regular(30, { fps: 2, gop: 4, from: 30 * 6000 })];
    const { subject, events } = cut(muchSlower);
    expect(subject.partTargetTicks).toBe(45_000);
    expect(partsOf(events).some((part) => part.discontinuity)).toBe(true);
  });
});

const jittery = fc
  .record({
    fps: fc.constantFrom(5, 8, 10, 12.5, 15, 20, 25, 29.97, 30, 60),
    gop: fc.integer({ min: 1, max: 80 }),
    jitter: fc.array(fc.double({ min: -0.45, max: 0.45, noNaN: true }), { minLength: 40, maxLength: 240 }),
    lost: fc.array(fc.nat({ max: 239 }), { maxLength: 12 }),
    targetDurationSeconds: fc.constantFrom(1, 2, 4, 10),
    known: fc.boolean(),
  })
  .map(({ fps, gop, jitter, lost, ...rest }) => ({
    frames: jitter
      .map((shift, i) => ({
        dtsTicks: Math.round(((i + 1 + shift) * CLOCK) / fps),
        key: i % gop === 0,
      }))
      .filter((_, i) => i === 0 || !lost.includes(i)),
    frameTicks: rest.known ? CLOCK / fps : undefined,
    targetDurationSeconds: rest.targetDurationSeconds,
  }));

describe("whatever the frames' timing", () => {
  it("parts are contiguous, no longer than PART-TARGET and, but for a segment's last, at least 85 % of it", () => {
    fc.assert(
      fc.property(jittery, ({ frames, frameTicks, targetDurationSeconds }) => {
        const { subject, events } = cut(frames, { frameTicks, targetDurationSeconds });
        const target = subject.partTargetTicks;
        let end = START;
        for (const segment of segmentsOf(events)) {
          segment.forEach((part, i) => {
            expect(part.startTicks).toBe(end);
            end = part.endTicks;
            const lasts = part.endTicks - part.startTicks;
            expect(lasts).toBeLessThanOrEqual(target);
            if (i < segment.length - 1) expect(lasts).toBeGreaterThanOrEqual(Math.floor(0.85 * target));
          });
        }
      }),
    );
  });

  it('every frame comes out once, in order, decode times rise, durations fill the part', () => {
    fc.assert(
      fc.property(jittery, ({ frames, frameTicks, targetDurationSeconds }) => {
        const { events } = cut(frames, { frameTicks, targetDurationSeconds });
        const parts = partsOf(events);
        expect(parts.flatMap((part) => part.samples.map((s) => s.frame))).toEqual(frames);
        for (const part of parts) {
          let at = part.startTicks;
          for (const sample of part.samples) {
            expect(sample.decodeTicks).toBe(at);
            expect(sample.durationTicks).toBeGreaterThan(0);
            at += sample.durationTicks;
          }
          expect(at).toBe(part.endTicks);
        }
      }),
    );
  });

  it('segments end before they outlast TARGETDURATION, and those that open with a key frame say so', () => {
    fc.assert(
      fc.property(jittery, ({ frames, frameTicks, targetDurationSeconds }) => {
        const { events } = cut(frames, { frameTicks, targetDurationSeconds });
        for (const segment of segmentsOf(events)) {
          const lasts = segment.reduce((sum, part) => sum + seconds(part), 0);
          expect(Math.round(lasts)).toBeLessThanOrEqual(targetDurationSeconds);
          for (const part of segment) {
            expect(part.independent).toBe(part.samples[0]?.frame.key);
            if (part.discontinuity) expect(part.opensSegment && part.independent).toBe(true);
          }
        }
        expect(events.filter((event) => event.kind === 'segment-end')).toHaveLength(
          segmentsOf(events).length,
        );
      }),
    );
  });

  it("our time line is within a second of the camera's wherever a segment opens with a key frame", () => {
    fc.assert(
      fc.property(jittery, ({ frames, frameTicks }) => {
        const { events } = cut(frames, { frameTicks });
        const parts = partsOf(events);
        if (parts.some((part) => part.discontinuity)) return;
        const first = frames[0]?.dtsTicks ?? 0;
        for (const part of parts.filter((one) => one.opensSegment && one.independent)) {
          const [sample] = part.samples;
          if (sample === undefined) continue;
          const strayed = sample.decodeTicks - START - (sample.frame.dtsTicks - first);
          expect(Math.abs(strayed)).toBeLessThanOrEqual(CLOCK);
        }
      }),
    );
  });
});
