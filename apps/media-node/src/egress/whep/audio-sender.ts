// Enters: audio frames as the hub has them. Leaves: RTP packets at once, never paced: sound that comes in bursts
// crackles. Not its job: making one codec of another, and when the viewer is connected.
import { opusSamples } from '@vedette/bitstream';
import type { AudioTrack, EncodedFrame } from '@vedette/media-types';
import type { AudioFormat, WebrtcAudioCodec } from './answer-plan.ts';
import type { SenderReports } from './sender-reports.ts';

export interface AudioSenderOptions {
  readonly ssrc: number;
  readonly format: AudioFormat;
  /** The track's clock: the unit of its frames' times. */
  readonly track: AudioTrack;
  readonly stamps: AudioStamps;
  readonly reports: SenderReports;
  readonly send: (packet: Buffer) => void;
}

/** What goes on from one sender to the next of the same source: nobody may see its sequence or time go back. */
export interface AudioStamps {
  sequence: number;
  /** RTP time of the next sample. */
  next: number;
  /** Monotonic ms at which what was sent is over; undefined before the first packet. */
  endsAtMs: number | undefined;
}

/** RTP clock of each codec: RFC 7587 section 4.1, RFC 3551 sections 4.5.2 and 4.5.14. */
export const AUDIO_CLOCK_RATES: Readonly<Record<WebrtcAudioCodec, number>> = {
  opus: 48_000,
  pcmu: 8000,
  pcma: 8000,
  g722: 8000,
};
/** A camera's stamps that stray from its samples by no more are noise; by more, something is missing. */
const GAP_MS = 120;
/** Of G.711 and G.722: 60 ms; longer frames are cut. */
const MAX_SAMPLE_BYTES = 480;
const HEADER_BYTES = 12;
const MAX_PACKET_BYTES = 1200;

export class AudioSender {
  readonly #options: AudioSenderOptions;
  /** Where the next frame is expected, in ticks of the track. */
  #expected: number | undefined;
  #talking = false;

  constructor(options: AudioSenderOptions) {
    this.#options = options;
  }

  get format(): AudioFormat {
    return this.#options.format;
  }

  /** True when the frame was sent. */
  frame(frame: EncodedFrame, nowMs: number): boolean {
    const { format, track, stamps, reports } = this.#options;
    const rate = AUDIO_CLOCK_RATES[format.codec];
    const samples = format.codec === 'opus' ? opusSamples(frame.data) : frame.data.byteLength;
    if (samples === 0 || (format.codec === 'opus' && frame.data.byteLength > MAX_PACKET_BYTES)) return false;
    const joined = this.#catchUp(frame, nowMs, rate);
    if (joined) reports.remapped();
    const timestamp = stamps.next;
    const size = format.codec === 'opus' ? frame.data.byteLength : MAX_SAMPLE_BYTES;
    let packets = 0;
    for (let at = 0; at < frame.data.byteLength; at += size) {
      this.#packet(frame.data.subarray(at, at + size), (timestamp + at) >>> 0, joined && at === 0);
      packets += 1;
    }
    stamps.next = (timestamp + samples) >>> 0;
    stamps.endsAtMs = nowMs + (samples * 1000) / rate;
    this.#expected = frame.ptsTicks + Math.round((samples * track.clockRate) / rate);
    reports.sent({
      timestamp,
      capturedAtMs: frame.wallClockMs,
      packets,
      bytes: frame.data.byteLength,
    });
    return true;
  }

  /** Time goes on by samples; only over a gap it follows the camera, and over a new beginning the clock. */
  #catchUp(frame: EncodedFrame, nowMs: number, rate: number): boolean {
    const { stamps, track } = this.#options;
    if (this.#expected === undefined) {
      const elapsed = stamps.endsAtMs === undefined ? 0 : nowMs - stamps.endsAtMs;
      stamps.next = (stamps.next + Math.max(0, Math.round((elapsed * rate) / 1000))) >>> 0;
      return true;
    }
    const gapMs = ((frame.ptsTicks - this.#expected) * 1000) / track.clockRate;
    if (gapMs > GAP_MS) stamps.next = (stamps.next + Math.round((gapMs * rate) / 1000)) >>> 0;
    return gapMs > GAP_MS;
  }

  /** The marker tells where sound begins after a silence (RFC 3551 section 4.1). */
  #packet(payload: Uint8Array, timestamp: number, begins: boolean): void {
    const { ssrc, format, stamps, send } = this.#options;
    const packet = Buffer.allocUnsafe(HEADER_BYTES + payload.byteLength);
    packet.writeUInt8(0x80, 0);
    packet.writeUInt8((begins || !this.#talking ? 0x80 : 0) | format.payloadType, 1);
    packet.writeUInt16BE(stamps.sequence, 2);
    packet.writeUInt32BE(timestamp, 4);
    packet.writeUInt32BE(ssrc, 8);
    packet.set(payload, HEADER_BYTES);
    stamps.sequence = (stamps.sequence + 1) & 0xffff;
    this.#talking = true;
    send(packet);
  }
}
