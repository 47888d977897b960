import type { PacketTemplate } from './packet-template.ts';

/** A loop of pictures, or of packets of sound, with what an SDP says of it; immutable and shared by cameras. */
export interface Reel {
  /** Pictures, or packets of sound, a second. */
  readonly fps: number;
  /** Of its RTP timestamps. */
  readonly clockRate: number;
  readonly pictures: readonly PacketTemplate[];
  /** Indexes of the pictures that decoding can begin at, rising, never empty, the first 0. */
  readonly keyIndexes: readonly number[];
  /** Mean over the loop, kbit/s. */
  readonly kilobits: number;
  /** From `m=` on, without the control attribute. */
  readonly sdp: readonly string[];
}
