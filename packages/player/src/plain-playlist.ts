import type { ReloadMode } from './connection-budget.ts';

/** Seconds between two reloads by the clock of a tile that plays parts. */
const RELOAD_SECONDS = 1;
/** What a request may take, beyond the reload interval, before a tile runs dry. */
const SLACK_SECONDS = 0.5;
const DEFAULT_PART_SECONDS = 0.2;

/**
 * A low-latency media playlist (draft-pantos-hls-rfc8216bis) as a tile should see it that reloads by the clock:
 * no blocking reload, a target duration that makes hls.js reload often enough, and a hold-back that lasts from one
 * reload to the next. `first` is true for the first playlist of a connection. Other texts come back as they are.
 */
export function plainPlaylist(text: string, mode: Exclude<ReloadMode, 'blocking'>, first: boolean): string {
  if (!text.includes('#EXT-X-TARGETDURATION:')) return text;
  const longest = Math.max(0, ...[...text.matchAll(/^#EXTINF:([\d.]+)/gm)].map((match) => Number(match[1])));
  const segment = longest > 0 ? longest : Number(/^#EXT-X-TARGETDURATION:(\d+)/m.exec(text)?.[1] ?? 2);
  const part = Number(/^#EXT-X-PART-INF:.*?PART-TARGET=([\d.]+)/m.exec(text)?.[1] ?? DEFAULT_PART_SECONDS);
  const reload = mode === 'parts' ? RELOAD_SECONDS : Math.ceil(segment);
  const unit = mode === 'parts' ? part : segment;
  const holdBack = (reload + unit + SLACK_SECONDS).toFixed(3);
  const plain = text
    .replace(/^#EXT-X-TARGETDURATION:.*$/m, `#EXT-X-TARGETDURATION:${reload}`)
    .replace(
      /^#EXT-X-SERVER-CONTROL:.*$/m,
      `#EXT-X-SERVER-CONTROL:HOLD-BACK=${holdBack}${mode === 'parts' ? `,PART-HOLD-BACK=${holdBack}` : ''}`,
    );
  if (mode === 'segments') return plain.replace(/^#EXT-X-(?:PART|PART-INF|PRELOAD-HINT):.*\n?/gm, '');
  return first ? withinReach(plain) : plain;
}

/**
 * hls.js 1.7 begins with whole segments, and turns to parts only where the segment that is still being made is no
 * longer than the listed parts before it; otherwise it waits for that segment's end, a whole GOP. So the first playlist
 * ends where it will turn; the next one, a second later, brings the rest.
 */
function withinReach(text: string): string {
  const lines = text.split('\n');
  const end = lines.findLastIndex((line) => line.startsWith('#EXTINF:'));
  const before = lines.slice(0, end).flatMap(partSeconds);
  let left = before.reduce((sum, seconds) => sum + seconds, 0) - (before[0] ?? 0);
  if (before.length === 0) return text;
  const kept = lines.filter((line, index) => {
    const [seconds] = index > end ? partSeconds(line) : [];
    if (seconds !== undefined) left -= seconds;
    return seconds === undefined || left >= 0;
  });
  return kept.join('\n');
}

function partSeconds(line: string): number[] {
  const seconds = /^#EXT-X-PART:.*?DURATION=([\d.]+)/.exec(line)?.[1];
  return seconds === undefined ? [] : [Number(seconds)];
}
