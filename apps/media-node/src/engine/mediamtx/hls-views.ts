// The players of HLS, all of which come through us: who they are, what they were sent, what MediaMTX calls their session.
import type { MediaClaims, ReasonCode, SessionId } from '@vedette/contracts';
import type { Clock } from '@vedette/runtime';
import { viewFacts } from '../view-facts.ts';
import type { View, ViewRegistry } from '../view-registry.ts';

export interface HlsPlayer {
  readonly claims: MediaClaims;
  readonly path: string;
  readonly clientAddress: string;
  /** MediaMTX's cookies for it; undefined before its first answer. */
  cookie: string | undefined;
  /** Of the last playlist. */
  targetDurationMs: number;
  bytesSent: number;
  /** Requests that wait for an answer. */
  held: number;
  lastSeenMs: number;
  readonly ended: AbortSignal;
}

interface Present {
  readonly player: HlsPlayer;
  readonly view: View;
  readonly stop: AbortController;
}

interface HlsViewsOptions {
  readonly views: ViewRegistry;
  readonly clock: Clock;
  readonly onEnded: (view: View, reason: ReasonCode) => void;
}

/** Of an HLS viewer, in target durations, and never less than: contracts.md. */
const SILENT_TARGETS = 3;
const SILENT_AT_LEAST_MS = 6000;
const TARGET_AT_FIRST_MS = 4000;

export class HlsViews {
  readonly #options: HlsViewsOptions;
  readonly #present = new Map<SessionId, Present>();

  constructor(options: HlsViewsOptions) {
    this.#options = options;
  }

  /** The player of this view, new or known; another stream of the same view takes its place. */
  player(claims: MediaClaims, path: string, clientAddress: string): HlsPlayer {
    const known = this.#present.get(claims.sid);
    if (known?.player.path === path) {
      known.player.lastSeenMs = this.#options.clock.now();
      return known.player;
    }
    const stop = new AbortController();
    const player: HlsPlayer = {
      claims,
      path,
      clientAddress,
      cookie: undefined,
      targetDurationMs: TARGET_AT_FIRST_MS,
      bytesSent: 0,
      held: 0,
      lastSeenMs: this.#options.clock.now(),
      ended: stop.signal,
    };
    const view: View = {
      ...viewFacts(claims, path, clientAddress, 'hls'),
      stats: () => ({
        bytesSent: player.bytesSent,
        framesSent: 0,
        framesDropped: 0,
        packetsLost: 0,
        rttMs: null,
        progress: player.bytesSent,
      }),
      connected: () => true,
      close: (reason) => this.#end(present, reason),
    };
    const present: Present = { player, view, stop };
    // The registry puts the newer one in the place of the older by itself.
    known?.stop.abort();
    this.#present.set(claims.sid, present);
    this.#options.views.add(view);
    return player;
  }

  watches(path: string): boolean {
    return [...this.#present.values()].some(({ player }) => player.path === path);
  }

  /** No error when it is gone. */
  leave(sessionId: SessionId): void {
    const present = this.#present.get(sessionId);
    if (present !== undefined) this.#end(present, 'viewer_left');
  }

  /** Ends those that have fallen silent; to be called about once a second. */
  sweep(): void {
    const now = this.#options.clock.now();
    for (const present of [...this.#present.values()]) {
      const { held, lastSeenMs, targetDurationMs } = present.player;
      const silentMs = Math.max(SILENT_AT_LEAST_MS, SILENT_TARGETS * targetDurationMs);
      if (held === 0 && now - lastSeenMs > silentMs) this.#end(present, 'viewer_silent');
    }
  }

  #end(present: Present, reason: ReasonCode): void {
    const { onEnded, views } = this.#options;
    const { sessionId } = present.view;
    if (this.#present.get(sessionId) !== present) return;
    this.#present.delete(sessionId);
    present.stop.abort();
    views.remove(present.view, reason);
    onEnded(present.view, reason);
  }
}
