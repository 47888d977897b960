// The client side of RTSP 1.0 (RFC 2326): a camera's address in, its media packets out. The only package that opens
// a socket, by a dial function that its user gives. Not its job: retries, who may be dialled, frames.
export { type Challenge, digestAuthorization, parseChallenges } from './authorization.ts';
export { checkRtsp, pingRtsp } from './check-rtsp.ts';
export { type ChosenMedia, chooseMedia, type MediaKind } from './choose-media.ts';
export { InterleavedParser, type RtspEvent } from './interleaved-parser.ts';
export { type Dial, type PlayOptions, playRtsp, type RtspPlayback } from './play-rtsp.ts';
export { type ProbeOutcome, probeRtsp } from './probe-rtsp.ts';
export { RtspError, type RtspStep } from './rtsp-error.ts';
export { controlUrl, sessionBase } from './rtsp-url.ts';
export { parseSdp, type SdpMedia } from './sdp.ts';
export type { PresentedCredentials } from './server/credentials.ts';
export { framePackets } from './server/frame-packets.ts';
export {
  type PacketBatch,
  type ReaderStats,
  type RtspAsk,
  type RtspHandler,
  type RtspMount,
  type RtspReader,
  type RtspRecording,
  RtspRefusal,
} from './server/rtsp-handler.ts';
export { RtspServer, type RtspServerOptions } from './server/rtsp-server.ts';
export { type Description, describeTracks } from './server/write-sdp.ts';
