import type { BrowserProtocol, ProfileName } from '@vedette/contracts';

/** Of the picture on screen, over the time since the previous call; what the browser does not tell is null. */
export interface PlayerStats {
  readonly protocol: BrowserProtocol;
  readonly profile: ProfileName;
  /** Of the picture; null without one. */
  readonly codec: string | null;
  readonly audioCodec: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly framesPerSecond: number | null;
  readonly bitsPerSecond: number | null;
  /** Since this connection began. */
  readonly framesDropped: number | null;
  readonly packetsLost: number | null;
  readonly jitterMs: number | null;
  readonly rttMs: number | null;
  /** Camera (or node) clock to screen, when the stream carries wall time; trusts both clocks. */
  readonly latencyMs: number | null;
}
