// Enters: SDP offers of viewers who may watch. Leaves: answers, and sessions that send until one side ends them.
// Every peer of the process shares one UDP port. Not its job: HTTP (whep-routes.ts), tokens, where streams come from.
import { randomBytes } from 'node:crypto';
import type { ReasonCode } from '@vedette/contracts';
import type { CloseReason } from '@vedette/media-types';
import { type Clock, VedetteError } from '@vedette/runtime';
import type { AudioRenditionPort } from '../../hub/audio-rendition-port.ts';
import type { StreamHub } from '../../hub/stream-hub.ts';
import { readOffer } from '../../webrtc/offer.ts';
import { PeerPort } from '../../webrtc/peer-port.ts';
import { planAnswer } from './answer-plan.ts';
import { plannedOffer, writeWhepAnswer } from './answer-sdp.ts';
import { addTracks } from './peer-tracks.ts';
import { hasReorderedPictures } from './picture-order.ts';
import { WhepSession } from './whep-session.ts';

export interface WhepEndpointOptions {
  readonly clock: Clock;
  readonly bind: string;
  readonly udpPort: number;
  /** Addresses offered beside the machine's own. */
  readonly publicHosts: readonly string[];
  /** Makes Opus of what browsers do not take; without it such sound is not sent. */
  readonly renditions?: AudioRenditionPort;
}

export interface WhepOpening {
  /** The view; a newer connection of the same one replaces the older. */
  readonly sessionId: string;
  readonly offerSdp: string;
  readonly hub: StreamHub;
  readonly onOpen: (session: WhepSession) => void;
  readonly onClosed: (session: WhepSession, reason: ReasonCode) => void;
}

export interface WhepOpened {
  readonly answerSdp: string;
  readonly session: WhepSession;
}

const SILENCE_MS = 5000;
const CONNECT_MS = 10_000;
const SWEEP_MS = 500;

export class WhepEndpoint {
  readonly #options: WhepEndpointOptions;
  readonly #sessions = new Map<string, WhepSession>();
  readonly #bySessionId = new Map<string, WhepSession>();
  /** Shared with whoever else connects by WebRTC. */
  readonly peers: PeerPort;
  #cancelSweep: (() => void) | undefined;
  #closed = false;

  /** Throws an error with code `EADDRINUSE` when the UDP port cannot be had. */
  constructor(options: WhepEndpointOptions) {
    this.#options = options;
    this.peers = new PeerPort(options);
  }

  /**
   * Answers at once, also for a camera that is still connecting: ICE and DTLS are done by its first key frame.
   * Throws VedetteError `invalid_offer`, `no_common_codec`, `has_b_frames`, `unavailable`.
   */
  async open(opening: WhepOpening): Promise<WhepOpened> {
    if (this.#closed) throw new VedetteError('unavailable', { retryAfterSeconds: 1 });
    const { clock } = this.#options;
    const offer = readOffer(opening.offerSdp);
    const plan = planAnswer(offer, opening.hub.currentTracks);
    if (plan.video !== undefined && hasReorderedPictures(opening.hub.gop().frames))
      throw new VedetteError('has_b_frames');
    const connection = this.peers.connect();
    let session: WhepSession | undefined;
    try {
      connection.setRemoteDescription(plannedOffer(offer, plan), 'offer');
      const tracks = addTracks(connection, plan);
      session = new WhepSession({
        id: randomBytes(18).toString('base64url'),
        sessionId: opening.sessionId,
        hub: opening.hub,
        remoteUfrag: offer.ufrag,
        candidates: offer.candidates.length,
        plan,
        connection,
        tracks,
        renditions: this.#options.renditions,
        clock,
        onOpen: opening.onOpen,
        onClosed: (ended, reason) => {
          this.#forget(ended);
          opening.onClosed(ended, reason);
        },
      });
      const librarySdp = await this.peers.answer(connection);
      const answerSdp = writeWhepAnswer({
        offer,
        plan,
        librarySdp,
        sources: tracks.sources,
        network: this.#options,
      });
      this.#bySessionId.get(opening.sessionId)?.close('replaced');
      this.#sessions.set(session.id, session);
      this.#bySessionId.set(opening.sessionId, session);
      this.#cancelSweep ??= clock.after(SWEEP_MS, this.#sweep);
      return { answerSdp, session };
    } catch (cause) {
      if (session === undefined) connection.close();
      else session.close('shutting_down');
      throw cause instanceof VedetteError ? cause : new VedetteError('invalid_offer', { cause });
    }
  }

  session(resource: string): WhepSession | undefined {
    return this.#sessions.get(resource);
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  close(reason: CloseReason): void {
    this.#closed = true;
    this.#cancelSweep?.();
    for (const session of [...this.#sessions.values()]) session.close(reason);
    this.peers.close();
  }

  #forget(session: WhepSession): void {
    this.#sessions.delete(session.id);
    if (this.#bySessionId.get(session.sessionId) === session) this.#bySessionId.delete(session.sessionId);
  }

  readonly #sweep = (): void => {
    const now = this.#options.clock.now();
    for (const session of [...this.#sessions.values()]) {
      if (session.stats().state === 'connecting') {
        if (now - session.createdAtMs > CONNECT_MS) session.close('never_connected');
      } else if (session.unansweredMs > SILENCE_MS) session.close('viewer_silent');
    }
    this.#cancelSweep =
      this.#sessions.size > 0 ? this.#options.clock.after(SWEEP_MS, this.#sweep) : undefined;
  };
}
