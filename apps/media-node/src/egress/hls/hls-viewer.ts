import type { MediaClaims, ReasonCode } from '@vedette/contracts';
import { VedetteError } from '@vedette/runtime';
import type { HlsMuxer } from './hls-muxer.ts';

export interface HlsViewerOptions {
  readonly claims: MediaClaims;
  readonly path: string;
  readonly clientAddress: string;
  /** What it came in with. */
  readonly capability: string;
  readonly muxer: HlsMuxer;
  /** Ms since the Unix epoch. */
  readonly connectedAtMs: number;
  /** On the monotonic clock, ms. */
  readonly nowMs: number;
  readonly onClose: (viewer: HlsViewer, reason: ReasonCode) => void;
}

/** A player holds one or two; a second page with the same capability as many. */
const MAX_HELD = 8;

/** One view of one stream, from its first playlist request until it leaves, falls silent or is ended. */
export class HlsViewer {
  readonly claims: MediaClaims;
  readonly path: string;
  readonly clientAddress: string;
  readonly connectedAtMs: number;
  readonly #muxer: HlsMuxer;
  readonly #onClose: (viewer: HlsViewer, reason: ReasonCode) => void;
  readonly #mediaBytesBefore: number;
  readonly #framesBefore: number;
  #capability: string;
  #playlistBytes = 0;
  #lastSeenMs: number;
  #held = 0;
  #closed = false;

  constructor(options: HlsViewerOptions) {
    this.claims = options.claims;
    this.path = options.path;
    this.clientAddress = options.clientAddress;
    this.connectedAtMs = options.connectedAtMs;
    this.#capability = options.capability;
    this.#muxer = options.muxer;
    this.#onClose = options.onClose;
    this.#mediaBytesBefore = options.muxer.mediaBytes;
    this.#framesBefore = options.muxer.frames;
    this.#lastSeenMs = options.nowMs;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** On the monotonic clock, ms; a request that is being held counts as now. */
  lastSeenMs(nowMs: number): number {
    return this.#held > 0 ? nowMs : this.#lastSeenMs;
  }

  /**
   * Media comes under names that carry no viewer, so that caches may hold it: counted is what was published while
   * this viewer was here, which a player fetches once, and the playlists that were sent.
   */
  stats(): { readonly bytesSent: number; readonly framesSent: number } {
    return {
      bytesSent: this.#playlistBytes + this.#muxer.mediaBytes - this.#mediaBytesBefore,
      framesSent: this.#muxer.frames - this.#framesBefore,
    };
  }

  /** The newest that was accepted. */
  get capability(): string {
    return this.#capability;
  }

  /** A playlist request came, with a capability that holds. */
  seen(nowMs: number, capability: string): void {
    this.#lastSeenMs = nowMs;
    this.#capability = capability;
  }

  /** The request waits; `answered` follows, however it ends. Throws `rate_limited` when too many wait already. */
  held(): void {
    if (this.#held >= MAX_HELD) throw new VedetteError('rate_limited', { retryAfterSeconds: 1 });
    this.#held += 1;
  }

  answered(nowMs: number): void {
    this.#held -= 1;
    this.#lastSeenMs = nowMs;
  }

  sent(playlistBytes: number): void {
    this.#playlistBytes += playlistBytes;
  }

  /** Held requests are answered at once. May be repeated. */
  close(reason: ReasonCode): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose(this, reason);
    this.#muxer.release(
      this,
      new VedetteError(reason === 'revoked' ? 'session_revoked' : 'session_not_found'),
    );
  }
}
