import { buildReceiverReport } from './rtcp-build.ts';
import type { RtpPacket } from './rtp-packet.ts';
import { sequenceDelta } from './serial-arithmetic.ts';

/** What RFC 3550 appendix A.3 and A.8 want counted of one sender, for our receiver reports. */
export class ReceptionReport {
  readonly #ticksPerMs: number;
  readonly #ssrc: number;
  #senderSsrc = 0;
  #firstSequence = -1;
  /** With the number of wraps in the upper bits. */
  #highest = 0;
  #received = 0;
  #receivedBefore = 0;
  #expectedBefore = 0;
  #transit = 0;
  #jitter = 0;
  #lastReport = 0;
  #lastReportAtMs = 0;

  constructor(options: { readonly clockRate: number; readonly ssrc: number }) {
    this.#ticksPerMs = options.clockRate / 1000;
    this.#ssrc = options.ssrc;
  }

  received(packet: RtpPacket, arrivalMs: number): void {
    const transit = Math.trunc(arrivalMs * this.#ticksPerMs) - packet.timestamp;
    if (this.#firstSequence < 0 || packet.ssrc !== this.#senderSsrc) {
      this.#senderSsrc = packet.ssrc;
      this.#firstSequence = packet.sequence;
      this.#highest = packet.sequence;
      this.#received = 0;
      this.#receivedBefore = 0;
      this.#expectedBefore = 0;
      this.#jitter = 0;
    } else {
      const ahead = sequenceDelta(packet.sequence, this.#highest & 0xffff);
      if (ahead > 0) this.#highest += ahead;
      const difference = Math.abs(transit - this.#transit);
      // A wrap or a jump of the camera's clock is no jitter.
      if (difference < 0x100_0000) this.#jitter += (difference - this.#jitter) / 16;
    }
    this.#transit = transit;
    this.#received += 1;
  }

  senderReport(report: { readonly ntpMiddle: number }, arrivalMs: number): void {
    this.#lastReport = report.ntpMiddle;
    this.#lastReportAtMs = arrivalMs;
  }

  /** Of the sender that is heard now. */
  get packetsLost(): number {
    return this.#firstSequence < 0
      ? 0
      : Math.max(0, this.#highest - this.#firstSequence + 1 - this.#received);
  }

  /** Null before the first packet. */
  build(nowMs: number): Uint8Array | null {
    if (this.#firstSequence < 0) return null;
    const expected = this.#highest - this.#firstSequence + 1;
    const expectedNow = expected - this.#expectedBefore;
    const lostNow = expectedNow - (this.#received - this.#receivedBefore);
    this.#expectedBefore = expected;
    this.#receivedBefore = this.#received;
    return buildReceiverReport({
      ssrc: this.#ssrc,
      cname: 'vedette',
      blocks: [
        {
          ssrc: this.#senderSsrc,
          fractionLost: expectedNow > 0 ? Math.max(0, lostNow / expectedNow) : 0,
          packetsLost: expected - this.#received,
          highestSequence: this.#highest,
          jitter: Math.floor(this.#jitter),
          lastSenderReport: this.#lastReport,
          delaySinceLastSenderReport:
            this.#lastReport === 0 ? 0 : Math.floor(((nowMs - this.#lastReportAtMs) * 65_536) / 1000),
        },
      ],
    });
  }
}
