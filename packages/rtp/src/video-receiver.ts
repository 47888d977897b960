// RTP packets of one video stream in, a track and whole frames in decode order out.
// What it repairs on the way is written down in docs and tests by camera model.
// Not its job: sockets, RTSP, retries, and who gets the frames.
import { hasRecoveryPoint, parseH264Slice, splitAnnexB, videoFacts } from '@vedette/bitstream';
import type { EncodedFrame, VideoCodec, VideoTrack } from '@vedette/media-types';
import type { AccessUnit } from './access-unit.ts';
import { AccessUnitAssembler } from './access-unit-assembler.ts';
import { canonicalAccessUnit } from './canonical-access-unit.ts';
import { CaptureClock } from './capture-clock.ts';
import type { CommonStart } from './common-start.ts';
import { DecodeOrder } from './decode-order.ts';
import { unpackH264 } from './h264-payload.ts';
import { unpackH265 } from './h265-payload.ts';
import { MediaTimeline } from './media-timeline.ts';
import { H264_RULES, H265_RULES, type NalRules } from './nal-rules.ts';
import { PacketOrder } from './packet-order.ts';
import { ParameterSets } from './parameter-sets.ts';
import { ReceptionReport } from './reception-report.ts';
import { parseRtcp } from './rtcp-packet.ts';
import { parseRtpPacket } from './rtp-packet.ts';

export interface VideoReceiverOptions {
  readonly trackId: number;
  readonly codec: VideoCodec;
  readonly payloadType: number;
  /** Ticks a second; 90000 unless the SDP is odd. */
  readonly clockRate: number;
  /** Raw NAL units from the SDP; unreadable ones are ignored. */
  readonly parameterSets?: readonly Uint8Array[];
  /** Where the first frame stands on the time line of the run, ticks. */
  readonly firstTicks: number;
  /** Shared with the other tracks of the pull, if there are any. */
  readonly start?: CommonStart | undefined;
  /** UDP: packets may come out of order. */
  readonly unordered: boolean;
  /** Our own SSRC in receiver reports. */
  readonly ssrc: number;
  readonly onTrack: (track: VideoTrack) => void;
  readonly onFrame: (frame: EncodedFrame) => void;
}

export interface VideoReceiverStats {
  readonly packets: number;
  readonly packetsLost: number;
  readonly packetsRepeated: number;
  /** Other payload types, unreadable headers, unknown payload forms. */
  readonly packetsIgnored: number;
  readonly frames: number;
  /** Damaged, or of no use because an earlier one was lost. */
  readonly framesDropped: number;
  readonly framesRestamped: number;
}

const UDP_REORDER_DEPTH = 64;
const UDP_REORDER_WAIT_MS = 150;
/** After so long without an IDR a recovery point has to do (intra refresh). */
const RECOVERY_POINT_AFTER_MS = 10_000;
const NO_PREFIX = new Uint8Array();

export class VideoReceiver {
  readonly #options: VideoReceiverOptions;
  readonly #rules: NalRules;
  readonly #order: PacketOrder;
  readonly #assembler: AccessUnitAssembler;
  readonly #sets: ParameterSets;
  readonly #timeline: MediaTimeline;
  readonly #decodeOrder: DecodeOrder;
  readonly #capture: CaptureClock;
  readonly #report: ReceptionReport;
  #announcedVersion = 0;
  #needsKey = true;
  #waitingSinceMs: number | null = null;
  #damagedSeen = 0;
  #lastPts = -1;
  #lastDts: number;
  #arrivalMs = 0;
  #arrivalWallMs = 0;
  #packets = 0;
  #ignored = 0;
  #frames = 0;
  #undecodable = 0;

  constructor(options: VideoReceiverOptions) {
    this.#options = options;
    this.#rules = options.codec === 'h264' ? H264_RULES : H265_RULES;
    this.#sets = new ParameterSets(this.#rules);
    this.#timeline = new MediaTimeline(options);
    this.#decodeOrder = new DecodeOrder({
      depth: 0,
      frameTicks: Math.round(options.clockRate / 50),
      firstTicks: options.firstTicks,
    });
    this.#capture = new CaptureClock(options.clockRate);
    this.#report = new ReceptionReport({ clockRate: options.clockRate, ssrc: options.ssrc });
    this.#lastDts = options.firstTicks;
    this.#assembler = new AccessUnitAssembler({
      rules: this.#rules,
      unpack: options.codec === 'h264' ? unpackH264 : unpackH265,
      onAccessUnit: (unit) => this.#onAccessUnit(unit),
    });
    this.#order = new PacketOrder({
      depth: options.unordered ? UDP_REORDER_DEPTH : 0,
      maxWaitMs: UDP_REORDER_WAIT_MS,
      deliver: (packet, lostBefore) =>
        this.#assembler.packet(packet, lostBefore, this.#arrivalMs, this.#arrivalWallMs),
    });
    for (const nal of options.parameterSets ?? []) this.#offerSet(nal);
  }

  /** Announces the track if the SDP told enough, so that viewers can negotiate before the first key frame. */
  start(): void {
    this.#announce();
  }

  /** Where the newest frame stands, ticks; the next pull of the same run goes on after it. */
  get lastTicks(): number {
    return Math.max(this.#lastDts, this.#lastPts);
  }

  /** Wall time of media time zero by the camera's own clock, ms; null until two sender reports in a row agree. */
  get senderOffsetMs(): number | null {
    return this.#capture.senderOffsetMs;
  }

  stats(): VideoReceiverStats {
    return {
      packets: this.#packets,
      packetsLost: this.#order.packetsLost,
      packetsRepeated: this.#order.duplicates,
      packetsIgnored: this.#ignored + this.#assembler.skippedPayloads,
      frames: this.#frames,
      framesDropped: this.#assembler.damaged + this.#undecodable,
      framesRestamped: this.#timeline.restamped,
    };
  }

  /** One RTP packet; the bytes must stay untouched until the frame they belong to is out. */
  packet(data: Uint8Array, arrivalMs: number, arrivalWallMs: number): void {
    const packet = parseRtpPacket(data);
    // Other payload types share the channel on some cameras (Geovision sends 50).
    if (packet === null || packet.payloadType !== this.#options.payloadType) {
      this.#ignored += 1;
      return;
    }
    this.#packets += 1;
    this.#options.start?.heard(arrivalMs);
    this.#arrivalMs = arrivalMs;
    this.#arrivalWallMs = arrivalWallMs;
    this.#report.received(packet, arrivalMs);
    this.#order.push(packet, arrivalMs);
  }

  /** True when the sender said goodbye. */
  rtcp(data: Uint8Array, arrivalMs: number, arrivalWallMs: number): boolean {
    let bye = false;
    for (const message of parseRtcp(data)) {
      if (message.kind === 'bye') bye = true;
      if (message.kind !== 'sender-report') continue;
      this.#report.senderReport(message, arrivalMs);
      const ticks = this.#timeline.peek(message.rtpTimestamp);
      if (ticks !== null && message.wallClockMs !== null) {
        this.#capture.report(ticks, message.wallClockMs, arrivalWallMs);
      }
    }
    return bye;
  }

  /** An RTCP receiver report with our name; null before the first packet. */
  receiverReport(nowMs: number): Uint8Array | null {
    return this.#report.build(nowMs);
  }

  #onAccessUnit(unit: AccessUnit): void {
    const ticks = this.#timeline.ticks(unit.timestamp, unit.arrivalMs);
    this.#takeParameterSets(unit);
    if (this.#assembler.damaged !== this.#damagedSeen) {
      this.#damagedSeen = this.#assembler.damaged;
      this.#waitForKey();
    }
    const key = unit.hasKeySlice || (this.#needsKey && this.#isRecoveryPoint(unit));
    if ((this.#needsKey && !key) || (key && !this.#sets.complete)) {
      this.#undecodable += 1;
      return;
    }
    const prefix = key ? this.#sets.prefix : NO_PREFIX;
    const data = canonicalAccessUnit(unit, prefix, this.#rules);
    if (data === null) {
      this.#undecodable += 1;
      this.#waitForKey();
      return;
    }
    if (key) {
      this.#needsKey = false;
      this.#waitingSinceMs = null;
      this.#announce();
    }
    this.#lookForReordering(unit, ticks);
    const { dtsTicks, ptsTicks } = this.#decodeOrder.next(ticks);
    this.#lastPts = ticks;
    this.#lastDts = dtsTicks;
    this.#frames += 1;
    this.#options.onFrame({
      trackId: this.#options.trackId,
      kind: 'video',
      dtsTicks,
      ptsTicks,
      key,
      data,
      parameterSetBytes: prefix.length,
      wallClockMs: this.#capture.wallClockMs(ptsTicks, unit.arrivalWallMs),
    });
  }

  #takeParameterSets(unit: AccessUnit): void {
    for (let i = 0; i < unit.kinds.length; i += 1) {
      const kind = unit.kinds[i];
      if (kind === 'sps' || kind === 'pps' || kind === 'vps') this.#sets.offer(kind, unit.unit(i));
    }
  }

  /** Some cameras write start codes into their SDP, too (V380). */
  #offerSet(set: Uint8Array): void {
    for (const nal of splitAnnexB(set)) {
      const kind = this.#rules.kindOf(nal[0] ?? 0);
      if (kind === 'sps' || kind === 'pps' || kind === 'vps') this.#sets.offer(kind, nal);
    }
  }

  #announce(): void {
    if (this.#sets.version === this.#announcedVersion) return;
    const parameterSets = this.#sets.current;
    if (parameterSets === null) return;
    const facts = videoFacts(this.#options.codec, parameterSets.sps);
    if (facts === null) return;
    this.#announcedVersion = this.#sets.version;
    this.#decodeOrder.setDepth(facts.maxReorderFrames ?? 0);
    this.#options.onTrack({
      kind: 'video',
      id: this.#options.trackId,
      codec: this.#options.codec,
      clockRate: this.#options.clockRate,
      parameterSets,
      width: facts.width,
      height: facts.height,
    });
  }

  #waitForKey(): void {
    if (this.#needsKey) return;
    this.#needsKey = true;
    this.#decodeOrder.setDepth(this.#decodeOrder.depth);
  }

  #isRecoveryPoint(unit: AccessUnit): boolean {
    this.#waitingSinceMs ??= unit.arrivalMs;
    if (this.#rules.codec !== 'h264' || unit.arrivalMs - this.#waitingSinceMs < RECOVERY_POINT_AFTER_MS) {
      return false;
    }
    return unit.kinds.some((kind, i) => kind === 'other' && hasRecoveryPoint(unit.unit(i)));
  }

  /** An SPS without a VUI does not announce B frames; a time that goes back on a B slice shows them. */
  #lookForReordering(unit: AccessUnit, ticks: number): void {
    if (ticks >= this.#lastPts || this.#decodeOrder.depth > 0 || this.#rules.codec !== 'h264') return;
    const slice = unit.kinds.indexOf('slice');
    if (slice !== -1 && parseH264Slice(unit.unit(slice))?.type === 'B') this.#decodeOrder.setDepth(2);
  }
}
