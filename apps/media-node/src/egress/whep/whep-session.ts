// One viewer over WebRTC: frames in from the hub, handed to a sender for each kind; feedback in, one end with a reason.
// Not its job: SDP, HTTP, deciding when a viewer has been silent for too long (whep-endpoint.ts asks).
import { createHash, randomInt } from 'node:crypto';
import type { ReasonCode } from '@vedette/contracts';
import type { CloseReason, EncodedFrame, Subscriber, Track } from '@vedette/media-types';
import { parseRtcp, type ReportBlock } from '@vedette/rtp';
import type { Clock } from '@vedette/runtime';
import type nodeDataChannel from 'node-datachannel';
import type { AudioRenditionPort } from '../../hub/audio-rendition-port.ts';
import type { StreamHub } from '../../hub/stream-hub.ts';
import { isUsableCandidate, MAX_CANDIDATES } from '../../webrtc/offer.ts';
import type { AnswerPlan } from './answer-plan.ts';
import { FeedbackLimits } from './feedback-limits.ts';
import type { PeerTracks } from './peer-tracks.ts';
import { PictureOrder } from './picture-order.ts';
import { chooseReplay, paceBitsPerSecond } from './replay-decision.ts';
import { SenderReports } from './sender-reports.ts';
import { SessionSound } from './session-sound.ts';
import { VideoSender } from './video-sender.ts';

type PeerConnection = InstanceType<typeof nodeDataChannel.PeerConnection>;

export interface WhepSessionOptions {
  /** Resource id, unguessable: part of the session's URL. */
  readonly id: string;
  readonly sessionId: string;
  readonly hub: StreamHub;
  /** Of the offer. */
  readonly remoteUfrag: string;
  /** How many candidates came with the offer. */
  readonly candidates: number;
  readonly plan: AnswerPlan;
  readonly connection: PeerConnection;
  readonly tracks: PeerTracks;
  readonly renditions: AudioRenditionPort | undefined;
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

/** A decoder that lost a picture asks several times; one answer serves all. */
const PICTURE_LOSS_INTERVAL_MS = 500;
/** No picture for so long is a camera that stands still. */
const STALE_MS = 1500;
/** After a pause of the camera, a viewer's silence is counted anew. */
const PAUSE_MS = 3000;
const NTP_UNIX_SECONDS = 2_208_988_800;
const VIDEO_CLOCK_RATE = 90_000;
/** A viewer who loses so much, in two reports after one another, has no use for the rest of the group of pictures. */
const HEAVY_LOSS = 0.3;

export class WhepSession implements Subscriber {
  readonly id: string;
  readonly sessionId: string;
  readonly createdAtMs: number;
  /** Of this ICE session, quoted. */
  readonly etag: string;
  readonly remoteUfrag: string;
  readonly #options: WhepSessionOptions;
  readonly #video: VideoSender | undefined;
  readonly #sound: SessionSound | undefined;
  readonly #order = new PictureOrder();
  readonly #limits = new FeedbackLimits();
  #candidates: number;
  #state: WhepStats['state'] = 'connecting';
  /** While the hub replays, pictures are collected, so that their timestamps can end at the live edge. */
  #replaying: EncodedFrame[] | undefined;
  #lastHeardAtMs: number;
  #lastSentAtMs = Number.NEGATIVE_INFINITY;
  #answeredPictureLossAtMs = Number.NEGATIVE_INFINITY;
  #lossyReports = 0;
  #audioBytesSent = 0;
  #packetsLost = 0;
  #rttMs: number | null = null;

  constructor(options: WhepSessionOptions) {
    this.#options = options;
    this.id = options.id;
    this.sessionId = options.sessionId;
    this.etag = `"${createHash('sha256').update(options.id).digest('base64url').slice(0, 16)}"`;
    this.remoteUfrag = options.remoteUfrag;
    this.#candidates = options.candidates;
    this.createdAtMs = options.clock.now();
    this.#lastHeardAtMs = this.createdAtMs;
    const { clock, connection, hub, plan, tracks } = options;
    if (plan.video !== undefined && tracks.video !== undefined) {
      this.#video = new VideoSender({
        track: tracks.video,
        plan: plan.video,
        ssrc: tracks.sources.videoSsrc,
        cname: tracks.sources.cname,
        paceBitsPerSecond: paceBitsPerSecond(hub.stats().bitsPerSecond),
        firstTimestamp: randomInt(2 ** 31),
        clock,
        reports: this.#reports(tracks.sources.videoSsrc, VIDEO_CLOCK_RATE),
      });
    }
    if (plan.audio !== undefined) {
      this.#sound = new SessionSound({
        sessionId: this.id,
        hub,
        plan: plan.audio,
        ssrc: tracks.sources.audioSsrc,
        clock,
        renditions: options.renditions,
        reports: (clockRate) => this.#reports(tracks.sources.audioSsrc, clockRate),
        send: (packet) => this.#transmit(tracks.audio, packet),
        onSent: (bytes) => {
          this.#audioBytesSent += bytes;
          this.#sent();
        },
      });
    }
    const first = tracks.video ?? tracks.audio;
    first?.onOpen(() => this.#opened());
    first?.onClosed(() => this.#end('viewer_left'));
    tracks.video?.onMessage((message) => this.#feedback(message, tracks.sources.videoSsrc));
    tracks.audio?.onMessage((message) => this.#feedback(message, tracks.sources.audioSsrc));
    connection.onStateChange((state) => {
      if (state === 'failed') this.#end(this.#state === 'connecting' ? 'never_connected' : 'viewer_silent');
      else if (state === 'closed') this.#end('viewer_left');
    });
  }

  /**
   * How long frames have gone out without a word from the viewer, ms. While a camera is away nothing goes out,
   * and a viewer who has nothing to report says nothing: then ICE alone tells whether it is there.
   */
  get unansweredMs(): number {
    return this.#lastSentAtMs - this.#lastHeardAtMs;
  }

  stats(): WhepStats {
    const video = this.#video?.stats;
    return {
      state: this.#state,
      bytesSent: (video?.bytesSent ?? 0) + this.#audioBytesSent,
      framesSent: video?.framesSent ?? 0,
      framesDropped: video?.framesDropped ?? 0,
      packetsLost: this.#packetsLost,
      rttMs: this.#rttMs,
    };
  }

  /** Another candidate of the viewer, `candidate:…`; what cannot be used, and more than is checked, is left out. */
  addCandidate(candidate: string): void {
    if (this.#candidates >= MAX_CANDIDATES || !isUsableCandidate(candidate)) return;
    this.#candidates += 1;
    const mid = this.#options.plan.video?.mid ?? this.#options.plan.audio?.mid;
    if (this.#state !== 'closed' && mid !== undefined)
      this.#options.connection.addRemoteCandidate(candidate, mid);
  }

  tracks(tracks: readonly Track[]): void {
    this.#order.reset();
    const video = tracks.find((track) => track.kind === 'video');
    // The stream is not what the answer promised: a new offer is answered with what it is now.
    if (video !== undefined && this.#video?.start(video) === false) {
      this.#end('no_common_codec');
      return;
    }
    // Sound alone where a picture was promised: nothing would ever come. Who has had pictures waits for them.
    if (video === undefined && tracks.length > 0 && this.#video?.stats.framesSent === 0) {
      this.#end('no_common_codec');
      return;
    }
    if (video === undefined) this.#video?.discontinuity();
    this.#sound?.hear(tracks.find((track) => track.kind === 'audio'));
  }

  frame(frame: EncodedFrame): void {
    if (this.#state !== 'connected') return;
    if (frame.kind === 'audio') {
      // Sound of the past is no use to anybody, and would come as one burst.
      if (this.#replaying === undefined) this.#sound?.frame(frame);
      return;
    }
    if (this.#video === undefined) return;
    if (this.#order.reordered(frame)) this.#end('has_b_frames');
    else if (this.#replaying !== undefined) this.#replaying.push(frame);
    else if (this.#video.frame(frame)) this.#sent();
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
    this.#order.reset();
    try {
      hub.subscribe(this, choice);
    } finally {
      this.#replaying = undefined;
    }
    if (this.#state !== 'connected' || replayed.length === 0) return;
    this.#video?.replay(replayed);
    this.#sent();
  }

  #reports(ssrc: number, clockRate: number): SenderReports {
    const { clock, tracks } = this.#options;
    return new SenderReports({
      ssrc,
      cname: tracks.sources.cname,
      clockRate,
      clock,
      send: (report) => this.#transmit(tracks.reports, Buffer.from(report)),
    });
  }

  #sent(): void {
    const now = this.#options.clock.now();
    if (now - this.#lastSentAtMs > PAUSE_MS) this.#lastHeardAtMs = now;
    this.#lastSentAtMs = now;
  }

  #transmit(track: PeerTracks['audio'], packet: Buffer): void {
    try {
      track?.sendMessageBinary(packet);
    } catch {
      // The transport closed between two packets; its own callback tells the rest.
    }
  }

  /** What came for one of our sources; a report on both comes to both. */
  #feedback(message: Buffer, ssrc: number): void {
    if (this.#state !== 'connected') return;
    const now = this.#options.clock.now();
    this.#lastHeardAtMs = now;
    if (!this.#limits.message(now)) {
      this.#end('rate_limited');
      return;
    }
    for (const item of parseRtcp(message)) {
      if (item.kind === 'picture-loss' || item.kind === 'full-intra-request') {
        if (item.mediaSsrc === ssrc) this.#refresh();
      } else if (item.kind === 'nack') {
        if (!this.#limits.retransmissions(item.sequences.length, now)) this.#video?.refuseRetransmissions();
      } else if (item.kind === 'receiver-report' || item.kind === 'sender-report') {
        for (const report of item.reports) if (report.ssrc === ssrc) this.#reported(report);
      }
    }
  }

  /** The decoder lost its way: the cached group of pictures again, as for a viewer who joins. */
  #refresh(): void {
    const now = this.#options.clock.now();
    const sentNothing = (this.#video?.stats.framesSent ?? 0) === 0;
    if (now - this.#answeredPictureLossAtMs < PICTURE_LOSS_INTERVAL_MS || sentNothing) return;
    this.#answeredPictureLossAtMs = now;
    this.#options.hub.unsubscribe(this.id);
    this.#video?.discontinuity();
    this.#join();
  }

  #reported(report: ReportBlock): void {
    if (report.ssrc === this.#options.tracks.sources.videoSsrc) {
      this.#packetsLost = Math.max(0, report.packetsLost);
      this.#lossyReports = report.fractionLost >= HEAVY_LOSS ? this.#lossyReports + 1 : 0;
      if (this.#lossyReports >= 2) this.#video?.skipToKeyFrame();
    }
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
    const { connection, hub, tracks } = this.#options;
    hub.unsubscribe(this.id);
    this.#sound?.close();
    tracks.close();
    connection.close();
    this.#options.onClosed(this, reason);
  }
}
