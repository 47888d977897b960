import type { ReasonCode } from '@vedette/contracts';
import { maskSecrets } from '@vedette/runtime';

/** What a line of MediaMTX's log tells of one path's source. */
export type PullNews =
  | { readonly kind: 'started' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'lost'; readonly packets: number }
  | { readonly kind: 'failed'; readonly reason: ReasonCode; readonly detail: string };

const SOURCE_LINE = /(DEB|INF|WAR|ERR) \[path ([a-z0-9_-]+)\] \[\w+ source\] (.*)$/;

/** Its API does not say why a camera gives no picture; its log does. The words are gortsplib's and Go's. */
const REASONS: readonly (readonly [RegExp, ReasonCode])[] = [
  [/bad status code: 40[13]|authentication/i, 'camera_credentials_rejected'],
  [/bad status code: 404/, 'camera_not_found_on_device'],
  [/bad status code: (453|503)/, 'camera_busy'],
  [/connection refused/, 'camera_refused'],
  [/x509|certificate|fingerprint|tls:/i, 'certificate_rejected'],
  [/no route to host|network is unreachable|no such host|host is down/, 'camera_unreachable'],
  [/UDP timeout|TCP timeout/, 'camera_stalled'],
  [/timed out|timeout|deadline exceeded/, 'camera_timeout'],
  [/EOF|connection reset|broken pipe|use of closed/, 'camera_refused'],
];

/** Undefined for lines that say nothing of a pull. */
export function readPullLog(line: string): { readonly path: string; readonly news: PullNews } | undefined {
  const [, level, path, text] = SOURCE_LINE.exec(line) ?? [];
  if (path === undefined || text === undefined) return undefined;
  if (/^started/.test(text)) return { path, news: { kind: 'started' } };
  if (/^stopped/.test(text)) return { path, news: { kind: 'stopped' } };
  const lost = /^(\d+) RTP packets? lost/.exec(text)?.[1];
  if (lost !== undefined) return { path, news: { kind: 'lost', packets: Number(lost) } };
  if (level !== 'ERR') return undefined;
  const reason = REASONS.find(([words]) => words.test(text))?.[1] ?? 'camera_protocol_error';
  return { path, news: { kind: 'failed', reason, detail: `MediaMTX: ${maskSecrets(text).slice(0, 300)}` } };
}
