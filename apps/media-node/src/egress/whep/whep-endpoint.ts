// Enters: SDP offers of viewers who may watch. Leaves: answers, and sessions that send until one side ends them.
// Every peer of the process shares one UDP port. Not its job: HTTP (whep-routes.ts), tokens, where streams come from.
import { randomBytes } from 'node:crypto';
import type { ReasonCode } from '@vedette/contracts';
import type { CloseReason } from '@vedette/media-types';
import { type Clock, VedetteError } from '@vedette/runtime';
import nodeDataChannel from 'node-datachannel';
import type { AudioRenditionPort } from '../../hub/audio-rendition-port.ts';
import type { StreamHub } from '../../hub/stream-hub.ts';
import { planAnswer } from './answer-plan.ts';
import { libraryOffer, writeAnswer } from './answer-sdp.ts';
import { readOffer } from './offer.ts';
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
const GATHERING_MS = 1000;

type PeerConnection = InstanceType<typeof nodeDataChannel.PeerConnection>;
type PortHolder = InstanceType<typeof nodeDataChannel.IceUdpMuxListener>;

export class WhepEndpoint {
  readonly #options: WhepEndpointOptions;
  readonly #sessions = new Map<string, WhepSession>();
  readonly #bySessionId = new Map<string, WhepSession>();
  /**
   * Keeps the port while nobody watches: the library itself opens it with the first peer and closes it after the
   * last, and a port that somebody else took in between would end the whole process.
   */
  readonly #port: PortHolder;
  #cancelSweep: (() => void) | undefined;
  #closed = false;

  /** Throws an error with code `EADDRINUSE` when the UDP port cannot be had. */
  constructor(options: WhepEndpointOptions) {
    this.#options = options;
    nodeDataChannel.initLogger('Fatal', () => undefined);
    // Loads certificates and threads now, so that the first viewer does not pay for them.
    nodeDataChannel.preload();
    this.#port = holdPort(options);
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
    const connection = this.#connect();
    let session: WhepSession | undefined;
    try {
      connection.setRemoteDescription(libraryOffer(offer, plan), 'offer');
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
      const gathered = this.#gathered(connection);
      connection.setLocalDescription('answer');
      await gathered;
      const description = connection.localDescription();
      if (description === null) throw new Error('no local description');
      const answerSdp = writeAnswer({
        offer,
        plan,
        librarySdp: description.sdp,
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
    this.#port.stop();
  }

  #connect(): PeerConnection {
    const { bind, udpPort } = this.#options;
    return new nodeDataChannel.PeerConnection('viewer', {
      iceServers: [],
      enableIceUdpMux: true,
      portRangeBegin: udpPort,
      portRangeEnd: udpPort,
      disableAutoNegotiation: true,
      ...(isAnyAddress(bind) ? {} : { bindAddress: bind }),
    });
  }

  /** Host candidates only, so this takes as long as reading the interfaces. */
  #gathered(connection: PeerConnection): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(GATHERING_MS, resolve);
      connection.onGatheringStateChange((state) => {
        if (state !== 'complete') return;
        cancel();
        resolve();
      });
    });
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

function holdPort({ bind, udpPort }: WhepEndpointOptions): PortHolder {
  try {
    return new nodeDataChannel.IceUdpMuxListener(udpPort, isAnyAddress(bind) ? undefined : bind);
  } catch (cause) {
    throw Object.assign(
      new Error(`UDP port ${udpPort} cannot be opened on ${bind}: another program has it.`, { cause }),
      { code: 'EADDRINUSE' },
    );
  }
}

function isAnyAddress(bind: string): boolean {
  return bind === '0.0.0.0' || bind === '::';
}
