// Enters: a stream's pictures, replayed or live. Leaves: paced RTP by libdatachannel, with time stamps of the
// viewer's own. A viewer that cannot follow skips to a key frame. Not its job: feedback, and where frames come from.
import type { EncodedFrame, VideoTrack } from '@vedette/media-types';
import type { Clock } from '@vedette/runtime';
import nodeDataChannel from 'node-datachannel';
import type { AnswerPlan, VideoFormat } from './answer-plan.ts';
import { RtpTimeline } from './rtp-timeline.ts';
import { SendBudget } from './send-budget.ts';
import type { SenderReports } from './sender-reports.ts';

type MediaTrack = InstanceType<typeof nodeDataChannel.Track>;
type PacketizationConfig = InstanceType<typeof nodeDataChannel.RtpPacketizationConfig>;

export interface VideoSenderOptions {
  readonly track: MediaTrack;
  readonly plan: NonNullable<AnswerPlan['video']>;
  readonly ssrc: number;
  readonly cname: string;
  readonly paceBitsPerSecond: number;
  /** RTP time before the first. */
  readonly firstTimestamp: number;
  readonly clock: Clock;
  readonly reports: SenderReports;
}

/** RTP payload that fits every path with SRTP, extensions and an IPv6 tunnel around it. */
const MAX_FRAGMENT_BYTES = 1180;
const NACK_PACKETS = 512;
const PACING_INTERVAL_MS = 5;
const VIDEO_CLOCK_RATE = 90_000;

export class VideoSender {
  readonly #options: VideoSenderOptions;
  readonly #timeline: RtpTimeline;
  readonly #budget: SendBudget;
  #format: VideoFormat | undefined;
  #packetization: PacketizationConfig | undefined;
  #needsKeyFrame = true;
  #bytesSent = 0;
  #framesSent = 0;
  #framesDropped = 0;

  constructor(options: VideoSenderOptions) {
    this.#options = options;
    this.#timeline = new RtpTimeline(options.firstTimestamp);
    this.#budget = new SendBudget(options.paceBitsPerSecond);
  }

  get stats(): { readonly bytesSent: number; readonly framesSent: number; readonly framesDropped: number } {
    return {
      bytesSent: this.#bytesSent,
      framesSent: this.#framesSent,
      framesDropped: this.#framesDropped,
    };
  }

  /** False when nothing was negotiated that this track could be sent as. */
  start(track: VideoTrack): boolean {
    this.discontinuity();
    if (this.#format !== undefined) return this.#format.codec === track.codec;
    this.#format = this.#options.plan.formats.find((format) => format.codec === track.codec);
    if (this.#format === undefined) return false;
    this.#packetization = this.#configuration(this.#format);
    this.#handle(true);
    return true;
  }

  /** The next frame goes on from another place; it has to be a key frame. */
  discontinuity(): void {
    this.#timeline.discontinuity();
    this.#options.reports.remapped();
    this.#needsKeyFrame = true;
  }

  /** What follows is of no use to this viewer until the next key frame. */
  skipToKeyFrame(): void {
    this.#needsKeyFrame = true;
  }

  /** Lost packets are not sent again any more. */
  refuseRetransmissions(): void {
    if (this.#format !== undefined) this.#handle(false);
  }

  replay(frames: readonly EncodedFrame[]): void {
    const now = this.#options.clock.now();
    const timestamps = this.#timeline.replay(frames, now);
    // One report is enough, and the last frame is the one that is live.
    for (const [index, frame] of frames.entries()) {
      this.#send(frame, timestamps[index], now, index === frames.length - 1);
    }
  }

  /** True when the frame was sent. */
  frame(frame: EncodedFrame): boolean {
    return this.#send(frame, undefined, this.#options.clock.now(), true);
  }

  #send(frame: EncodedFrame, replayed: number | undefined, now: number, reported: boolean): boolean {
    if (this.#packetization === undefined || (this.#needsKeyFrame && !frame.key)) {
      this.#framesDropped += 1;
      return false;
    }
    if (!this.#budget.take(frame.data.byteLength, now)) {
      this.#framesDropped += 1;
      this.#needsKeyFrame = true;
      return false;
    }
    this.#needsKeyFrame = false;
    const timestamp = replayed ?? this.#timeline.live(frame, now);
    this.#packetization.timestamp = timestamp;
    try {
      this.#options.track.sendMessageBinary(asBuffer(frame.data));
    } catch {
      // The transport closed between two frames; its own callback tells the rest.
      this.#framesDropped += 1;
      return false;
    }
    this.#framesSent += 1;
    this.#bytesSent += frame.data.byteLength;
    if (reported) {
      this.#options.reports.sent({
        timestamp,
        capturedAtMs: frame.wallClockMs,
        packets: Math.ceil(frame.data.byteLength / MAX_FRAGMENT_BYTES),
        bytes: frame.data.byteLength,
      });
    }
    return true;
  }

  #configuration(format: VideoFormat): PacketizationConfig {
    const { ssrc, cname, plan } = this.#options;
    const configuration = new nodeDataChannel.RtpPacketizationConfig(
      ssrc,
      cname,
      format.payloadType,
      VIDEO_CLOCK_RATE,
    );
    if (plan.playoutDelayId !== undefined) {
      configuration.playoutDelayId = plan.playoutDelayId;
      configuration.playoutDelayMin = 0;
      configuration.playoutDelayMax = 0;
    }
    return configuration;
  }

  /** The same configuration in a new chain goes on with its sequence numbers. */
  #handle(retransmits: boolean): void {
    if (this.#packetization === undefined) return;
    const Packetizer =
      this.#format?.codec === 'h265' ? nodeDataChannel.H265RtpPacketizer : nodeDataChannel.H264RtpPacketizer;
    const chain = new Packetizer('Length', this.#packetization, MAX_FRAGMENT_BYTES);
    if (retransmits) chain.addToChain(new nodeDataChannel.RtcpNackResponder(NACK_PACKETS));
    chain.addToChain(new nodeDataChannel.PacingHandler(this.#options.paceBitsPerSecond, PACING_INTERVAL_MS));
    this.#options.track.setMediaHandler(chain);
  }
}

/** The library takes Buffers only; a view on the same memory, which it copies into packets before it returns. */
function asBuffer(data: Uint8Array): Buffer {
  return Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
