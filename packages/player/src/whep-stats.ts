import type { ConnectionStats } from './media-connection.ts';

/** Seconds between the epochs of NTP (1900) and Unix (1970). */
const NTP_OFFSET_MS = 2_208_988_800_000;
/** Beyond this the two clocks disagree and nothing can be said. */
const PLAUSIBLE_LATENCY_MS = 60_000;

/** The entries of one `RTCPeerConnection.getStats()` that tell about the picture (W3C webrtc-stats). */
export function whepStats(entries: readonly unknown[], wallNowMs: number): ConnectionStats {
  const reports = entries.filter(isReport);
  const video = reports.find((entry) => entry['type'] === 'inbound-rtp' && entry['kind'] === 'video');
  const codec = reports.find((entry) => entry['id'] === video?.['codecId']);
  const pair = reports.find((entry) => entry['type'] === 'candidate-pair' && entry['nominated'] === true);
  const mime = codec?.['mimeType'];
  const playout = number(video?.['estimatedPlayoutTimestamp']);
  return {
    codec: typeof mime === 'string' ? mime.replace(/^video\//i, '').toLowerCase() : null,
    framesDecoded: number(video?.['framesDecoded']),
    bytesReceived: number(video?.['bytesReceived']),
    framesDropped: number(video?.['framesDropped']),
    packetsLost: number(video?.['packetsLost']),
    jitterMs: milliseconds(video?.['jitter']),
    rttMs: milliseconds(pair?.['currentRoundTripTime']),
    latencyMs: playout === null ? null : plausible(wallNowMs + NTP_OFFSET_MS - playout),
  };
}

function isReport(value: unknown): value is Readonly<Record<string, unknown>> {
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
