// One viewer over WebRTC: frames in from the hub, RTP out by libdatachannel; feedback in, one end with a reason.
// Not its job: SDP, HTTP, deciding when a viewer has been silent for too long (whep-endpoint.ts asks).
import { randomInt } from 'node:crypto';
import type { ReasonCode } from '@vedette/contracts';
import type { CloseReason, EncodedFrame, Subscriber, Track } from '@vedette/media-types';
import { parseRtcp, type ReportBlock } from '@vedette/rtp';
import type { Clock } from '@vedette/runtime';
import nodeDataChannel from 'node-datachannel';
import type { StreamHub } from '../../hub/stream-hub.ts';
import type { AnswerPlan } from './answer-plan.ts';
import { chooseReplay, paceBitsPerSecond } from './replay-decision.ts';
import { RtpTimeline } from './rtp-timeline.ts';
import { SendBudget } from './send-budget.ts';

export type HubPort = Pick<StreamHub, 'currentTracks' | 'gop' | 'stats' | 'subscribe' | 'unsubscribe'>;
type PeerConnection = InstanceType<typeof nodeDataChannel.PeerConnection>;
type MediaTrack = InstanceType<typeof nodeDataChannel.Track>;
type PacketizationConfig = InstanceType<typeof nodeDataChannel.RtpPacketizationConfig>;

export interface WhepSessionOptions {
  /** Resource id, unguessable: part of the session's URL. */
  readonly id: string;
  readonly sessionId: string;
  readonly hub: HubPort;
  readonly plan: AnswerPlan;
  readonly connection: PeerConnection;
  readonly clock: Clock;
  readonly onOpen: (session: WhepSession) => void;
  readonly onClosed: (session: WhepSession, reason: ReasonCode) => void;
}

export interface WhepStats {
  readonly state: 'connecting' | 'connected' | 'closed';
  readonly bytesSent: number;
  readonly framesSent: number;
  readonly framesDropped: number;
  readonly packetsLost: number;
  readonly rttMs: number | null;
}

/** RTP payload that fits every path with SRTP, extensions and an IPv6 tunnel around it. */
const MAX_FRAGMENT_BYTES = 1180;
const NACK_PACKETS = 512;
const PACING_INTERVAL_MS = 5;
const VIDEO_CLOCK_RATE = 90_000;
/** A decoder that lost a picture asks several times; one answer serves all. */
const PICTURE_LOSS_INTERVAL_MS = 500;
/** No picture for so long is a camera that stands still. */
const STALE_MS = 1500;
/** After a pause of the camera, a viewer's silence is counted anew. */
const PAUSE_MS = 3000;
const NTP_UNIX_SECONDS = 2_208_988_800;

export class WhepSession implements Subscriber {
  readonly id: string;
  readonly sessionId: string;
  readonly createdAtMs: number;
  readonly #options: WhepSessionOptions;
  readonly #connection: PeerConnection;
  readonly #track: MediaTrack;
  readonly #packetization: PacketizationConfig;
  readonly #timeline = new RtpTimeline(randomInt(2 ** 31));
  readonly #budget: SendBudget;
  #state: WhepStats['state'] = 'connecting';
  /** While the hub replays, frames are collected, so that their timestamps can end at the live edge. */
  #replaying: EncodedFrame[] | undefined;
  #needsKeyFrame = true;
  #lastHeardAtMs: number;
  #lastSentAtMs = Number.NEGATIVE_INFINITY;
  #answeredPictureLossAtMs = Number.NEGATIVE_INFINITY;
  #bytesSent = 0;
  #framesSent = 0;
  #framesDropped = 0;
  #packetsLost = 0;
  #rttMs: number | null = null;

  constructor(options: WhepSessionOptions) {
    this.#options = options;
    this.id = options.id;
    this.sessionId = options.sessionId;
    this.createdAtMs = options.clock.now();
    this.#lastHeardAtMs = this.createdAtMs;
    this.#connection = options.connection;
    const pace = paceBitsPerSecond(options.hub.stats().bitsPerSecond);
    this.#budget = new SendBudget(pace);

    const ssrc = randomInt(1, 2 ** 31);
    const { plan } = options;
    const video = new nodeDataChannel.Video(plan.mid, 'SendOnly');
    if (plan.codec === 'h264') video.addH264Codec(plan.payloadType, plan.fmtp);
    else video.addH265Codec(plan.payloadType);
    // Declared, because feedback for an unknown source never reaches onMessage.
    video.addSSRC(ssrc, 'vedette', 'vedette', 'video');
    this.#track = this.#connection.addTrack(video);
    this.#packetization = new nodeDataChannel.RtpPacketizationConfig(
      ssrc,
      'vedette',
      plan.payloadType,
      VIDEO_CLOCK_RATE,
    );
    if (plan.playoutDelayId !== undefined) {
      this.#packetization.playoutDelayId = plan.playoutDelayId;
      this.#packetization.playoutDelayMin = 0;
      this.#packetization.playoutDelayMax = 0;
    }
    const Packetizer =
      plan.codec === 'h264' ? nodeDataChannel.H264RtpPacketizer : nodeDataChannel.H265RtpPacketizer;
    const chain = new Packetizer('Length', this.#packetization, MAX_FRAGMENT_BYTES);
    // Its reports map the last timestamp to now, which holds here because a replay's stamps end at the live edge.
    chain.addToChain(new nodeDataChannel.RtcpSrReporter(this.#packetization));
    chain.addToChain(new nodeDataChannel.RtcpNackResponder(NACK_PACKETS));
    chain.addToChain(new nodeDataChannel.PacingHandler(pace, PACING_INTERVAL_MS));
    this.#track.setMediaHandler(chain);
    this.#track.onOpen(() => this.#opened());
    this.#track.onClosed(() => this.#end('viewer_left'));
    this.#track.onMessage((message) => this.#feedback(message));
    this.#connection.onStateChange((state) => {
      if (state === 'failed') this.#end(this.#state === 'connecting' ? 'never_connected' : 'viewer_silent');
      else if (state === 'closed') this.#end('viewer_left');
    });
  }

  /**
   * How long pictures have gone out without a word from the viewer, ms. While a camera is away nothing goes out,
   * and a viewer who has nothing to report says nothing: then ICE alone tells whether it is there.
   */
  get unansweredMs(): number {
    return this.#lastSentAtMs - this.#lastHeardAtMs;
  }

  stats(): WhepStats {
    return {
      state: this.#state,
      bytesSent: this.#bytesSent,
      framesSent: this.#framesSent,
      framesDropped: this.#framesDropped,
      packetsLost: this.#packetsLost,
      rttMs: this.#rttMs,
    };
  }

  /** Another candidate of the viewer, as in `a=candidate:`. */
  addCandidate(candidate: string): void {
    if (this.#state !== 'closed') this.#connection.addRemoteCandidate(candidate, this.#options.plan.mid);
  }

  tracks(_tracks: readonly Track[]): void {
    this.#timeline.discontinuity();
    this.#needsKeyFrame = true;
  }

  frame(frame: EncodedFrame): void {
    if (frame.kind !== 'video' || this.#state !== 'connected') return;
    if (this.#replaying !== undefined) this.#replaying.push(frame);
    else this.#send(frame, undefined);
  }

  close(reason: CloseReason | ReasonCode): void {
    this.#end(reason === 'too_slow' ? 'viewer_silent' : reason);
  }

  #opened(): void {
    if (this.#state !== 'connecting') return;
    this.#state = 'connected';
    this.#lastHeardAtMs = this.#options.clock.now();
    this.#options.onOpen(this);
    this.#join();
  }

  /** Subscribes and sends what is cached, so that the viewer has a picture before the next key frame. */
  #join(): void {
    const { hub } = this.#options;
    const { bitsPerSecond, lastFrameAtMs } = hub.stats();
    // A camera that has stopped sending: its cached pictures would move once more and look live.
    const stale = this.#options.clock.wallNow() - (lastFrameAtMs ?? 0) > STALE_MS;
    const choice = stale ? 'none' : chooseReplay(hub.gop(), bitsPerSecond);
    const replayed: EncodedFrame[] = [];
    this.#replaying = replayed;
    try {
      hub.subscribe(this, choice);
    } finally {
      this.#replaying = undefined;
    }
    const timestamps = this.#timeline.replay(replayed);
    for (const [index, frame] of replayed.entries()) this.#send(frame, timestamps[index]);
  }

  #send(frame: EncodedFrame, timestamp: number | undefined): void {
    if (this.#needsKeyFrame && !frame.key) {
      this.#framesDropped += 1;
      return;
    }
    if (!this.#budget.take(frame.data.byteLength, this.#options.clock.now())) {
      this.#framesDropped += 1;
      this.#needsKeyFrame = true;
      return;
    }
    this.#needsKeyFrame = false;
    this.#packetization.timestamp = timestamp ?? this.#timeline.live(frame);
    try {
      this.#track.sendMessageBinary(asBuffer(frame.data));
    } catch {
      // The transport closed between two frames; its own callback tells the rest.
      this.#framesDropped += 1;
      return;
    }
    const now = this.#options.clock.now();
    if (now - this.#lastSentAtMs > PAUSE_MS) this.#lastHeardAtMs = now;
    this.#lastSentAtMs = now;
    this.#framesSent += 1;
    this.#bytesSent += frame.data.byteLength;
  }

  #feedback(message: Buffer): void {
    if (this.#state !== 'connected') return;
    this.#lastHeardAtMs = this.#options.clock.now();
    for (const item of parseRtcp(message)) {
      if (item.kind === 'picture-loss' || item.kind === 'full-intra-request') this.#refresh();
      else if (item.kind === 'receiver-report' || item.kind === 'sender-report') {
        for (const report of item.reports) this.#reported(report);
      }
    }
  }

  /** The decoder lost its way: the cached group of pictures again, as for a viewer who joins. */
  #refresh(): void {
    const now = this.#options.clock.now();
    if (now - this.#answeredPictureLossAtMs < PICTURE_LOSS_INTERVAL_MS || this.#framesSent === 0) return;
    this.#answeredPictureLossAtMs = now;
    this.#options.hub.unsubscribe(this.id);
    this.#timeline.discontinuity();
    this.#needsKeyFrame = true;
    this.#join();
  }

  #reported(report: ReportBlock): void {
    this.#packetsLost = Math.max(0, report.packetsLost);
    if (report.lastSenderReport === 0) return;
    const nowSeconds = this.#options.clock.wallNow() / 1000 + NTP_UNIX_SECONDS;
    const nowMiddle = Math.floor((nowSeconds % 65_536) * 65_536);
    const units = (nowMiddle - report.lastSenderReport - report.delaySinceLastSenderReport) >>> 0;
    // More than half the range is a clock that was set in between.
    if (units < 2 ** 31) this.#rttMs = (units * 1000) / 65_536;
  }

  #end(reason: ReasonCode): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#options.hub.unsubscribe(this.id);
    this.#track.close();
    this.#connection.close();
    this.#options.onClosed(this, reason);
  }
}

/** The library takes Buffers only; a view on the same memory, which it copies into packets before it returns. */
function asBuffer(data: Uint8Array): Buffer {
  return Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
