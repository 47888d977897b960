import type { ConnectionStats } from './media-connection.ts';

/** Seconds between the epochs of NTP (1900) and Unix (1970). */
const NTP_OFFSET_MS = 2_208_988_800_000;
/** Beyond this the two clocks disagree and nothing can be said. */
const PLAUSIBLE_LATENCY_MS = 60_000;

/** The entries of one `RTCPeerConnection.getStats()` that tell about the picture (W3C webrtc-stats). */
export function whepStats(entries: readonly unknown[], wallNowMs: number): ConnectionStats {
  const reports = entries.filter(isReport);
  const video = reports.find((entry) => entry['type'] === 'inbound-rtp' && entry['kind'] === 'video');
  const audio = reports.find((entry) => entry['type'] === 'inbound-rtp' && entry['kind'] === 'audio');
  const received = number(audio?.['bytesReceived']);
  const hasSound = received !== null && received > 0;
  const hasPicture = video !== undefined && (number(video['bytesReceived']) ?? 0) > 0;
  const main = hasPicture || !hasSound ? video : audio;
  const pair = reports.find((entry) => entry['type'] === 'candidate-pair' && entry['nominated'] === true);
  const mimeOf = (entry: Report | undefined) =>
    reports.find(({ id }) => id === entry?.['codecId'])?.['mimeType'];
  const playout = number(main?.['estimatedPlayoutTimestamp']);
  return {
    codec: codecName(mimeOf(video)),
    audioCodec: hasSound ? codecName(mimeOf(audio)) : null,
    framesDecoded: number(video?.['framesDecoded']),
    bytesReceived: sum(number(video?.['bytesReceived']), received),
    framesDropped: number(video?.['framesDropped']),
    packetsLost: number(main?.['packetsLost']),
    jitterMs: milliseconds(main?.['jitter']),
    rttMs: milliseconds(pair?.['currentRoundTripTime']),
    latencyMs: playout === null ? null : plausible(wallNowMs + NTP_OFFSET_MS - playout),
  };
}

type Report = Readonly<Record<string, unknown>>;

function codecName(mime: unknown): string | null {
  return typeof mime === 'string' ? mime.replace(/^\w+\//, '').toLowerCase() : null;
}

function sum(a: number | null, b: number | null): number | null {
  return a === null ? b : a + (b ?? 0);
}

function isReport(value: unknown): value is Report {
  return typeof value === 'object' && value !== null;
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function milliseconds(seconds: unknown): number | null {
  const value = number(seconds);
  return value === null ? null : value * 1000;
}

function plausible(ms: number): number | null {
  return Math.abs(ms) < PLAUSIBLE_LATENCY_MS ? Math.max(0, ms) : null;
}
