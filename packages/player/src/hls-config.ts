import type { HlsConfig } from 'hls.js';

/**
 * hls.js for one live camera: one quality, little buffer, no worker (fMP4 passes through unchanged, and fifty tiles
 * would be fifty threads). How far behind the edge to play is said by the playlist's PART-HOLD-BACK.
 */
export const HLS_CONFIG: Partial<HlsConfig> = {
  lowLatencyMode: true,
  enableWorker: false,
  startFragPrefetch: true,
  testBandwidth: false,
  backBufferLength: 8,
  maxBufferLength: 8,
  maxMaxBufferLength: 16,
  liveDurationInfinity: true,
  liveSyncOnStallIncrease: 0.1,
  detectStallWithCurrentTimeMs: 600,
  enableDateRangeMetadataCues: false,
  enableEmsgMetadataCues: false,
  manifestLoadPolicy: {
    default: {
      maxTimeToFirstByteMs: 12_000,
      maxLoadTimeMs: 15_000,
      timeoutRetry: { maxNumRetry: 1, retryDelayMs: 0, maxRetryDelayMs: 0 },
      errorRetry: { maxNumRetry: 3, retryDelayMs: 250, maxRetryDelayMs: 1000 },
    },
  },
  playlistLoadPolicy: {
    default: {
      maxTimeToFirstByteMs: 12_000,
      maxLoadTimeMs: 15_000,
      timeoutRetry: { maxNumRetry: 2, retryDelayMs: 0, maxRetryDelayMs: 0 },
      errorRetry: { maxNumRetry: 2, retryDelayMs: 250, maxRetryDelayMs: 1000 },
    },
  },
};
