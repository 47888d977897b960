import type { NodeLoad } from '@vedette/contracts';

/** What a node measures of itself that has nothing to do. */
export const IDLE_LOAD: NodeLoad = {
  cpu: 0,
  memoryBytes: 0,
  egressBitsPerSecond: 0,
  ingressBitsPerSecond: 0,
  eventLoopDelayP99Ms: 0,
  webrtcViewers: 0,
  hlsViewers: 0,
  rtspViewers: 0,
  ffmpeg: { running: 0, queued: 0 },
};
