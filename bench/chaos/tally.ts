// From blows and pauses to a table: how long viewers were in the dark for each kind of blow, against what they may be.
import type { ToldGap } from '../../tests/support/cluster/crowd-log.ts';
import { type DoublePull, type Span, unexcused } from '../../tests/support/cluster/double-pulls.ts';
import { percentile } from '../measure/process-cost.ts';
import type { BlowKind, Expectation } from './blows.ts';

export interface Blow {
  readonly kind: Pick<BlowKind, 'name' | 'expectation' | 'partition'>;
  readonly victim: string;
  readonly struckMs: number;
  readonly undoneMs: number;
  /** When all was well again; undefined when it was not within its time. */
  readonly wellMs: number | undefined;
  /** Until when what viewers and cameras saw is counted as this blow's. */
  readonly overMs: number;
}

export interface Row {
  readonly kind: string;
  readonly blows: number;
  /** Viewers that were in the dark, over all its blows. */
  readonly dark: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
  readonly boundMs: number;
  readonly wellP95Ms: number;
  readonly doubleSeconds: number;
  readonly broken: readonly string[];
}

/** Simulated substreams have a key frame every four seconds. */
const KEY_FRAME_MS = 4000;
/** A pause of less is a hiccup of a machine that others use too, and no person sees it as black. */
const BLACK_MS = 1000;
/** Of a substream of eight pictures a second, on a busy machine. */
const LAST_PICTURE_MS = 500;
/** A pull ends so long after the partition at most. */
const HEALED_MS = 1000;
/** Cameras tell the end of a connection when they read it. */
const TOLERATED_MS = 100;

/** The most that 95 of 100 viewers may be in the dark. */
export const BOUND_MS: Readonly<Record<Expectation, number>> = {
  stays: BLACK_MS,
  moves: 4000 + KEY_FRAME_MS,
  returns: 2000 + KEY_FRAME_MS,
};

/** How long each viewer was in the dark because of the blow, those that were; of a camera, after its return. */
export function darkMs({ kind, overMs, struckMs, undoneMs }: Blow, gaps: readonly ToldGap[]): number[] {
  const countsFrom = kind.expectation === 'returns' ? undoneMs : struckMs;
  const longest = new Map<string, number>();
  for (const { fromMs, toMs, viewer } of gaps) {
    // The last picture may have come a little before the blow; one that began before that is of the blow before.
    if (toMs < countsFrom || fromMs < struckMs - LAST_PICTURE_MS || fromMs >= overMs - LAST_PICTURE_MS)
      continue;
    const ms = kind.expectation === 'returns' ? toMs - Math.max(fromMs, undoneMs) : toMs - fromMs;
    longest.set(viewer, Math.max(ms, longest.get(viewer) ?? 0));
  }
  return [...longest.values()];
}

/** Undefined without a blow; all of them are of one kind. */
export function rowOf(
  blows: readonly Blow[],
  seen: {
    readonly gaps: readonly ToldGap[];
    readonly doubles: readonly DoublePull[];
    /** Of all blows: one may end in the time of the next. */
    readonly partitions: readonly Span[];
  },
): Row | undefined {
  const { doubles, gaps, partitions } = seen;
  const [first] = blows;
  if (first === undefined) return undefined;
  const { expectation, name } = first.kind;
  const dark = blows.flatMap((blow) => darkMs(blow, gaps));
  const boundMs = BOUND_MS[expectation];
  const p95Ms = dark.length === 0 ? 0 : percentile(dark, 0.95);
  // One that lasts into the next blow is told once, where it began.
  const during = doubles.filter((double) => blows.some((blow) => beganIn(double, blow)));
  const outlasted = blows.filter(({ wellMs }) => wellMs === undefined);
  const broken = [
    ...(p95Ms > boundMs ? [`p95 of the dark is ${Math.round(p95Ms)} ms`] : []),
    ...outlasted.map(({ struckMs, victim }) => `not well after ${victim} at ${clockOf(struckMs)}`),
    ...unexcused(during, partitions, TOLERATED_MS).map(describe),
  ];
  return {
    kind: name,
    blows: blows.length,
    dark: dark.length,
    p50Ms: dark.length === 0 ? 0 : percentile(dark, 0.5),
    p95Ms,
    maxMs: Math.max(0, ...dark),
    boundMs,
    wellP95Ms: percentile(
      blows.map(({ overMs, undoneMs, wellMs }) => (wellMs ?? overMs) - undoneMs),
      0.95,
    ),
    doubleSeconds: during.reduce((sum, { fromMs, toMs }) => sum + (toMs - fromMs) / 1000, 0),
    broken,
  };
}

/**
 * When more viewers had pictures than there are places, in words. A node that is cut off serves on whom it serves, while
 * their places are given away; what a viewer last saw counts as a picture for half a second.
 */
export function overcrowded(
  lit: readonly { readonly atMs: number; readonly viewers: number }[],
  places: number,
  partitions: readonly Span[],
): string[] {
  return lit
    .filter(({ viewers }) => viewers > places)
    .filter(
      ({ atMs }) => !partitions.some(({ fromMs, toMs }) => fromMs <= atMs && atMs <= toMs + LAST_PICTURE_MS),
    )
    .map(({ atMs, viewers }) => `${viewers} viewers had pictures where ${places} may, at ${clockOf(atMs)}`);
}

/** Two pulls at once that belong to no blow. */
export function strayDoubles(doubles: readonly DoublePull[], blows: readonly Blow[]): readonly DoublePull[] {
  const outside = doubles.filter((double) => !blows.some((blow) => beganIn(double, blow)));
  return unexcused(outside, partitionsOf(blows), TOLERATED_MS);
}

export function describe({ camera, clients, fromMs, profile, toMs }: DoublePull): string {
  return `camera ${camera} ${profile} pulled by ${clients.join(' and ')} for ${toMs - fromMs} ms from ${clockOf(fromMs)}`;
}

export function tableOf(rows: readonly Row[]): string {
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  const lines = rows.map((row) =>
    [
      row.kind,
      row.blows,
      row.dark,
      seconds(row.p50Ms),
      seconds(row.p95Ms),
      seconds(row.maxMs),
      seconds(row.boundMs),
      seconds(row.wellP95Ms),
      row.doubleSeconds.toFixed(1),
      row.broken.length === 0 ? 'held' : `BROKEN (${row.broken.length})`,
    ].join(' | '),
  );
  return [
    '| blow | times | viewers dark | p50 s | p95 s | max s | bound s | well after, p95 s | pulled twice, s | |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...lines.map((line) => `| ${line} |`),
  ].join('\n');
}

/** When two pulls at once are allowed. */
export function partitionsOf(blows: readonly Blow[]): Span[] {
  return blows
    .filter(({ kind }) => kind.partition !== 'none')
    .map(({ kind, struckMs, undoneMs }) => {
      const late = kind.partition === 'from cameras' ? undoneMs - struckMs : 0;
      return { fromMs: struckMs, toMs: undoneMs + HEALED_MS + late };
    });
}

function beganIn({ fromMs }: Span, { overMs, struckMs }: Blow): boolean {
  return fromMs >= struckMs && fromMs < overMs;
}

function clockOf(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23);
}
