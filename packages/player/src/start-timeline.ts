/**
 * Milliseconds after `play()` (or after the attempt began) at which each step of a start was over;
 * null for a step that this start did not take.
 */
export interface StartTimeline {
  /** Control answered the start call; 0 when an earlier grant was used again. */
  readonly startAnswerMs: number | null;
  /** The browser's offer was ready. */
  readonly offerMs: number | null;
  /** The node's WHEP answer had arrived. */
  readonly answerMs: number | null;
  readonly iceMs: number | null;
  /** DTLS done: the connection is `connected`. */
  readonly connectedMs: number | null;
  /** The first media playlist (HLS) had been read. */
  readonly playlistMs: number | null;
  /** `requestVideoFrameCallback` of the first picture. */
  readonly firstFrameMs: number | null;
}
