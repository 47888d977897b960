import type { EncodedFrame, MediaSource, Track } from '@vedette/media-types';
import { RtspError } from '@vedette/rtsp';
import { beforeEach, describe, expect, it } from 'vitest';
import { SourceError } from '../../apps/media-node/src/ingest/source-error.ts';
import { eventually } from '../support/eventually.ts';

/** A place with one camera, and sources that take its stream: H.264 with 90000 ticks a second, with B frames or not. */
export interface SourceWorld extends AsyncDisposable {
  /** One pull; frames come after `firstTicks` of 90 kHz, when the run goes on. */
  source(firstTicks?: number): MediaSource & { readonly lastTicks: number | undefined };
  /** The same, of a stream that is not there. */
  missing(): MediaSource;
  /** What the source pulls from dies without a word. */
  die(): Promise<void>;
  /** Pulls that were begun since the world was made. */
  pulls(): number;
  /** Connections of the source that are open. */
  sockets(): number | Promise<number>;
}

/** Between the abort and the end of `run`, with the goodbye to the other side. */
const ABORT_MS = 1000;

/** What every MediaSource must do; `create` makes a new world for each test. */
export function mediaSourceContract(name: string, create: () => Promise<SourceWorld>): void {
  describe(`[H1] a source of ${name}`, () => {
    let world: SourceWorld;
    beforeEach(async () => {
      world = await create();
      return () => world[Symbol.asyncDispose]();
    });

    /** Every call to the sink, in order. */
    function run(source: MediaSource) {
      const told: (readonly Track[] | EncodedFrame)[] = [];
      const stop = new AbortController();
      const ended = source
        .run({ tracks: (tracks) => told.push(tracks), frame: (frame) => told.push(frame) }, stop.signal)
        .then(
          () => undefined,
          (error: unknown) => error ?? new Error('rejected with nothing'),
        );
      const frames = () => told.filter((one): one is EncodedFrame => 'wallClockMs' in one);
      return { told, frames, ended, stop: () => stop.abort() };
    }

    const pictures = (running: ReturnType<typeof run>, count: number) =>
      eventually(`${count} frames`, () => running.frames().length >= count);

    it('tells the tracks first, then frames from a key frame on, in decode order, of told tracks only', async () => {
      const running = run(world.source());
      await pictures(running, 20);
      running.stop();
      expect(await running.ended).toBeUndefined();
      const [first] = running.told;
      expect(first).toBeInstanceOf(Array);
      const frames = running.frames();
      expect(frames[0]?.key).toBe(true);
      const last = new Map<number, number>();
      let tracks: readonly Track[] = [];
      for (const one of running.told) {
        if (!('wallClockMs' in one)) {
          tracks = one;
          continue;
        }
        expect(tracks.map(({ id }) => id)).toContain(one.trackId);
        expect(one.dtsTicks).toBeGreaterThanOrEqual(0);
        expect(one.dtsTicks).toBeGreaterThan(last.get(one.trackId) ?? -1);
        last.set(one.trackId, one.dtsTicks);
      }
      expect(frames.some((frame) => !frame.key)).toBe(true);
      // When it was captured, which is not long ago.
      expect(Math.abs(Date.now() - (frames.at(-1)?.wallClockMs ?? 0))).toBeLessThan(5000);
    });

    it('goes on where the run had come to', async () => {
      const from = 90_000_000;
      const source = world.source(from);
      const running = run(source);
      await pictures(running, 2);
      running.stop();
      await running.ended;
      const [first] = running.frames();
      expect(first?.dtsTicks).toBeGreaterThan(from);
      expect(first?.dtsTicks).toBeLessThan(from + 90_000);
      expect(source.lastTicks).toBeGreaterThanOrEqual(running.frames().at(-1)?.dtsTicks ?? Number.NaN);
    });

    it('ends within a second of the abort, says nothing more and leaves no socket', async () => {
      const running = run(world.source());
      await pictures(running, 1);
      expect(await world.sockets()).toBeGreaterThan(0);
      const abortedAt = performance.now();
      running.stop();
      expect(await running.ended).toBeUndefined();
      expect(performance.now() - abortedAt).toBeLessThan(ABORT_MS);
      const count = running.told.length;
      await eventually('no socket is left', async () => (await world.sockets()) === 0);
      expect(running.told).toHaveLength(count);
    });

    it('ends as well when it is aborted before it has begun, and while it is opening', async () => {
      const before = run(world.source());
      before.stop();
      expect(await before.ended).toBeUndefined();
      const opening = run(world.source());
      await new Promise((resolve) => setImmediate(resolve));
      opening.stop();
      expect(await opening.ended).toBeUndefined();
      await eventually('no socket is left', async () => (await world.sockets()) === 0);
    });

    it('throws an error with a code at once when the other side dies, and does not try again', async () => {
      const running = run(world.source());
      await pictures(running, 1);
      const pulls = world.pulls();
      const diedAt = performance.now();
      await world.die();
      const error = await running.ended;
      expect(performance.now() - diedAt).toBeLessThan(ABORT_MS);
      expect(isTyped(error)).toBe(true);
      expect(world.pulls()).toBe(pulls);
      await eventually('no socket is left', async () => (await world.sockets()) === 0);
    });

    it('throws an error with a code when there is no such stream', async () => {
      const running = run(world.missing());
      expect(isTyped(await running.ended)).toBe(true);
      expect(running.frames()).toEqual([]);
      await eventually('no socket is left', async () => (await world.sockets()) === 0);
    });
  });
}

function isTyped(error: unknown): boolean {
  return error instanceof SourceError || error instanceof RtspError;
}
