/** Where an unpacked payload goes. Views only: nothing is copied before a whole access unit is there. */
export interface NalSink {
  /** One whole NAL unit. */
  nal(nal: Uint8Array): void;
  /** A NAL unit that comes in pieces; `header` is its rebuilt NAL header. */
  fragmentStart(header: Uint8Array, piece: Uint8Array): void;
  fragment(piece: Uint8Array): void;
  fragmentEnd(): void;
  /** A kind of payload that is not understood, or one that contradicts itself. */
  skipped(): void;
}

/** Takes the RTP payload of one codec apart. */
export type UnpackPayload = (payload: Uint8Array, sink: NalSink) => void;
