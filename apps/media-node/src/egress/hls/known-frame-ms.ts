import type { Track } from '@vedette/media-types';
import type { Gop } from '../../hub/gop-cache.ts';
import { medianTicks } from './part-target.ts';

const MIN_FRAMES_TO_MEASURE = 4;

/** Median interval of the leading track's frames, ms; undefined where too few are there to tell. */
export function knownFrameMs(gop: Gop, tracks: readonly Track[]): number | undefined {
  const lead = tracks.find((track) => track.kind === 'video') ?? tracks[0];
  if (lead === undefined) return undefined;
  const frames = gop.frames.filter((frame) => frame.trackId === lead.id);
  if (frames.length < MIN_FRAMES_TO_MEASURE) return undefined;
  const intervals = frames.map((frame, i) => frame.dtsTicks - (frames[i - 1]?.dtsTicks ?? frame.dtsTicks));
  return (medianTicks(intervals) * 1000) / lead.clockRate || undefined;
}
