// Enters: a WHEP address and its bearer. Leaves: a WebRTC stream in a video element (draft-ietf-wish-whep-03).
// The offer goes out with the first address that ICE finds, without waiting for the others: a node that knows where
// to send its own checks is connected a round of pacing (50 ms) sooner than one that must wait for ours.
// Not its job: what to do when it fails.
import type { IceServer, ReasonCode } from '@vedette/contracts';
import { closePeer } from './close-peer.ts';
import { isUnfit } from './is-unfit.ts';
import type { ConnectionEvents, ConnectionStats, MediaConnection } from './media-connection.ts';
import type { LaneFailureKind } from './player-machine.ts';
import { problemOf } from './problem-answer.ts';
import type { Grant } from './view-grant.ts';
import { whepStats } from './whep-stats.ts';

export interface WhepConnectionOptions {
  readonly video: HTMLVideoElement;
  readonly audio: boolean;
  /** Known from an earlier answer; those of the grant win. */
  readonly iceServers: readonly IceServer[];
  readonly events: ConnectionEvents;
}

const ANSWER_WITHIN_MS = 8000;
const CANDIDATE_WITHIN_MS = 40;
/** What a camera may send and nodes forward; a short offer is parsed faster on both sides. */
const CODECS = new Set(['video/h264', 'video/h265', 'video/rtx']);
const UDP_CANDIDATE = /^a=candidate:\S+ \d+ udp /im;

export class WhepConnection implements MediaConnection {
  readonly #video: HTMLVideoElement;
  readonly #audio: boolean;
  readonly #events: ConnectionEvents;
  readonly #abort = new AbortController();
  #iceServers: readonly IceServer[];
  #peer: RTCPeerConnection | undefined;
  #offered: Promise<void> | undefined;
  /** The description that is being set. */
  #describing: Promise<void> = Promise.resolve();
  #grant: Grant | undefined;
  #resource: string | undefined;
  #answered = false;
  #soundTicks = 0;
  #connected = false;
  #sections: { readonly video: RTCRtpTransceiver; readonly audio: RTCRtpTransceiver | undefined } | undefined;

  constructor(options: WhepConnectionOptions) {
    this.#video = options.video;
    this.#audio = options.audio;
    this.#iceServers = options.iceServers;
    this.#events = options.events;
  }

  prepare(): void {
    this.#offered ??= this.#offer();
    // Whoever opens the connection awaits the same promise and reports.
    this.#offered.catch(() => undefined);
  }

  open(grant: Grant, iceServers: readonly IceServer[]): void {
    this.#grant = grant;
    if (iceServers.length > 0 && JSON.stringify(iceServers) !== JSON.stringify(this.#iceServers)) {
      this.#iceServers = iceServers;
      this.#letGo();
      this.#offered = undefined;
    }
    this.prepare();
    this.#negotiate(grant).catch(() => this.#fail('broken', 'playback_failed'));
  }

  renewed(grant: Grant): void {
    if (this.#grant !== undefined) this.#grant = grant;
  }

  get sound(): boolean {
    return receives(this.#sections?.audio);
  }

  get picture(): boolean | undefined {
    return this.#answered ? receives(this.#sections?.video) : undefined;
  }

  /** RTP time of what is played; it stands still when packets stay away, and goes on through silence. */
  soundCount(): number {
    const [source] = this.#sections?.audio?.receiver.getSynchronizationSources() ?? [];
    // A source that has been silent for ten seconds is listed no more.
    this.#soundTicks = source?.rtpTimestamp ?? this.#soundTicks;
    return this.#soundTicks;
  }

  async stats(): Promise<ConnectionStats> {
    const report = await this.#peer?.getStats();
    return whepStats(report === undefined ? [] : [...report.values()], Date.now());
  }

  close(goodbye: boolean): void {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort();
    this.#letGo();
    const { token } = this.#grant ?? {};
    if (!goodbye || this.#resource === undefined || token === undefined) return;
    const headers = { authorization: `Bearer ${token}` };
    fetch(this.#resource, { method: 'DELETE', keepalive: true, headers }).catch(() => undefined);
  }

  async #offer(): Promise<void> {
    const peer = new RTCPeerConnection({
      bundlePolicy: 'max-bundle',
      iceServers: this.#iceServers.map((server) => ({ ...server })),
    });
    this.#peer = peer;
    const transceiver = peer.addTransceiver('video', { direction: 'recvonly' });
    preferCodecs(transceiver);
    lowestDelay(transceiver.receiver);
    const stream = new MediaStream([transceiver.receiver.track]);
    const audio = this.#audio ? peer.addTransceiver('audio', { direction: 'recvonly' }) : undefined;
    if (audio !== undefined) stream.addTrack(audio.receiver.track);
    this.#sections = { video: transceiver, audio };
    this.#video.srcObject = stream;
    peer.oniceconnectionstatechange = this.#onIce;
    peer.onconnectionstatechange = this.#onConnection;
    peer.onicegatheringstatechange = this.#onGathering;
    const found = firstCandidate(peer);
    this.#describing = peer.setLocalDescription();
    await this.#describing;
    await found;
    this.#events.step('offerMs');
  }

  async #negotiate(grant: Grant): Promise<void> {
    await this.#offered;
    const { signal } = this.#abort;
    // As it is now: candidates that were gathered while the start call ran let the node begin its own checks at once.
    const offer = this.#peer?.localDescription?.sdp;
    if (signal.aborted || offer === undefined) return;
    let response: Response;
    let answer: string;
    try {
      response = await fetch(grant.url, {
        method: 'POST',
        headers: { 'content-type': 'application/sdp', authorization: `Bearer ${grant.token}` },
        body: offer,
        signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
      });
      if (!response.ok) return await this.#refused(response);
      answer = await response.text();
    } catch {
      return this.#fail('broken', 'media_unreachable');
    }
    const location = response.headers.get('location');
    if (location !== null) this.#resource = new URL(location, grant.url).href;
    this.#events.step('answerMs');
    const peer = this.#peer;
    if (peer === undefined) return;
    this.#describing = peer.setRemoteDescription({ type: 'answer', sdp: answer });
    await this.#describing;
    if (signal.aborted) return;
    this.#answered = true;
    this.#dropEmpty();
    if (!this.#connected) this.#events.answered(this.#doubtful());
  }

  async #refused(response: Response): Promise<void> {
    const { code, retryAfterMs } = await problemOf(response, 'media_unreachable');
    const refused = [401, 403, 404, 410].includes(response.status);
    this.#fail(isUnfit(code) ? 'unfit' : refused ? 'refused' : 'broken', code, retryAfterMs);
  }

  #fail(kind: LaneFailureKind, code: ReasonCode, retryAfterMs = 0): void {
    if (this.#abort.signal.aborted) return;
    this.#events.failed({ kind, code, retryAfterMs });
  }

  /** A video element waits for the first picture of a track that it was given, even after that is taken away. */
  #dropEmpty(): void {
    const { audio, video } = this.#sections ?? {};
    if (audio === undefined || receives(video)) return;
    this.#video.srcObject = new MediaStream([audio.receiver.track]);
  }

  /** Gathering is over and found no UDP address; WebRTC may still work where the browser only hides them. */
  #doubtful(): boolean {
    const peer = this.#peer;
    return (
      peer?.iceGatheringState === 'complete' && !UDP_CANDIDATE.test(peer.currentLocalDescription?.sdp ?? '')
    );
  }

  readonly #onGathering = (): void => {
    if (this.#answered && !this.#connected && this.#doubtful()) this.#events.answered(true);
  };

  readonly #onIce = (): void => {
    const state = this.#peer?.iceConnectionState;
    if (state === 'failed') {
      if (this.#connected) this.#fail('broken', 'media_unreachable');
      else this.#fail('no-path', 'media_unreachable');
    } else if ((state === 'connected' || state === 'completed') && !this.#connected) {
      this.#connected = true;
      this.#events.step('iceMs');
      this.#events.connected();
    }
  };

  readonly #onConnection = (): void => {
    const state = this.#peer?.connectionState;
    if (state === 'connected') this.#events.step('connectedMs');
    // The node ended it (DTLS closed), or DTLS failed; `disconnected` may heal, and the watchdog sees what is shown.
    else if (state === 'closed' || (state === 'failed' && this.#peer?.iceConnectionState !== 'failed')) {
      this.#fail('broken', 'media_unreachable');
    }
  };

  #letGo(): void {
    const peer = this.#peer;
    if (peer === undefined) return;
    peer.onicecandidate = null;
    this.#peer = undefined;
    this.#sections = undefined;
    this.#video.srcObject = null;
    closePeer(peer, this.#describing);
  }
}

function receives(section: RTCRtpTransceiver | undefined): boolean {
  const direction = section?.currentDirection;
  return direction === 'recvonly' || direction === 'sendrecv';
}

/** Resolves with the first address, with the end of gathering, or when waiting would cost more than it gains. */
function firstCandidate(peer: RTCPeerConnection): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, CANDIDATE_WITHIN_MS);
    peer.onicecandidate = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

function preferCodecs(transceiver: RTCRtpTransceiver): void {
  const all = RTCRtpReceiver.getCapabilities('video')?.codecs ?? [];
  const wanted = all.filter(({ mimeType }) => CODECS.has(mimeType.toLowerCase()));
  if (wanted.some(({ mimeType }) => !/rtx$/i.test(mimeType))) transceiver.setCodecPreferences(wanted);
}

/** Show each picture as soon as it is there; browsers that lack either name ignore it. */
function lowestDelay(receiver: RTCRtpReceiver): void {
  if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = 0;
  else if ('playoutDelayHint' in receiver) Reflect.set(receiver, 'playoutDelayHint', 0);
}
