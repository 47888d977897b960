// RTP and RTCP as bytes: packets in, access units out, and the reports that go with them. Opens no socket.
export type { AacPayloadFormat, AudioFormat } from './audio-format.ts';
export {
  AudioReceiver,
  type AudioReceiverOptions,
  type AudioReceiverStats,
  type LeadTrack,
} from './audio-receiver.ts';
export { CommonStart } from './common-start.ts';
export { PacketOrder, type PacketOrderOptions } from './packet-order.ts';
export { ReceptionReport } from './reception-report.ts';
export { buildReceiverReport, buildSenderReport } from './rtcp-build.ts';
export { parseRtcp, type ReportBlock, type RtcpMessage } from './rtcp-packet.ts';
export { parseRtpPacket, type RtpPacket } from './rtp-packet.ts';
export { RtpPacketizer, type RtpPacketizerOptions, rtpClockRate } from './rtp-packetizer.ts';
export { sequenceDelta, timestampDelta } from './serial-arithmetic.ts';
export { VideoReceiver, type VideoReceiverOptions, type VideoReceiverStats } from './video-receiver.ts';
