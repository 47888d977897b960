import type { HlsSegment } from './segment-window.ts';

/** EXT-X-RENDITION-REPORT: saves a player that goes over a round to learn where the other one stands. */
export interface RenditionReport {
  /** Of its media playlist. */
  readonly uri: string;
  readonly sequence: number;
  readonly part: number;
}

export interface MediaPlaylistView {
  readonly targetDurationSeconds: number;
  readonly partTargetSeconds: number;
  /** Every segment that ever was in this playlist began with a key frame. */
  readonly independentSegments: boolean;
  readonly discontinuitySequence: number;
  /** At least one; the last may be incomplete. */
  readonly segments: readonly HlsSegment[];
  /** What stands before every media name, ending in a slash. */
  readonly prefix: string;
  /** Name of the part that comes next. */
  readonly nextPartName: string;
  readonly reports: readonly RenditionReport[];
}

/** Complete segments that keep their parts listed, beside the one that is being made. */
const SEGMENTS_WITH_PARTS = 2;
const SKIP_BOUNDARY_TARGETS = 6;
const PART_HOLD_BACK_TARGETS = 3;
const HOLD_BACK_TARGETS = 3;

/** The low-latency media playlist (draft-pantos-hls-rfc8216bis), which plain players read as well. */
export function mediaPlaylist(view: MediaPlaylistView): string {
  return render(view, 0);
}

/** The same with EXT-X-SKIP instead of what lies before the skip boundary; undefined when nothing does. */
export function deltaPlaylist(view: MediaPlaylistView): string | undefined {
  const skipped = skippable(view);
  return skipped === 0 ? undefined : render(view, skipped);
}

function render(view: MediaPlaylistView, skipped: number): string {
  const { segments, targetDurationSeconds: target } = view;
  const partTarget = roundUp(view.partTargetSeconds);
  let text = `#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:${target}
${view.independentSegments ? '#EXT-X-INDEPENDENT-SEGMENTS\n' : ''}#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=${roundUp(PART_HOLD_BACK_TARGETS * partTarget)},HOLD-BACK=${HOLD_BACK_TARGETS * target},CAN-SKIP-UNTIL=${SKIP_BOUNDARY_TARGETS * target}
#EXT-X-PART-INF:PART-TARGET=${partTarget}
#EXT-X-MEDIA-SEQUENCE:${segments[0]?.sequence ?? 0}
#EXT-X-DISCONTINUITY-SEQUENCE:${view.discontinuitySequence}
`;
  if (skipped > 0) text += `#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}\n`;
  const complete = segments.at(-1)?.complete === false ? segments.length - 1 : segments.length;
  let initVersion: number | undefined;
  for (let i = skipped; i < segments.length; i += 1) {
    const segment = segments[i];
    if (segment === undefined) continue;
    if (segment.discontinuity) text += '#EXT-X-DISCONTINUITY\n';
    if (segment.init.version !== initVersion) {
      text += `#EXT-X-MAP:URI="${view.prefix}${segment.init.name}"\n`;
      initVersion = segment.init.version;
    }
    text += `#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.wallClockMs).toISOString()}\n`;
    if (i >= complete - SEGMENTS_WITH_PARTS) {
      for (const part of segment.parts) {
        text += `#EXT-X-PART:DURATION=${round(part.seconds)},URI="${view.prefix}${part.name}"${part.independent ? ',INDEPENDENT=YES' : ''}\n`;
      }
    }
    if (segment.complete) text += `#EXTINF:${round(segment.seconds)},\n${view.prefix}${segment.name}\n`;
  }
  text += `#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${view.prefix}${view.nextPartName}"\n`;
  for (const { uri, sequence, part } of view.reports)
    text += `#EXT-X-RENDITION-REPORT:URI="${uri}",LAST-MSN=${sequence},LAST-PART=${part}\n`;
  return text;
}

/** Segments that lie wholly before the skip boundary, counted from the end of the playlist. */
function skippable(view: MediaPlaylistView): number {
  let left = SKIP_BOUNDARY_TARGETS * view.targetDurationSeconds;
  for (let i = view.segments.length - 1; i >= 0; i -= 1) {
    if (left <= 0) return i + 1;
    left -= view.segments[i]?.seconds ?? 0;
  }
  return 0;
}

function round(seconds: number): number {
  return Math.round(seconds * 1e5) / 1e5;
}

/** A limit may be rounded up only; the subtraction takes back what binary fractions add. */
function roundUp(seconds: number): number {
  return Math.ceil(seconds * 1e5 - 1e-4) / 1e5;
}
