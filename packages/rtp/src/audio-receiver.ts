// RTP packets of one audio stream in, a track and its frames in order out, on the time line of its pull.
// What comes from a lost packet is left out, never filled in: whoever plays knows better what silence is.
// Not its job: sockets, decoding, and smoothing the stamps of frames.
import type { AudioTrack, EncodedFrame } from '@vedette/media-types';
import { AacPayload } from './aac-payload.ts';
import type { AudioFormat } from './audio-format.ts';
import type { AudioFacts, AudioPiece, AudioUnpacker } from './audio-payload.ts';
import { CaptureClock } from './capture-clock.ts';
import type { CommonStart } from './common-start.ts';
import { LatmPayload } from './latm-payload.ts';
import { MediaTimeline } from './media-timeline.ts';
import { Mp3Payload } from './mp3-payload.ts';
import { PacketOrder } from './packet-order.ts';
import { ReceptionReport } from './reception-report.ts';
import { parseRtcp } from './rtcp-packet.ts';
import { parseRtpPacket, type RtpPacket } from './rtp-packet.ts';
import { SamplePayload } from './sample-payload.ts';

/** The picture that sound belongs to, ms since the Unix epoch at media time zero; null while it is not known. */
export interface LeadTrack {
  /** By the camera's own clock, from sender reports that agree. */
  senderOffsetMs(): number | null;
  /** By what its frames say. */
  wallOffsetMs(): number | null;
}

export interface AudioReceiverOptions {
  readonly trackId: number;
  readonly format: AudioFormat;
  readonly payloadType: number;
  /** Where the pull begins on the time line of the run, s. */
  readonly firstSeconds: number;
  /** Shared with the other tracks of the pull. */
  readonly start: CommonStart;
  /** The track to follow. */
  readonly lead?: LeadTrack;
  /** UDP: packets may come out of order. */
  readonly unordered: boolean;
  /** Our own SSRC in receiver reports. */
  readonly ssrc: number;
  readonly onTrack: (track: AudioTrack) => void;
  readonly onFrame: (frame: EncodedFrame) => void;
}

export interface AudioReceiverStats {
  readonly packets: number;
  readonly packetsLost: number;
  readonly packetsRepeated: number;
  /** Other payload types, unreadable headers, payloads that contradict themselves. */
  readonly packetsIgnored: number;
  readonly frames: number;
  /** Damaged, or left out where the time line was drawn together. */
  readonly framesDropped: number;
  readonly framesRestamped: number;
}

const UDP_REORDER_DEPTH = 64;
const UDP_REORDER_WAIT_MS = 150;
/** Sound and picture further apart than this are noticed (ITU-R BT.1359). */
const SYNC_TOLERANCE_MS = 40;
/** Reports of one camera that differ by more do not speak of the same clock. */
const SYNC_MAX_MS = 5000;

export class AudioReceiver {
  readonly #options: AudioReceiverOptions;
  readonly #unpacker: AudioUnpacker;
  readonly #order: PacketOrder;
  readonly #report: ReceptionReport;
  readonly #capture: CaptureClock;
  readonly #timeline: MediaTimeline;
  #announced: AudioFacts | undefined;
  /** Samples a second of what is announced. */
  #sampleRate = 0;
  #lastTicks = -1;
  #lastSamples = 0;
  /** What the reports say that the arrival of the first packets did not. */
  #shiftMs = 0;
  #catchingUp = false;
  #arrivalMs = 0;
  #arrivalWallMs = 0;
  #packets = 0;
  #ignored = 0;
  #frames = 0;
  #leftOut = 0;
  #restamped = 0;

  constructor(options: AudioReceiverOptions) {
    this.#options = options;
    const { format, start, unordered } = options;
    this.#unpacker = unpackerFor(format);
    this.#report = new ReceptionReport({ clockRate: format.rtpClockRate, ssrc: options.ssrc });
    this.#capture = new CaptureClock(format.rtpClockRate);
    this.#timeline = new MediaTimeline({
      clockRate: format.rtpClockRate,
      firstTicks: Math.round(options.firstSeconds * format.rtpClockRate),
      start,
    });
    this.#order = new PacketOrder({
      depth: unordered ? UDP_REORDER_DEPTH : 0,
      maxWaitMs: UDP_REORDER_WAIT_MS,
      deliver: (packet, lostBefore) => this.#take(packet, lostBefore),
    });
  }

  /** Announces the track when the SDP told all of it. */
  start(): void {
    this.#announce();
  }

  /** Where the newest frame ends, s; undefined before the first. */
  get endSeconds(): number | undefined {
    return this.#lastTicks < 0 ? undefined : (this.#lastTicks + this.#lastSamples) / this.#sampleRate;
  }

  stats(): AudioReceiverStats {
    return {
      packets: this.#packets,
      packetsLost: this.#order.packetsLost,
      packetsRepeated: this.#order.duplicates,
      packetsIgnored: this.#ignored + this.#unpacker.skipped,
      frames: this.#frames,
      framesDropped: this.#unpacker.damaged + this.#leftOut,
      framesRestamped: this.#timeline.restamped + this.#restamped,
    };
  }

  /** One RTP packet; the bytes must stay untouched until the frame they belong to is out. */
  packet(data: Uint8Array, arrivalMs: number, arrivalWallMs: number): void {
    const packet = parseRtpPacket(data);
    if (packet === null || packet.payloadType !== this.#options.payloadType) {
      this.#ignored += 1;
      return;
    }
    this.#packets += 1;
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
      if (ticks === null || message.wallClockMs === null) continue;
      this.#capture.report(ticks, message.wallClockMs, arrivalWallMs);
      this.#synchronise();
    }
    return bye;
  }

  /** An RTCP receiver report with our name; null before the first packet. */
  receiverReport(nowMs: number): Uint8Array | null {
    return this.#report.build(nowMs);
  }

  #take(packet: RtpPacket, lostBefore: number): void {
    const pieces = this.#unpacker.packet(packet, lostBefore);
    if (pieces.length === 0) return;
    this.#announce();
    const last = pieces.at(-1);
    // What arrives now began as long ago as it lasts: a sample is sent once the last of its packet is there.
    const lastsMs = last === undefined ? 0 : ((last.offset + last.samples) * 1000) / this.#sampleRate;
    this.#options.start.heard(this.#arrivalMs - lastsMs);
    const ticks = this.#timeline.ticks(packet.timestamp, this.#arrivalMs - lastsMs);
    for (const piece of pieces) this.#emit(piece, ticks, this.#arrivalWallMs - lastsMs);
  }

  #emit(piece: AudioPiece, rtpTicks: number, beganWallMs: number): void {
    const { format, trackId, onFrame, lead } = this.#options;
    const rate = this.#sampleRate;
    const capturedTicks = rtpTicks + (piece.offset * format.rtpClockRate) / rate;
    const ownWallMs = this.#capture.wallClockMs(capturedTicks, beganWallMs + (piece.offset * 1000) / rate);
    const leadWallMs = lead?.wallOffsetMs() ?? null;
    let ticks =
      Math.round((rtpTicks * rate) / format.rtpClockRate + (this.#shiftMs * rate) / 1000) + piece.offset;
    // While time is made up for, what would overlap goes as well: a gap is heard less than two frames at once.
    if (this.#catchingUp && ticks < this.#lastTicks + this.#lastSamples) {
      this.#leftOut += 1;
      return;
    }
    if (ticks <= this.#lastTicks) {
      this.#restamped += 1;
      ticks = this.#lastTicks + Math.max(1, this.#lastSamples);
    }
    ticks = Math.max(0, ticks);
    this.#catchingUp = false;
    this.#lastTicks = ticks;
    this.#lastSamples = piece.samples;
    this.#frames += 1;
    onFrame({
      trackId,
      kind: 'audio',
      dtsTicks: ticks,
      ptsTicks: ticks,
      key: true,
      // A copy: a view would keep alive the whole read of the socket that it came in.
      data: new Uint8Array(piece.data),
      parameterSetBytes: 0,
      // The same as of a picture at the same place of the time line: whoever plays both goes by it.
      wallClockMs: leadWallMs === null ? ownWallMs : Math.round(leadWallMs + (ticks * 1000) / rate),
    });
  }

  /** Once both tracks have reports that agree with themselves: moves the sound to its picture, in one step. */
  #synchronise(): void {
    const lead = this.#options.lead?.senderOffsetMs() ?? null;
    const own = this.#capture.senderOffsetMs;
    if (lead === null || own === null) return;
    const shift = own - lead;
    if (Math.abs(shift) > SYNC_MAX_MS || Math.abs(shift - this.#shiftMs) <= SYNC_TOLERANCE_MS) return;
    this.#catchingUp = shift < this.#shiftMs;
    this.#shiftMs = shift;
  }

  #announce(): void {
    const { facts } = this.#unpacker;
    if (facts === undefined || facts === this.#announced) return;
    this.#useRate(facts.sampleRate);
    this.#announced = facts;
    const { format, trackId, onTrack } = this.#options;
    onTrack({
      kind: 'audio',
      id: trackId,
      codec: format.codec,
      clockRate: facts.sampleRate,
      channels: facts.channels,
      ...(facts.config === undefined ? {} : { config: facts.config }),
      ...(format.samples === undefined ? {} : { samples: format.samples }),
    });
  }

  /** What was counted so far is told in the new rate. */
  #useRate(rate: number): void {
    if (this.#sampleRate > 0 && this.#lastTicks >= 0) {
      this.#lastTicks = Math.round((this.#lastTicks * rate) / this.#sampleRate);
      this.#lastSamples = Math.round((this.#lastSamples * rate) / this.#sampleRate);
    }
    this.#sampleRate = rate;
  }
}

function unpackerFor(format: AudioFormat): AudioUnpacker {
  if (format.codec === 'mp3') return new Mp3Payload();
  if (format.codec !== 'aac') return new SamplePayload(format);
  const { aac, config } = format;
  if (aac?.kind === 'latm' && config !== undefined) return new LatmPayload({ config });
  const usual = { kind: 'generic', sizeLength: 13, indexLength: 3, indexDeltaLength: 3 } as const;
  return new AacPayload({ format: aac?.kind === 'generic' ? aac : usual, config });
}
