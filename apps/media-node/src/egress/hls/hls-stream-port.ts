import type { StreamHub } from '../../hub/stream-hub.ts';

/** What HLS needs of a stream that exists on this node, pulled or not yet. */
export interface HlsStreamPort {
  readonly hub: StreamHub;
  /** The camera's key-frame interval as remembered from earlier runs, ms. */
  readonly rememberedGopMs?: number | undefined;
}
