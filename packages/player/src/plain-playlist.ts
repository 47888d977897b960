import type { ReloadMode } from './connection-budget.ts';

/** Seconds between two reloads by the clock of a tile that plays parts. */
const RELOAD_SECONDS = 1;
/** What a request may take, beyond the reload interval, before a tile runs dry. */
const SLACK_SECONDS = 0.5;
const DEFAULT_PART_SECONDS = 0.2;

/**
 * A low-latency media playlist (draft-pantos-hls-rfc8216bis) as a tile should see it that reloads by the clock:
 * no blocking reload, a target duration that makes hls.js reload often enough, and a hold-back that lasts from one
 * reload to the next. Other texts come back as they are.
 */
export function plainPlaylist(text: string, mode: Exclude<ReloadMode, 'blocking'>): string {
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
  return mode === 'parts' ? plain : plain.replace(/^#EXT-X-(?:PART|PART-INF|PRELOAD-HINT):.*\n?/gm, '');
}
