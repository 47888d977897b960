import type { SegmentWindow } from './segment-window.ts';

/** What a blocking reload waits for: `_HLS_msn` and `_HLS_part` (draft-pantos-hls-rfc8216bis section 6.2.5.2). */
export interface PlaylistPosition {
  readonly sequence: number;
  /** Absent: the whole segment. */
  readonly part?: number | undefined;
}

type Window = Pick<SegmentWindow, 'open' | 'nextSequence' | 'segment'>;

const SEGMENTS_AHEAD = 2;

/** True once the playlist holds the position or a later one. A part past a finished segment is part 0 of the next. */
export function positionIsThere(position: PlaylistPosition, window: Window): boolean {
  const open = window.open;
  const current = open?.sequence ?? window.nextSequence;
  if (position.part === undefined) return position.sequence < current;
  let sequence = position.sequence;
  let part = position.part;
  const asked = sequence < current ? window.segment(sequence) : undefined;
  if (asked !== undefined && part >= asked.parts.length) {
    sequence += 1;
    part = 0;
  }
  return sequence < current || (sequence === current && part < (open?.parts.length ?? 0));
}

/** True where the server must refuse instead of waiting: a player that far ahead is confused. */
export function positionIsTooFar(
  position: PlaylistPosition,
  window: Window,
  partTargetSeconds: number,
): boolean {
  const open = window.open;
  const current = open?.sequence ?? window.nextSequence;
  const last = open === undefined ? current - 1 : current;
  if (position.sequence > last + SEGMENTS_AHEAD) return true;
  if (position.part === undefined || position.sequence < current) return false;
  // The advance part limit: three parts, or as many as make up three seconds.
  const ahead = partTargetSeconds > 0 ? Math.max(3, Math.ceil(3 / partTargetSeconds)) : 15;
  const parts = position.sequence === current ? (open?.parts.length ?? 0) : 0;
  return position.part >= parts + ahead;
}
