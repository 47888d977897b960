/** Milliseconds; each was measured or is named by the rules. */
export const TIMING = {
  /** WHEP has answered but ICE has not connected: HLS starts beside it. A connection takes 20-100 ms when it works. */
  fallbackMs: 1500,
  /** The same where WebRTC has worked on this page: a busy machine is likelier than a closed network. */
  fallbackWhenUdpWorksMs: 4000,
  /** The same where the browser found no address to send UDP from. */
  fallbackWhenDoubtfulMs: 150,
  /** Connected but without a picture: longer than the key-frame interval of nearly every camera. */
  overdueMs: 10_000,
  /** So long a picture must last for an outage to count as over. */
  settleMs: 10_000,
} as const;
