import type { PresentedCredentials } from './credentials.ts';

/** What a client wants of a path. */
export interface RtspAsk {
  /** Without the leading slash, without the control part of a track. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly credentials: PresentedCredentials;
  readonly address: string;
}

/** One frame as packets, made once and given to every reader. */
export interface PacketBatch {
  /** Which section of the description it belongs to. */
  readonly media: number;
  /** Whole RTP packets; views of `framed`. */
  readonly packets: readonly Buffer[];
  /** The same, each behind `$`, channel `2 * media` and its length (RFC 2326 section 10.12). */
  readonly framed: Buffer;
  /** A reader of this section can begin here. */
  readonly key: boolean;
}

/** What a reader was given since it came, and what it was too slow for. */
export interface ReaderStats {
  readonly bytesSent: number;
  readonly framesSent: number;
  readonly framesDropped: number;
}

/** Somebody who plays. */
export interface RtspReader {
  /** Never waits: a reader that is too slow goes on at a later key frame. */
  rtp(batch: PacketBatch): void;
  rtcp(media: number, data: Uint8Array): void;
  stats(): ReaderStats;
  /** The stream is over. */
  end(): void;
}

/** A stream that can be played. */
export interface RtspMount {
  readonly sdp: string;
  /** Control names of its sections, in their order. */
  readonly controls: readonly string[];
  /** Begins to feed a reader; the returned function stops that and may be repeated. */
  join(reader: RtspReader): () => void;
}

/** A stream that is being sent to us. */
export interface RtspRecording {
  rtp(media: number, data: Uint8Array): void;
  rtcp(media: number, data: Uint8Array): void;
  /** RECORD was answered: packets follow. */
  began(connection: { readonly overUdp: boolean; end(): void }): void;
  /** The sender is gone. Called once. */
  ended(): void;
}

/** Decides what paths there are and who may do what with them. Both throw RtspRefusal. */
export interface RtspHandler {
  play(ask: RtspAsk): Promise<RtspMount>;
  record(ask: RtspAsk, sdp: string): Promise<RtspRecording>;
}

/** An answer that is not 200. */
export class RtspRefusal extends Error {
  override readonly name = 'RtspRefusal';
  readonly status: number;
  readonly headers: readonly string[];

  constructor(status: number, reason: string, headers: readonly string[] = []) {
    super(reason);
    this.status = status;
    this.headers = headers;
  }
}
