import type { RtpPacket } from './rtp-packet.ts';

/** One audio frame out of a packet. */
export interface AudioPiece {
  readonly data: Uint8Array;
  /** Samples between the packet's timestamp and the beginning of this frame. */
  readonly offset: number;
  /** How long it is. */
  readonly samples: number;
}

/** What the frames themselves say; the SDP may know less, or be wrong. */
export interface AudioFacts {
  readonly sampleRate: number;
  readonly channels: number;
  readonly config: Uint8Array | undefined;
}

/** Takes the packets of one codec apart, in sequence order. Never throws. */
export interface AudioUnpacker {
  /** Undefined until a frame has told. */
  readonly facts: AudioFacts | undefined;
  /** Payloads that contradict themselves. */
  readonly skipped: number;
  /** Frames that lack a part. */
  readonly damaged: number;
  packet(packet: RtpPacket, lostBefore: number): readonly AudioPiece[];
}
